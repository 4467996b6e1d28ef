import { fromHex } from '../text-encoding.ts';
import type { BlockCipher } from './block-cipher.ts';

/** PITABLE: digits of π (RFC 2268 §2). */
const piTable = [
  'd978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2179a59f587b34f1361456d8d09817d32',
  'bd8f40eb86b77b0bf09521225c6b4e8254d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626',
  '6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed708e8eade8052eef784aa72ac354d6a2a',
  '961ad2715a1549744b9fd05e0418a4ecc2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731',
  '2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a90d38341bab33ffb0bb480c5fb9b1cd2e',
  'c5f3db47e5a59c770aa62068fe7fc1ad',
].join('');

let table: Uint8Array | undefined;

/** RFC 2268 §2: 64 words of 16 bits from the key, of which `effectiveBits` count. */
function expandKey(key: Uint8Array, effectiveBits: number): Uint16Array {
  table ??= fromHex(piTable);
  const pi = table;
  const octets = new Uint8Array(128);
  octets.set(key);
  for (let i = key.length; i < 128; i++) {
    octets[i] = pi[((octets[i - 1] as number) + (octets[i - key.length] as number)) & 0xff] as number;
  }
  const effective = Math.ceil(effectiveBits / 8);
  octets[128 - effective] = pi[
    (octets[128 - effective] as number) & (0xff >> (8 * effective - effectiveBits))
  ] as number;
  for (let i = 127 - effective; i >= 0; i--) {
    octets[i] = pi[(octets[i + 1] as number) ^ (octets[i + effective] as number)] as number;
  }
  return Uint16Array.from({ length: 64 }, (_, i) => (octets[2 * i] as number) | ((octets[2 * i + 1] as number) << 8));
}

const rotations = [1, 2, 3, 5];

/**
 * RC2 (RFC 2268), decryption only: what older Windows and OpenSSL lock the certificates of a PKCS#12 file with.
 *
 * @param effectiveBits 40, 64 or 128 in practice
 */
export function rc2Cipher(key: Uint8Array, effectiveBits: number): BlockCipher {
  const k = expandKey(key, effectiveBits);
  const r = new Uint16Array(4);
  return {
    blockLength: 8,
    decryptBlock(octets, offset) {
      const view = new DataView(octets.buffer, octets.byteOffset + offset, 8);
      for (let i = 0; i < 4; i++) r[i] = view.getUint16(2 * i, true);
      for (let round = 15; round >= 0; round--) {
        for (let i = 3; i >= 0; i--) {
          const rotation = rotations[i] as number;
          const word = r[i] as number;
          const last = r[(i + 3) & 3] as number;
          r[i] =
            ((word >>> rotation) | (word << (16 - rotation))) -
            (k[4 * round + i] as number) -
            (last & (r[(i + 2) & 3] as number)) -
            (~last & (r[(i + 1) & 3] as number));
        }
        // Mashing stands after the fifth and the eleventh mixing round, seen from the front.
        if (round === 11 || round === 5) {
          for (let i = 3; i >= 0; i--) r[i] = (r[i] as number) - (k[(r[(i + 3) & 3] as number) & 63] as number);
        }
      }
      for (let i = 0; i < 4; i++) view.setUint16(2 * i, r[i] as number, true);
    },
  };
}
