import { concatenate } from '../lib/der/reader.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import type { HashFunction } from './hash-function.ts';

/** What the derived octets are for (RFC 7292 Appendix B.3). */
export const purpose = { key: 1, iv: 2, mac: 3 } as const;

/**
 * The key derivation of PKCS#12 (RFC 7292 Appendix B.2).
 *
 * @param password as octets, in UTF-16 with its final zero
 */
export async function derivePkcs12(
  hash: Pick<HashFunction, 'blockLength' | 'outputLength' | 'iterate'>,
  password: Uint8Array,
  { salt, iterations, id, length }: { salt: Uint8Array; iterations: number; id: number; length: number },
): Promise<Bytes> {
  const { blockLength, outputLength } = hash;
  const diversifier = new Uint8Array(blockLength).fill(id);
  const input = concatenate([repeated(salt, blockLength), repeated(password, blockLength)]);
  const derived = new Uint8Array(length);
  for (let offset = 0; offset < length; offset += outputLength) {
    const block = await hash.iterate(concatenate([diversifier, input]), iterations);
    derived.set(block.subarray(0, Math.min(outputLength, length - offset)), offset);
    if (offset + outputLength < length) addToEachBlock(input, repeated(block, blockLength).subarray(0, blockLength));
  }
  return derived;
}

/** As many copies of `octets` as fill whole blocks, the last one cut; nothing for nothing. */
function repeated(octets: Uint8Array, blockLength: number): Bytes {
  const filled = new Uint8Array(Math.ceil(octets.length / blockLength) * blockLength);
  for (let i = 0; i < filled.length; i++) filled[i] = octets[i % octets.length] as number;
  return filled;
}

/** Every block of `input` plus `addend` plus one, as big-endian numbers modulo the block. */
function addToEachBlock(input: Uint8Array, addend: Uint8Array): void {
  const { length } = addend;
  for (let start = 0; start < input.length; start += length) {
    let carry = 1;
    for (let i = length - 1; i >= 0; i--) {
      carry += (input[start + i] as number) + (addend[i] as number);
      input[start + i] = carry & 0xff;
      carry >>= 8;
    }
  }
}
