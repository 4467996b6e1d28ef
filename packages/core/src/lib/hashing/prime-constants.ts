/**
 * The constants of SHA-2 (FIPS 180-4 §4.2): the first 64 bits of the fractional parts of the cube roots of the first
 * primes, high and low halves in turn.
 *
 * They are computed and not listed, so that there is nothing to mistype; SHA-256 uses the high halves of the first 64.
 */
export function cubeRootConstants(count: number): Int32Array {
  const constants = new Int32Array(2 * count);
  let filled = 0;
  for (let candidate = 2n; filled < count; candidate++) {
    if (!isPrime(candidate)) continue;
    // floor(cbrt(p) · 2^64) = floor(cbrt(p · 2^192))
    const fraction = integerCubeRoot(candidate << 192n) & 0xffff_ffff_ffff_ffffn;
    constants[2 * filled] = Number(fraction >> 32n);
    constants[2 * filled + 1] = Number(fraction & 0xffff_ffffn);
    filled++;
  }
  return constants;
}

function isPrime(candidate: bigint): boolean {
  for (let divisor = 2n; divisor * divisor <= candidate; divisor++) {
    if (candidate % divisor === 0n) return false;
  }
  return true;
}

/** Newton's iteration from above, which ends at the floor. */
function integerCubeRoot(value: bigint): bigint {
  let root = 1n << 68n;
  for (;;) {
    const next = (2n * root + value / (root * root)) / 3n;
    if (next >= root) return root;
    root = next;
  }
}
