import { type EntraError, entraError } from '../entra-error.ts';
import { clockTolerance } from './assertion-context.ts';
import type { ParsedAssertion } from './parse-assertion.ts';

/** How many assertions are remembered at most: some 100 MB of them. */
const usualLimit = 500_000;

/** How long the assertions are that are forgotten together, in seconds. */
const slice = 60;

/**
 * The assertions that strict mode has accepted, each until nobody could use it any more.
 *
 * Only proven assertions get in, so that a stranger can neither fill it nor use up the assertion of another. When it is
 * full, requests are turned away until some have expired: to forget one would be to accept it twice.
 */
export class UsedAssertions {
  /** By the minute in which they expire. */
  readonly #slices = new Map<number, Set<string>>();
  readonly #limit: number;
  #size = 0;

  constructor(limit: number = usualLimit) {
    this.#limit = limit;
  }

  /** How many are remembered. */
  get size(): number {
    return this.#size;
  }

  /**
   * Uses an assertion that has passed every check; refuses it the second time.
   *
   * @param now in milliseconds since the epoch
   */
  use({ claims }: ParsedAssertion, clientId: string, now: number): EntraError | undefined {
    // Its form was checked before: see jti.ts and times.ts.
    const key = `${clientId} ${String(claims.jti)}`;
    const expiry = Math.floor((Number(claims.exp) + clockTolerance) / slice);
    this.#forgetBefore(Math.floor(now / 1000 / slice));
    for (const used of this.#slices.values()) if (used.has(key)) return replayed();
    if (this.#size >= this.#limit) return full();
    const used = this.#slices.get(expiry);
    if (used === undefined) this.#slices.set(expiry, new Set([key]));
    else used.add(key);
    this.#size += 1;
    return undefined;
  }

  /** Forgets them all. */
  clear(): void {
    this.#slices.clear();
    this.#size = 0;
  }

  #forgetBefore(current: number): void {
    for (const [expiry, used] of this.#slices) {
      if (expiry >= current) continue;
      this.#slices.delete(expiry);
      this.#size -= used.size;
    }
  }
}

function replayed(): EntraError {
  const message = 'Client assertion was used before. In strict mode each assertion is good for one request.';
  return entraError(50012, message, { expected: 'a jti that was not used before', received: 'a used one' });
}

function full(): EntraError {
  const message = 'Too many client assertions were used within minutes; strict mode cannot remember more of them.';
  return entraError(90055, message, { status: 429 });
}
