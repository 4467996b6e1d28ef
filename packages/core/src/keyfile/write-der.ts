import type { Bytes } from '../lib/text-encoding.ts';
import type { Platform } from '../platform.ts';

/** How a private key is written as DER. */
export interface WriteDerOptions {
  /** Encrypts the private key. */
  readonly password?: string | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

/**
 * Writes a private key as DER: PrivateKeyInfo as it is, or EncryptedPrivateKeyInfo (RFC 5958 §3; PBES2 with AES-256) when
 * there is a password. A certificate as DER is its own `der`.
 *
 * @param pkcs8 PrivateKeyInfo (RFC 5958) as DER
 * @returns a secret, encrypted or not
 * @throws {RangeError} when the password is empty, which no tool would ask for
 * @example
 * const der = await writeDer(keyPair.pkcs8, { password });
 */
export async function writeDer(pkcs8: Bytes, { password, platform }: WriteDerOptions = {}): Promise<Bytes> {
  if (password === undefined) return new Uint8Array(pkcs8);
  if (password === '') throw new RangeError('write DER: the password is empty');
  const { encryptPrivateKey } = await import('./write-encryption.ts');
  return encryptPrivateKey(pkcs8, password, platform);
}
