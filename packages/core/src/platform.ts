import { engine } from '#engine';
import { type Bytes, toHex } from './lib/text-encoding.ts';

/**
 * What certgrant takes from the outside world, in one place: the clock, the source of randomness and the network.
 *
 * Everything that needs one of them takes a `platform` option; nothing else in the library reads the clock, draws a
 * random number or opens a connection.
 */
export interface Platform {
  /** The time in milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
  /** Resolves after `milliseconds`, or rejects with the signal's reason as soon as it is aborted. */
  delay(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** `length` bytes that nobody can foresee. */
  randomBytes(length: number): Uint8Array<ArrayBuffer>;
  /** The Fetch standard's `fetch`. */
  fetch(input: string, init?: RequestInit): Promise<Response>;
}

/** Random bytes drawn ahead: asking the system for sixteen costs nearly as much as for thousands. */
const pool = { bytes: new Uint8Array(4096), used: 4096 };

function drawRandomBytes(length: number): Bytes {
  if (length > 64) {
    const drawn = new Uint8Array(length);
    engine.fillRandom(drawn);
    return drawn;
  }
  if (pool.used + length > pool.bytes.length) {
    engine.fillRandom(pool.bytes);
    pool.used = 0;
  }
  const drawn = pool.bytes.slice(pool.used, pool.used + length);
  // What has been handed out is not kept.
  pool.bytes.fill(0, pool.used, pool.used + length);
  pool.used += length;
  return drawn;
}

/** The platform of the running process or page: its clock, its `crypto` and its `fetch`. */
export const systemPlatform: Platform = {
  now: () => Date.now(),
  delay: (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, milliseconds);
      signal?.addEventListener('abort', abort, { once: true });
    }),
  randomBytes: drawRandomBytes,
  fetch: (input, init) => globalThis.fetch(input, init),
};

/**
 * The system's platform with some parts replaced, for tests, simulations and other networks.
 *
 * @param replaced the parts to replace; the others stay the system's
 * @returns a platform with all parts
 * @example
 * const platform = platformWith({ now: () => Date.UTC(2030, 0, 1) });
 */
export function platformWith(replaced: Partial<Platform> | undefined): Platform {
  return replaced === undefined ? systemPlatform : { ...systemPlatform, ...replaced };
}

/**
 * A random UUID, version 4 (RFC 9562 §5.4), drawn from the platform's randomness.
 *
 * @returns in lower case, with hyphens
 */
export function randomUuid(platform: Platform): string {
  const bytes = platform.randomBytes(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = toHex(bytes).toLowerCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
