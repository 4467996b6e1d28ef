import { DerReader } from '../lib/der/reader.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import type { Opening } from './opening.ts';
import { decryptWithPassword } from './password-encryption.ts';

/**
 * Opens EncryptedPrivateKeyInfo (RFC 5958 §3), in a PEM block or in a bag of a PKCS#12 file, and hands the key to `read`,
 * which throws a `DerError` when it is none.
 */
export async function readEncryptedPrivateKey(
  der: Bytes,
  { passwords, cost }: Opening,
  read: (pkcs8: Bytes) => Promise<void>,
): Promise<void> {
  const outer = new DerReader(der);
  const reader = outer.sequence();
  outer.end();
  const identifier = readAlgorithmIdentifier(reader);
  const ciphertext = reader.octetString();
  reader.end();
  await decryptWithPassword({ identifier, ciphertext }, passwords, cost, read);
}
