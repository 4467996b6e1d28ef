import { CertgrantError, type Platform } from '@certgrant/core';
import type { ReceivedRequest } from '../http/received-request.ts';
import { type Duration, milliseconds } from './duration.ts';

/** How many requests are kept, and how many characters of bodies with them. */
const most = { requests: 1000, characters: 16 * 1024 * 1024 };

/** How long `take` may be told to wait, in milliseconds. */
const longestWait = 60_000;

interface Waiting {
  readonly resolve: (request: ReceivedRequest) => void;
}

/** The last requests to the authority, oldest first, and which of them have been taken. */
export class RequestLog {
  readonly #platform: Platform;
  readonly #closing = new AbortController();
  #kept: ReceivedRequest[] = [];
  /** How many at the beginning of what is kept are not to be taken any more. */
  #taken = 0;
  #characters = 0;
  #waiting: Waiting[] = [];

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Keeps a request, and forgets the oldest where there are too many; a request that is kept already stays. */
  add(request: ReceivedRequest): void {
    if (request.isLogged) return;
    request.isLogged = true;
    this.#kept.push(request);
    this.#characters += request.body?.length ?? 0;
    if (this.#kept.length > 2 * most.requests || this.#characters > most.characters) this.#forget();
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#taken = this.#kept.length;
    next.resolve(request);
  }

  /** All that are kept, oldest first. */
  all(): readonly ReceivedRequest[] {
    return this.#kept.slice(-most.requests);
  }

  /**
   * The oldest request that has not been taken, or the next one that comes.
   *
   * @param wait how long to wait for one, a minute at most
   * @throws {CertgrantError} `USAGE` for the duration, `TIMEOUT` when none came, `CANCELLED` by the signal or when the
   * authority closes
   */
  async take(wait: Duration, signal?: AbortSignal): Promise<ReceivedRequest> {
    const patience = milliseconds(wait, 'take request');
    if (!(patience >= 0 && patience <= longestWait)) {
      throw new CertgrantError('USAGE', 'take request: the time to wait is not from nothing to a minute', {
        fix: 'Give milliseconds up to 60000, or 1m at most',
      });
    }
    const first = Math.max(this.#taken, this.#kept.length - most.requests);
    const kept = this.#kept[first];
    if (kept !== undefined && this.#waiting.length === 0) {
      this.#taken = first + 1;
      return kept;
    }
    return this.#next(patience, signal);
  }

  clear(): void {
    this.#kept = [];
    this.#taken = 0;
    this.#characters = 0;
  }

  /** Nobody waits any longer. */
  close(): void {
    this.#closing.abort();
  }

  async #next(patience: number, signal: AbortSignal | undefined): Promise<ReceivedRequest> {
    const done = new AbortController();
    const ends = [this.#closing.signal, done.signal, ...(signal === undefined ? [] : [signal])];
    let mine: Waiting | undefined;
    const coming = new Promise<ReceivedRequest>((resolve) => {
      mine = { resolve };
      this.#waiting.push(mine);
    });
    const tooLate = this.#platform.delay(patience, AbortSignal.any(ends)).then(
      () => noneCame(patience),
      () => stopped(),
    );
    const outcome = await Promise.race([coming, tooLate]);
    this.#waiting = this.#waiting.filter((each) => each !== mine);
    done.abort();
    if (outcome instanceof CertgrantError) throw outcome;
    return outcome;
  }

  #forget(): void {
    let [first, characters] = [Math.max(0, this.#kept.length - most.requests), 0];
    for (let index = this.#kept.length - 1; index >= first; index--) {
      characters += this.#kept[index]?.body?.length ?? 0;
      if (characters > most.characters) first = index + 1;
    }
    this.#kept = this.#kept.slice(first);
    this.#taken = Math.max(0, this.#taken - first);
    this.#characters = this.#kept.reduce((sum, { body }) => sum + (body?.length ?? 0), 0);
  }
}

function noneCame(patience: number): CertgrantError {
  return new CertgrantError('TIMEOUT', `take request: none came within ${patience} ms`, {
    fix: 'Check that the program under test talks to this authority, or wait longer',
  });
}

function stopped(): CertgrantError {
  return new CertgrantError('CANCELLED', 'take request: it was given up before a request came', {
    fix: 'Keep the authority open while waiting',
  });
}
