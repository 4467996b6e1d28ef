import { isCertgrantError } from '../errors.ts';
import { cancelledError } from '../lib/http.ts';
import type { Platform } from '../platform.ts';
import { TokenRefusedError } from './token-refused-error.ts';

export interface RetryLimits {
  /** How often it is tried in all. */
  readonly attempts: number;
  /** How long all attempts and the waiting between them may take together, in milliseconds. */
  readonly deadline: number;
}

export interface RetryOptions extends RetryLimits {
  readonly platform: Platform;
  readonly signal: AbortSignal;
  /** How an error message begins. */
  readonly action: string;
}

/** The first wait where the server names none, in milliseconds; it doubles each time. */
const firstWait = 500;

/**
 * Tries again what failed for a reason that passes: a broken connection, a server that is busy (429) or down (5xx).
 *
 * It waits as long as `Retry-After` asks, or ever longer, and a random part more, so that many clients do not come back
 * together. It never waits past the deadline: then the last error is the answer.
 *
 * @param attempt gets the time that is left, in milliseconds
 */
export async function withRetries<T>(attempt: (left: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { platform, signal, attempts, deadline, action } = options;
  const end = platform.now() + deadline;
  for (let tried = 1; ; tried++) {
    try {
      return await attempt(end - platform.now());
    } catch (thrown) {
      if (tried >= attempts || !passes(thrown)) throw thrown;
      const wait = waitAfter(thrown, tried, platform);
      if (platform.now() + wait >= end) throw thrown;
      await platform.delay(wait, signal).catch(() => {
        throw cancelledError(action, signal.reason);
      });
    }
  }
}

function passes(thrown: unknown): boolean {
  if (!isCertgrantError(thrown)) return false;
  if ('status' in thrown && typeof thrown.status === 'number') return isBusy(thrown.status);
  return thrown.code === 'CONNECTION_FAILED' || thrown.code === 'TIMEOUT';
}

/** Statuses that say "not now" rather than "no" (RFC 9110 §15.5.9, §15.6; RFC 6585 §4). */
function isBusy(status: number): boolean {
  return status === 408 || status === 429 || (status >= 500 && status !== 501 && status !== 505);
}

function waitAfter(thrown: unknown, tried: number, platform: Platform): number {
  const share = randomShare(platform);
  const asked = thrown instanceof TokenRefusedError ? thrown.retryAfter : undefined;
  // What the server asks for is the least; without that, anything between half the step and the step.
  if (asked !== undefined) return asked + share * Math.max(250, asked * 0.1);
  return firstWait * 2 ** (tried - 1) * (0.5 + share / 2);
}

/** A random number from 0 up to 1. */
function randomShare(platform: Platform): number {
  const [high = 0, low = 0] = platform.randomBytes(2);
  return (high * 256 + low) / 65536;
}
