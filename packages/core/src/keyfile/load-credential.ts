import { engine } from '#engine';
import type { CollectedContents } from './collector.ts';
import type { Credential, PrivateKey } from './credential.ts';
import type { FoundCertificate, FoundKey } from './key-file-contents.ts';
import { privateKeyOf } from './private-key.ts';
import { type ReadKeyFileOptions, readContents } from './read-key-file.ts';
import { type SelectionOptions, selectPair } from './select-credential.ts';

/** How to load a credential. */
export interface LoadCredentialOptions extends ReadKeyFileOptions, SelectionOptions {
  /** A second file with the private key, when `bytes` holds only the certificate. */
  readonly keyBytes?: Uint8Array | undefined;
  /** The password of `keyBytes` where it is another one. */
  readonly keyPassword?: string | undefined;
}

/**
 * Opens a key file and makes its key ready to sign.
 *
 * The certificate is found by its public key, wherever in the file it stands, and the chain is put in order. Where
 * several certificates have their key there, see {@link selectCredential} for which is taken.
 *
 * In a browser, a key under PBKDF2 and AES-CBC, as tools write it today, is imported without ever standing in the page's
 * memory in the clear; `deriveSealingKey` of such a key gives `undefined`.
 *
 * @param bytes the file as it is: PFX, PEM, DER or JWK
 * @returns the private key, usable and not readable, with its certificate and the chain, leaf first
 * @throws {CertgrantError} what {@link readKeyFile} throws; `PRIVATE_KEY_MISSING`, `CERTIFICATE_MISSING`, `KEY_MISMATCH`
 * @example
 * const credential = await loadCredential(await readFile('daemon.pfx'), { password });
 */
export async function loadCredential(bytes: Uint8Array, options: LoadCredentialOptions = {}): Promise<Credential> {
  const { password, allowCostly, keyBytes, keyPassword = password } = options;
  const read = (file: Uint8Array, its: string | undefined): Promise<CollectedContents> =>
    readContents(file, { password: its, allowCostly }, engine.unwrapSigningKey);
  const files = [await read(bytes, password)];
  if (keyBytes !== undefined) files.unshift(await read(keyBytes, keyPassword));
  const certificates = files.toReversed().flatMap((file) => file.certificates);
  const skipped = files.flatMap((file) => file.skipped);
  // The key file's keys if it has any: people also give the two files in the other order.
  const holder = files.find((file) => file.privateKeys.length + file.unwrappedKeys.length > 0);
  const privateKeys = holder === undefined ? [] : await usableKeys(holder, certificates);
  const { key, certificate, chain } = await selectPair({ privateKeys, certificates, skipped }, options);
  return { privateKey: key.privateKey, certificate: certificate.certificate, chain };
}

/** A key of a file, ready to sign. */
type UsableKey = Omit<FoundKey, 'pkcs8'> & { readonly privateKey: PrivateKey };

async function usableKeys(
  { privateKeys, unwrappedKeys }: CollectedContents,
  certificates: readonly FoundCertificate[],
): Promise<readonly UsableKey[]> {
  const read = privateKeys.map(({ pkcs8, ...found }) => ({
    ...found,
    privateKey: privateKeyOf(pkcs8, found.publicKey),
  }));
  if (unwrappedKeys.length === 0) return read;
  const { identifyKeys } = await import('./unwrapped-private-key.ts');
  return [...read, ...(await identifyKeys(unwrappedKeys, certificates))];
}
