import type { BlockCipher } from './block-cipher.ts';

/** DES and triple DES (FIPS 46-3): far too weak for anything new, and what older key files are locked with. */

const permutedChoice1 = numbers(`57 49 41 33 25 17 9 1 58 50 42 34 26 18 10 2 59 51 43 35 27 19 11 3 60 52 44 36
  63 55 47 39 31 23 15 7 62 54 46 38 30 22 14 6 61 53 45 37 29 21 13 5 28 20 12 4`);
const permutedChoice2 = numbers(`14 17 11 24 1 5 3 28 15 6 21 10 23 19 12 4 26 8 16 7 27 20 13 2
  41 52 31 37 47 55 30 40 51 45 33 48 44 49 39 56 34 53 46 42 50 36 29 32`);
const permutation = numbers(`16 7 20 21 29 12 28 17 1 15 23 26 5 18 31 10 2 8 24 14 32 27 3 9 19 13 30 6 22 11 4 25`);
const shifts = numbers('1 1 2 2 2 2 2 2 1 2 2 2 2 2 2 1');
/** S1 to S8: four rows of sixteen hexadecimal digits each. */
const substitutions = [
  'e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d',
  'f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9',
  'a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c',
  '7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e',
  '2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453',
  'c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d',
  '4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c',
  'd2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b',
];

function numbers(text: string): readonly number[] {
  return text.trim().split(/\s+/).map(Number);
}

let boxes: readonly Int32Array[] | undefined;

/** Each substitution with the permutation P after it, so that a round is eight look-ups. */
function substitutionBoxes(): readonly Int32Array[] {
  return substitutions.map((digits, box) =>
    Int32Array.from({ length: 64 }, (_, input) => {
      const row = ((input >> 4) & 2) | (input & 1);
      const column = (input >> 1) & 15;
      const output = Number.parseInt(digits.charAt(row * 16 + column), 16) << (28 - 4 * box);
      return permutation.reduce((word, from, to) => word | (((output >>> (32 - from)) & 1) << (31 - to)), 0);
    }),
  );
}

/** Sixteen round keys of eight groups of six bits, in one array. */
function keySchedule(key: Uint8Array): Uint8Array {
  const bit = (position: number): number => ((key[(position - 1) >> 3] as number) >> (7 - ((position - 1) & 7))) & 1;
  let left = permutedChoice1.slice(0, 28).map(bit);
  let right = permutedChoice1.slice(28).map(bit);
  const schedule = new Uint8Array(128);
  for (const [round, shift] of shifts.entries()) {
    left = [...left.slice(shift), ...left.slice(0, shift)];
    right = [...right.slice(shift), ...right.slice(0, shift)];
    const both = [...left, ...right];
    for (const [index, from] of permutedChoice2.entries()) {
      const group = round * 8 + Math.floor(index / 6);
      schedule[group] = ((schedule[group] as number) << 1) | (both[from - 1] as number);
    }
  }
  return schedule;
}

/** The sixteen rounds on a block that has been through the initial permutation; the halves come out swapped. */
function rounds(block: Int32Array, schedule: Uint8Array, decrypt: boolean): void {
  boxes ??= substitutionBoxes();
  const sp = boxes;
  let left = block[0] as number;
  let right = block[1] as number;
  for (let round = 0; round < 16; round++) {
    const key = (decrypt ? 15 - round : round) * 8;
    let mixed = 0;
    // The expansion E takes six bits, starting one before each group of four.
    let window = (right >>> 1) | (right << 31);
    for (let group = 0; group < 8; group++) {
      const index = (window >>> 26) ^ (schedule[key + group] as number);
      mixed ^= (sp[group] as Int32Array)[index] as number;
      window = (window << 4) | (window >>> 28);
    }
    const next = left ^ mixed;
    left = right;
    right = next;
  }
  block[0] = right;
  block[1] = left;
}

/** Exchanges the bits of `a`, shifted by `shift`, with those of `b` under the mask. */
function exchange(block: Int32Array, a: 0 | 1, shift: number, mask: number): void {
  const b = a ^ 1;
  const difference = (((block[a] as number) >>> shift) ^ (block[b] as number)) & mask;
  block[b] = (block[b] as number) ^ difference;
  block[a] = (block[a] as number) ^ (difference << shift);
}

const permutationSteps: readonly (readonly [0 | 1, number, number])[] = [
  [0, 4, 0x0f0f0f0f],
  [0, 16, 0x0000ffff],
  [1, 2, 0x33333333],
  [1, 8, 0x00ff00ff],
  [0, 1, 0x55555555],
];
const inversePermutationSteps = permutationSteps.toReversed();

/** DES with a key of 8 octets, triple DES with one of 16 (first and third key alike) or 24. */
export function desCipher(key: Uint8Array): Required<BlockCipher> {
  const parts = [0, 8, 16].slice(0, key.length / 8).map((start) => keySchedule(key.subarray(start, start + 8)));
  const [first = new Uint8Array(128), second, third = first] = parts;
  const block = new Int32Array(2);
  const run = (octets: Uint8Array, offset: number, decrypt: boolean): void => {
    const view = new DataView(octets.buffer, octets.byteOffset + offset, 8);
    block[0] = view.getInt32(0);
    block[1] = view.getInt32(4);
    for (const [half, shift, mask] of permutationSteps) exchange(block, half, shift, mask);
    rounds(block, decrypt ? third : first, decrypt);
    if (second !== undefined) {
      rounds(block, second, !decrypt);
      rounds(block, decrypt ? first : third, decrypt);
    }
    for (const [half, shift, mask] of inversePermutationSteps) exchange(block, half, shift, mask);
    view.setInt32(0, block[0]);
    view.setInt32(4, block[1]);
  };
  return {
    blockLength: 8,
    decryptBlock: (octets, offset) => run(octets, offset, true),
    encryptBlock: (octets, offset) => run(octets, offset, false),
  };
}
