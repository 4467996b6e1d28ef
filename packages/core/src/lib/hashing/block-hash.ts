import type { Bytes } from '../text-encoding.ts';

/**
 * A Merkle–Damgård hash of FIPS 180-4, by its compression function.
 *
 * State and block are 32-bit words, big endian; the 64-bit words of SHA-512 take two each, the high half first.
 */
export interface BlockHash {
  /** In octets. */
  readonly outputLength: number;
  /** In octets: 64, or 128 for the SHA-512 family. */
  readonly blockLength: number;
  readonly initialState: readonly number[];
  /** Adds one block to `state`; leaves `block` as it is. */
  compress(state: Int32Array, block: Int32Array): void;
}

/** The hash of `message`. */
export function hash(algorithm: BlockHash, message: Uint8Array): Bytes {
  const state = Int32Array.from(algorithm.initialState);
  absorb(algorithm, state, message, message.length);
  return outputOctets(algorithm, state);
}

/**
 * Replaces a digest by the digest of itself, `rounds` times over: what PKCS#12 and PBKDF1 derive keys with.
 *
 * @param digest in words, as a state is; changed in place
 */
export type HashLoop = (digest: Int32Array, rounds: number) => void;

/**
 * The loop in JavaScript, for every runtime.
 *
 * Each round hashes exactly one block, so it runs on the same three arrays and allocates nothing. A general hash function
 * costs ten times as much there, which with the 600,000 iterations that NSS and GnuTLS write makes the difference between
 * a blink and several seconds.
 */
export function hashLoop(algorithm: BlockHash): HashLoop {
  const { compress, outputLength } = algorithm;
  const block = paddedBlock(algorithm, outputLength, outputLength);
  const initial = Int32Array.from(algorithm.initialState);
  const words = outputLength / 4;
  return (digest, rounds) => {
    const state = Int32Array.from(initial);
    for (let i = 0; i < words; i++) state[i] = digest[i] as number;
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < words; i++) block[i] = state[i] as number;
      state.set(initial);
      compress(state, block);
    }
    digest.set(state.subarray(0, words));
  };
}

/** `hash(hash(… message))`, `iterations` times. */
export function iteratedHash(algorithm: BlockHash, message: Uint8Array, iterations: number, loop: HashLoop): Bytes {
  const state = Int32Array.from(algorithm.initialState);
  absorb(algorithm, state, message, message.length);
  loop(state, iterations - 1);
  return outputOctets(algorithm, state);
}

/** Adds `message` and its padding; `totalLength` counts the octets that `state` has had already as well. */
export function absorb(algorithm: BlockHash, state: Int32Array, message: Uint8Array, totalLength: number): void {
  const { blockLength } = algorithm;
  const whole = message.length - (message.length % blockLength);
  compressAll(algorithm, state, message.subarray(0, whole));
  // 0x80, zeros, and the length in bits in the last 8 or 16 octets (FIPS 180-4 §5.1).
  const lengthOctets = blockLength / 8;
  const rest = message.length - whole;
  const tail = new Uint8Array(rest + 1 + lengthOctets > blockLength ? 2 * blockLength : blockLength);
  tail.set(message.subarray(whole));
  tail[rest] = 0x80;
  new DataView(tail.buffer).setBigUint64(tail.length - 8, BigInt(totalLength) * 8n);
  compressAll(algorithm, state, tail);
}

/** Adds whole blocks. */
function compressAll({ compress, blockLength }: BlockHash, state: Int32Array, blocks: Uint8Array): void {
  const view = new DataView(blocks.buffer, blocks.byteOffset, blocks.length);
  const block = new Int32Array(blockLength / 4);
  for (let offset = 0; offset < blocks.length; offset += blockLength) {
    for (let i = 0; i < block.length; i++) block[i] = view.getInt32(offset + 4 * i);
    compress(state, block);
  }
}

/** A last block with room for `messageLength` octets at its start. */
export function paddedBlock({ blockLength }: BlockHash, messageLength: number, totalLength: number): Int32Array {
  const block = new Int32Array(blockLength / 4);
  block[messageLength / 4] = 0x80000000;
  block[block.length - 1] = totalLength * 8;
  return block;
}

export function wordsOf(octets: Uint8Array): Int32Array {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
  return Int32Array.from({ length: octets.length / 4 }, (_, index) => view.getInt32(4 * index));
}

export function outputOctets({ outputLength }: BlockHash, state: Int32Array): Bytes {
  const octets = new Uint8Array(outputLength);
  const view = new DataView(octets.buffer);
  for (let i = 0; i < outputLength / 4; i++) view.setInt32(4 * i, state[i] as number);
  return octets;
}
