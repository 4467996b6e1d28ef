import type { Certificate } from '../certificate/certificate.ts';
import { type Bytes, toBase64 } from '../lib/text-encoding.ts';
import type { Platform } from '../platform.ts';

/** What goes into a PEM file. */
export interface PemContents {
  /** PrivateKeyInfo (RFC 5958) as DER. */
  readonly pkcs8?: Bytes | undefined;
  /** The leaf first. */
  readonly certificates: readonly Certificate[];
}

/** How a PEM file protects its private key. */
export interface WritePemOptions {
  /** Encrypts the private key. */
  readonly password?: string | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

/**
 * Writes a private key and certificates as PEM (RFC 7468): `PRIVATE KEY`, or `ENCRYPTED PRIVATE KEY` (PBES2 with AES-256)
 * when there is a password, then each `CERTIFICATE`.
 *
 * @returns the text, with a line break at its end; a secret when there is a private key in it
 * @throws {RangeError} when the password is empty, which no tool would ask for
 * @example
 * const text = await writePem({ pkcs8: keyPair.pkcs8, certificates: [certificate] });
 */
export async function writePem(contents: PemContents, options: WritePemOptions = {}): Promise<string> {
  const blocks = contents.certificates.map(({ der }) => pemBlock('CERTIFICATE', der));
  if (contents.pkcs8 !== undefined) blocks.unshift(await keyBlock(contents.pkcs8, options));
  return blocks.join('');
}

async function keyBlock(pkcs8: Bytes, { password, platform }: WritePemOptions): Promise<string> {
  if (password === undefined) return pemBlock('PRIVATE KEY', pkcs8);
  if (password === '') throw new RangeError('write PEM: the password is empty');
  const { encryptPrivateKey } = await import('./write-encryption.ts');
  return pemBlock('ENCRYPTED PRIVATE KEY', await encryptPrivateKey(pkcs8, password, platform));
}

export function pemBlock(label: string, der: Uint8Array): string {
  const lines = toBase64(der).replaceAll(/.{1,64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}-----END ${label}-----\n`;
}
