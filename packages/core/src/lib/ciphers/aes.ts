import type { BlockCipher } from './block-cipher.ts';

/**
 * AES (FIPS 197), decryption only, for keys of 192 bits: Chromium's Web Crypto has none, and a few tools use them.
 *
 * Every other AES runs in Web Crypto. This one is small and not built to resist who can measure its timing from the same
 * machine, which reading one's own file does not ask for.
 */
export function aesCipher(key: Uint8Array): BlockCipher {
  boxes ??= substitutionBoxes();
  const { box, inverse } = boxes;
  const roundKeys = expandKey(key, box);
  const rounds = roundKeys.length / 16 - 1;
  const state = new Uint8Array(16);
  const shifted = new Uint8Array(16);
  const addRoundKey = (round: number): void => {
    for (let i = 0; i < 16; i++) state[i] = (state[i] as number) ^ (roundKeys[16 * round + i] as number);
  };
  const inverseSubstituteAndShift = (): void => {
    for (let i = 0; i < 16; i++) shifted[(i + 4 * (i & 3)) & 15] = inverse[state[i] as number] as number;
    state.set(shifted);
  };
  return {
    blockLength: 16,
    decryptBlock(octets, offset) {
      state.set(octets.subarray(offset, offset + 16));
      addRoundKey(rounds);
      for (let round = rounds - 1; round > 0; round--) {
        inverseSubstituteAndShift();
        addRoundKey(round);
        for (let column = 0; column < 16; column += 4) inverseMix(state, column);
      }
      inverseSubstituteAndShift();
      addRoundKey(0);
      octets.set(state, offset);
    },
  };
}

let boxes: { box: Uint8Array; inverse: Uint8Array } | undefined;

/** Multiplication by x in GF(2^8) (FIPS 197 §4.2.1). */
function timesX(value: number): number {
  return ((value << 1) ^ (value & 0x80 ? 0x11b : 0)) & 0xff;
}

/** The inverse in GF(2^8) and an affine map (FIPS 197 §5.1.1), by walking all powers of 3 and of its inverse at once. */
function substitutionBoxes(): { box: Uint8Array; inverse: Uint8Array } {
  const powers = new Uint8Array(255);
  for (let exponent = 0, value = 1; exponent < 255; exponent++) {
    powers[exponent] = value;
    value ^= timesX(value);
  }
  const box = new Uint8Array(256);
  const inverse = new Uint8Array(256);
  const enter = (from: number, reciprocal: number): void => {
    let mapped = reciprocal;
    for (let turn = 1; turn < 5; turn++) mapped ^= ((reciprocal << turn) | (reciprocal >> (8 - turn))) & 0xff;
    box[from] = mapped ^ 0x63;
    inverse[mapped ^ 0x63] = from;
  };
  enter(0, 0);
  for (let exponent = 0; exponent < 255; exponent++) {
    enter(powers[exponent] as number, powers[(255 - exponent) % 255] as number);
  }
  return { box, inverse };
}

/** FIPS 197 §5.2. */
function expandKey(key: Uint8Array, box: Uint8Array): Uint8Array {
  const keyed = key.length;
  const expanded = new Uint8Array(16 * (keyed / 4 + 7));
  expanded.set(key);
  let constant = 1;
  for (let at = keyed; at < expanded.length; at += 4) {
    let word = Array.from(expanded.subarray(at - 4, at));
    if (at % keyed === 0) {
      word = [...word.slice(1), ...word.slice(0, 1)].map((octet) => box[octet] as number);
      word[0] = (word[0] as number) ^ constant;
      constant = timesX(constant);
    } else if (keyed > 24 && at % keyed === 16) {
      word = word.map((octet) => box[octet] as number);
    }
    for (const [i, octet] of word.entries()) expanded[at + i] = octet ^ (expanded[at - keyed + i] as number);
  }
  return expanded;
}

/** InvMixColumns (FIPS 197 §5.3.3): MixColumns after a multiplication that makes up for the difference. */
function inverseMix(state: Uint8Array, column: number): void {
  const [a = 0, b = 0, c = 0, d = 0] = state.subarray(column, column + 4);
  const even = timesX(timesX(a ^ c));
  const odd = timesX(timesX(b ^ d));
  const word = [a ^ even, b ^ odd, c ^ even, d ^ odd];
  const all = word.reduce((sum, octet) => sum ^ octet, 0);
  for (const [i, octet] of word.entries()) {
    state[column + i] = octet ^ all ^ timesX(octet ^ (word[(i + 1) & 3] as number));
  }
}
