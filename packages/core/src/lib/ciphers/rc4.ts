import type { Bytes } from '../text-encoding.ts';

/** RC4, both directions in one: a stream cipher that very old key files are locked with. */
export function rc4(key: Uint8Array, data: Uint8Array): Bytes {
  const state = Uint8Array.from({ length: 256 }, (_, i) => i);
  const swap = (i: number, j: number): void => {
    const held = state[i] as number;
    state[i] = state[j] as number;
    state[j] = held;
  };
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + (state[i] as number) + (key[i % key.length] as number)) & 0xff;
    swap(i, j);
  }
  let j = 0;
  return new Uint8Array(data).map((octet, position) => {
    const i = (position + 1) & 0xff;
    j = (j + (state[i] as number)) & 0xff;
    swap(i, j);
    return octet ^ (state[((state[i] as number) + (state[j] as number)) & 0xff] as number);
  });
}
