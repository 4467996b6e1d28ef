import type { Expression, FunctionWriter } from '../web-assembly/function-writer.ts';
import { cubeRootConstants } from './prime-constants.ts';

/** Writes the rounds of a compression function: from the state and the sixteen words of a block to the next state. */
export type CompressionWriter = (
  code: FunctionWriter,
  state: readonly Expression[],
  block: readonly Expression[],
) => readonly Expression[];

/** FIPS 180-4 §4.2.1. */
const sha1Constants = [0x5a827999n, 0x6ed9eba1n, 0x8f1bbcdcn, 0xca62c1d6n];

/** FIPS 180-4 §6.1.2. */
export const writeSha1: CompressionWriter = (code, state, block) => {
  const { add, and, xor } = code;
  const rotateLeft = (word: Expression, bits: number): Expression => code.rotateRight(word, 32 - bits);
  const w = [...block];
  let [a, b, c, d, e] = state as Five;
  for (let t = 0; t < 80; t++) {
    if (t >= 16) w.push(code.hold(rotateLeft(xor(at(w, t - 3), at(w, t - 8), at(w, t - 14), at(w, t - 16)), 1)));
    const quarter = Math.floor(t / 20);
    const mixed = [
      // Ch, Parity and Maj of §4.1.1, the first and the last written with fewer operations.
      xor(d, and(b, xor(c, d))),
      xor(b, c, d),
      add(and(b, c), and(d, xor(b, c))),
      xor(b, c, d),
    ];
    const constant = code.constant(at(sha1Constants, quarter));
    const next = code.hold(add(e, at(w, t), constant, at(mixed, quarter), rotateLeft(a, 5)));
    [a, b, c, d, e] = [next, a, code.hold(rotateLeft(b, 30)), c, d];
  }
  return [a, b, c, d, e].map((word, i) => code.hold(add(word, at(state, i))));
};

/** The numbers of bits in FIPS 180-4 §4.1.2 and §4.1.3; the last of a small sigma is a shift. */
const sha2 = {
  32: { rounds: 64, sum0: [2, 13, 22], sum1: [6, 11, 25], sigma0: [7, 18, 3], sigma1: [17, 19, 10] },
  64: { rounds: 80, sum0: [28, 34, 39], sum1: [14, 18, 41], sigma0: [1, 8, 7], sigma1: [19, 61, 6] },
} as const;

/** FIPS 180-4 §6.2.2 and §6.4.2: SHA-256 and SHA-512 differ in the length of a word and in these numbers only. */
export const writeSha2: CompressionWriter = (code, state, block) => {
  const { add, and, xor, rotateRight, shiftRight } = code;
  const { rounds, sum0, sum1, sigma0, sigma1 } = sha2[code.wordLength];
  const sum = (word: Expression, [x, y, z]: Three): Expression =>
    xor(rotateRight(word, x), rotateRight(word, y), rotateRight(word, z));
  const sigma = (word: Expression, [x, y, z]: Three): Expression =>
    xor(rotateRight(word, x), rotateRight(word, y), shiftRight(word, z));
  const constants = roundConstants(rounds, code.wordLength);
  const w = [...block];
  let [a, b, c, d, e, f, g, h] = state as Eight;
  let bXorC = code.hold(xor(b, c));
  for (let t = 0; t < rounds; t++) {
    if (t >= 16)
      w.push(code.hold(add(at(w, t - 16), sigma(at(w, t - 15), sigma0), at(w, t - 7), sigma(at(w, t - 2), sigma1))));
    const choice = xor(g, and(e, xor(f, g)));
    const t1 = code.hold(add(h, at(w, t), code.constant(at(constants, t)), choice, sum(e, sum1)));
    // Maj(a, b, c), which in the next round finds a ⊕ b as its b ⊕ c.
    const aXorB = code.hold(xor(a, b));
    const majority = xor(b, and(aXorB, bXorC));
    const next = code.hold(add(t1, sum(a, sum0), majority));
    [a, b, c, d, e, f, g, h] = [next, a, b, c, code.hold(add(d, t1)), e, f, g];
    bXorC = aXorB;
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => code.hold(add(word, at(state, i))));
};

type Three = readonly [number, number, number];
type Five = [Expression, Expression, Expression, Expression, Expression];
type Eight = [...Five, Expression, Expression, Expression];

function roundConstants(count: number, wordLength: number): readonly bigint[] {
  const halves = cubeRootConstants(count);
  return Array.from({ length: count }, (_, t) => {
    const [high, low] = [BigInt(at(halves, 2 * t) >>> 0), BigInt(at(halves, 2 * t + 1) >>> 0)];
    return wordLength === 32 ? high : (high << 32n) | low;
  });
}

/** What stands in a list where it cannot be missing. */
function at<T>(list: ArrayLike<T>, index: number): T {
  return list[index] as T;
}
