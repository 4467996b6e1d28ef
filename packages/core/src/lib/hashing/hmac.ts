import type { Bytes } from '../text-encoding.ts';
import { absorb, type BlockHash, hash, outputOctets, paddedBlock, wordsOf } from './block-hash.ts';

/** HMAC (RFC 2104). */
export function hmac(algorithm: BlockHash, key: Uint8Array, message: Uint8Array): Bytes {
  const { inner, outer } = hmacStates(algorithm, key);
  absorb(algorithm, inner, message, algorithm.blockLength + message.length);
  const innerHash = outputOctets(algorithm, inner);
  absorb(algorithm, outer, innerHash, algorithm.blockLength + innerHash.length);
  return outputOctets(algorithm, outer);
}

/** PBKDF2 (RFC 8018 §5.2) with HMAC, for the hashes that Web Crypto does not have; allocates nothing in its loop. */
export function pbkdf2(
  algorithm: BlockHash,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Bytes {
  const derived = new Uint8Array(length);
  const { outputLength } = algorithm;
  for (let index = 1, offset = 0; offset < length; index++, offset += outputLength) {
    const seed = new Uint8Array(salt.length + 4);
    seed.set(salt);
    new DataView(seed.buffer).setUint32(salt.length, index);
    const block = pbkdf2Block(algorithm, password, seed, iterations);
    derived.set(block.subarray(0, Math.min(outputLength, length - offset)), offset);
  }
  return derived;
}

function pbkdf2Block(algorithm: BlockHash, password: Uint8Array, seed: Uint8Array, iterations: number): Bytes {
  const { compress, outputLength, blockLength } = algorithm;
  const { inner, outer } = hmacStates(algorithm, password);
  const words = outputLength / 4;
  const first = wordsOf(hmac(algorithm, password, seed));
  const sum = Int32Array.from(first);
  // Both passes of the HMAC hash the key's block, which `inner` and `outer` have behind them, and one block more.
  const block = paddedBlock(algorithm, outputLength, blockLength + outputLength);
  for (let i = 0; i < words; i++) block[i] = first[i] as number;
  const state = new Int32Array(inner.length);
  for (let round = 1; round < iterations; round++) {
    state.set(inner);
    compress(state, block);
    for (let i = 0; i < words; i++) block[i] = state[i] as number;
    state.set(outer);
    compress(state, block);
    for (let i = 0; i < words; i++) {
      block[i] = state[i] as number;
      sum[i] = (sum[i] as number) ^ (state[i] as number);
    }
  }
  return outputOctets(algorithm, sum);
}

/** The two states after the key's block: with ipad and with opad. */
function hmacStates(algorithm: BlockHash, key: Uint8Array): { inner: Int32Array; outer: Int32Array } {
  const padded = new Uint8Array(algorithm.blockLength);
  padded.set(key.length > algorithm.blockLength ? hash(algorithm, key) : key);
  const after = (pad: number): Int32Array => {
    const state = Int32Array.from(algorithm.initialState);
    algorithm.compress(state, wordsOf(padded.map((octet) => octet ^ pad)));
    return state;
  };
  return { inner: after(0x36), outer: after(0x5c) };
}
