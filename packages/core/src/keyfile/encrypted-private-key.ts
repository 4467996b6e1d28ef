import { DerReader } from '../lib/der/reader.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import type { Collector } from './collector.ts';
import type { FoundLabels } from './key-file-contents.ts';
import type { Opening } from './opening.ts';
import { decryptWithPassword } from './password-encryption.ts';

/** Opens EncryptedPrivateKeyInfo (RFC 5958 §3), in a PEM block or in a bag of a PKCS#12 file. */
export async function readEncryptedPrivateKey(
  der: Bytes,
  opening: Opening,
  collector: Collector,
  labels: FoundLabels,
): Promise<void> {
  const outer = new DerReader(der);
  const reader = outer.sequence();
  outer.end();
  const identifier = readAlgorithmIdentifier(reader);
  const ciphertext = reader.octetString();
  reader.end();
  if (opening.unwrap !== undefined) {
    const { collectUnwrapped } = await import('./unwrapped-private-key.ts');
    if (await collectUnwrapped({ identifier, ciphertext }, opening, collector, labels)) return;
  }
  await decryptWithPassword({ identifier, ciphertext }, opening.passwords, opening.cost, (key) =>
    collector.addPrivateKey(key, labels),
  );
}
