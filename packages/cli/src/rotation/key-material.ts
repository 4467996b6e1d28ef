import { CertgrantError, type KeyFileContents, type Platform, readKeyFile } from '@certgrant/core';
import { choosePair } from '../certificate-choice.ts';
import { type KeyFileForm, type KeyFileMaterial, renderKeyFile } from '../key-file-forms.ts';

/** How the key files of a rotation are opened, and how the new one is written: as the current one is. */
export interface KeyFileFormat {
  readonly form: Extract<KeyFileForm, 'pfx' | 'pem' | 'jwk'>;
  /** `undefined` where the file has none. */
  readonly password: string | undefined;
  readonly allowCostly: boolean;
  readonly friendlyName: string | undefined;
}

/** The private key of a file with its certificate and the chain, to be written into another one. */
export async function materialOf(contents: KeyFileContents, path: string): Promise<KeyFileMaterial> {
  const { key, chain, keyMatches } = await choosePair(contents, {});
  if (key !== undefined && keyMatches === true) return { key, certificates: chain };
  throw new CertgrantError(
    key === undefined ? 'PRIVATE_KEY_MISSING' : chain.length === 0 ? 'CERTIFICATE_MISSING' : 'KEY_MISMATCH',
    `rotate: ${path} does not hold a private key and its certificate`,
    { fix: 'Put the two into one file: certgrant cert join KEY CERTIFICATE --out FILE' },
  );
}

/** The form in which the current key file is written. */
export function formatOf(
  contents: KeyFileContents,
  opened: { readonly password: string | undefined; readonly allowCostly: boolean },
): KeyFileFormat {
  const { format, privateKeys } = contents;
  if (format === 'der') {
    throw new CertgrantError('CERTIFICATE_MISSING', 'rotate: a DER file holds a key or a certificate, and not both', {
      fix: 'Put the two into one file: certgrant cert join KEY CERTIFICATE --out FILE',
    });
  }
  return { form: format, friendlyName: privateKeys[0]?.friendlyName, ...opened };
}

/** Opens a file of that form. */
export function openAs(bytes: Uint8Array, { password, allowCostly }: KeyFileFormat): Promise<KeyFileContents> {
  return readKeyFile(bytes, { password, allowCostly });
}

/** A new file of that form, as octets. */
export function renderAs(
  { form, password, friendlyName }: KeyFileFormat,
  material: KeyFileMaterial,
  platform: Partial<Platform> | undefined,
): Promise<Uint8Array> {
  return renderKeyFile(form, material, {
    password,
    legacy: false,
    pem: false,
    friendlyName,
    keyId: undefined,
    platform,
  });
}
