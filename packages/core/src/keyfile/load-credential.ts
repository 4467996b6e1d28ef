import type { Credential } from './credential.ts';
import { privateKeyOf } from './private-key.ts';
import { type ReadKeyFileOptions, readKeyFile } from './read-key-file.ts';
import { type SelectionOptions, selectCredential } from './select-credential.ts';

/** How to load a credential. */
export interface LoadCredentialOptions extends ReadKeyFileOptions, SelectionOptions {
  /** A separate file with the private key; without it the key is in the same file as the certificate. */
  readonly keyBytes?: Uint8Array | undefined;
  /** The key file's password, where it has another than `password`. */
  readonly keyPassword?: string | undefined;
}

/**
 * Loads a private key with its certificate from files of any kind, recognised by their contents.
 *
 * The certificate is found by its public key, wherever in the file it stands, and the chain is put in order. Where
 * several certificates have their key there, see {@link selectCredential} for which is taken.
 *
 * @param bytes the file as it is: PFX, PEM, DER or JWK
 * @returns the private key, usable and not readable, with its certificate and the chain, leaf first
 * @throws {CertgrantError} what {@link readKeyFile} throws; `PRIVATE_KEY_MISSING`, `CERTIFICATE_MISSING`, `KEY_MISMATCH`
 * @example
 * const credential = await loadCredential(await readFile('daemon.pfx'), { password });
 */
export async function loadCredential(bytes: Uint8Array, options: LoadCredentialOptions = {}): Promise<Credential> {
  const { password, allowCostly, keyBytes, keyPassword = password } = options;
  const files = [await readKeyFile(bytes, { password, allowCostly })];
  if (keyBytes !== undefined) files.unshift(await readKeyFile(keyBytes, { password: keyPassword, allowCostly }));
  // The key file's keys if it has any: people also give the two files in the other order.
  const privateKeys = files.find((file) => file.privateKeys.length > 0)?.privateKeys ?? [];
  const certificates = files.toReversed().flatMap((file) => file.certificates);
  const skipped = files.flatMap((file) => file.skipped);
  const { key, certificate, chain } = await selectCredential({ privateKeys, certificates, skipped }, options);
  return { privateKey: privateKeyOf(key.pkcs8, key.publicKey), certificate: certificate.certificate, chain };
}
