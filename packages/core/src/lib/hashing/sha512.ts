import type { BlockHash } from './block-hash.ts';
import { cubeRootConstants } from './prime-constants.ts';

let constants: Int32Array | undefined;
const schedule = new Int32Array(160);

/** What a sum of low halves, taken as unsigned numbers, carries into the high half. */
const carryUnit = 0x1_0000_0000;

/**
 * FIPS 180-4 §6.4.2, on halves of 64-bit words: `…h` is the high and `…l` the low one.
 *
 * A carry comes from adding low halves as unsigned numbers, which stays exact far beyond 2^32.
 */
function compress(state: Int32Array, block: Int32Array): void {
  expand(block);
  constants ??= cubeRootConstants(80);
  const k = constants;
  const w = schedule;
  let ah = state[0] as number;
  let al = state[1] as number;
  let bh = state[2] as number;
  let bl = state[3] as number;
  let ch = state[4] as number;
  let cl = state[5] as number;
  let dh = state[6] as number;
  let dl = state[7] as number;
  let eh = state[8] as number;
  let el = state[9] as number;
  let fh = state[10] as number;
  let fl = state[11] as number;
  let gh = state[12] as number;
  let gl = state[13] as number;
  let hh = state[14] as number;
  let hl = state[15] as number;
  for (let t = 0; t < 160; t += 2) {
    const sum1h = ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23));
    const sum1l = ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23));
    const choiceh = (eh & fh) ^ (~eh & gh);
    const choicel = (el & fl) ^ (~el & gl);
    const low =
      (hl >>> 0) + (sum1l >>> 0) + (choicel >>> 0) + ((k[t + 1] as number) >>> 0) + ((w[t + 1] as number) >>> 0);
    const t1l = low | 0;
    const t1h = (hh + sum1h + choiceh + (k[t] as number) + (w[t] as number) + ((low / carryUnit) | 0)) | 0;
    const sum0h = ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25));
    const sum0l = ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25));
    const majorityh = (ah & bh) ^ (ah & ch) ^ (bh & ch);
    const majorityl = (al & bl) ^ (al & cl) ^ (bl & cl);
    hh = gh;
    hl = gl;
    gh = fh;
    gl = fl;
    fh = eh;
    fl = el;
    const e = (dl >>> 0) + (t1l >>> 0);
    el = e | 0;
    eh = (dh + t1h + ((e / carryUnit) | 0)) | 0;
    dh = ch;
    dl = cl;
    ch = bh;
    cl = bl;
    bh = ah;
    bl = al;
    const a = (t1l >>> 0) + (sum0l >>> 0) + (majorityl >>> 0);
    al = a | 0;
    ah = (t1h + sum0h + majorityh + ((a / carryUnit) | 0)) | 0;
  }
  addTo(state, 0, ah, al);
  addTo(state, 2, bh, bl);
  addTo(state, 4, ch, cl);
  addTo(state, 6, dh, dl);
  addTo(state, 8, eh, el);
  addTo(state, 10, fh, fl);
  addTo(state, 12, gh, gl);
  addTo(state, 14, hh, hl);
}

function addTo(state: Int32Array, index: number, high: number, low: number): void {
  const sum = ((state[index + 1] as number) >>> 0) + (low >>> 0);
  state[index + 1] = sum | 0;
  state[index] = (state[index] as number) + high + ((sum / carryUnit) | 0);
}

/** The message schedule. */
function expand(block: Int32Array): void {
  const w = schedule;
  w.set(block);
  for (let t = 32; t < 160; t += 2) {
    const xh = w[t - 30] as number;
    const xl = w[t - 29] as number;
    const yh = w[t - 4] as number;
    const yl = w[t - 3] as number;
    const s0h = ((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7);
    const s0l = ((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25));
    const s1h = ((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6);
    const s1l = ((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26));
    const low = ((w[t - 31] as number) >>> 0) + (s0l >>> 0) + ((w[t - 13] as number) >>> 0) + (s1l >>> 0);
    w[t + 1] = low | 0;
    w[t] = ((w[t - 32] as number) + s0h + (w[t - 14] as number) + s1h + ((low / carryUnit) | 0)) | 0;
  }
}

export const sha512: BlockHash = {
  outputLength: 64,
  blockLength: 128,
  initialState: [
    0x6a09e667, 0xf3bcc908, 0xbb67ae85, 0x84caa73b, 0x3c6ef372, 0xfe94f82b, 0xa54ff53a, 0x5f1d36f1, 0x510e527f,
    0xade682d1, 0x9b05688c, 0x2b3e6c1f, 0x1f83d9ab, 0xfb41bd6b, 0x5be0cd19, 0x137e2179,
  ],
  compress,
};

/** SHA-512 from another start, cut to 48 octets. */
export const sha384: BlockHash = {
  outputLength: 48,
  blockLength: 128,
  initialState: [
    0xcbbb9d5d, 0xc1059ed8, 0x629a292a, 0x367cd507, 0x9159015a, 0x3070dd17, 0x152fecd8, 0xf70e5939, 0x67332667,
    0xffc00b31, 0x8eb44a87, 0x68581511, 0xdb0c2e0d, 0x64f98fa7, 0x47b5481d, 0xbefa4fa4,
  ],
  compress,
};
