import { CertgrantError, type Platform, randomUuid } from '@certgrant/core';
import { type Duration, milliseconds } from './duration.ts';
import { Fields } from './fields.ts';

/** The endpoints that a fault can be for. */
export const faultTargets = ['token', 'discovery', 'jwks', 'graph'] as const;

/** What a fault is for: the token endpoints, the discovery documents, the signing keys, or Graph. */
export type FaultTarget = (typeof faultTargets)[number];

/** Something that goes wrong on purpose. With `latency` alone the request is answered late, and as ever. */
export interface Fault {
  /** By default `token`. */
  readonly target?: FaultTarget | undefined;
  /** How many requests meet it; by default 1. `'always'` until it is removed. */
  readonly times?: number | 'always' | undefined;
  /** Refuses with this AADSTS code: `50196`. Not at Graph, which has no such codes. */
  readonly aadsts?: number | undefined;
  /** The OAuth error beside the code; by default the one that goes with it. */
  readonly error?: string | undefined;
  /** Answers with this HTTP status, 400 to 599: `429`, `503`. */
  readonly status?: number | undefined;
  /** The `Retry-After` header of the answer, in seconds. */
  readonly retryAfter?: number | undefined;
  /** Ends the connection without an answer. */
  readonly drop?: boolean | undefined;
  /** Waits before anything else, a minute at most. */
  readonly latency?: Duration | undefined;
}

/** A fault in force. */
export interface ActiveFault extends Fault {
  readonly id: string;
  readonly target: FaultTarget;
  /** How many more requests will meet it. */
  readonly times: number | 'always';
  /** In milliseconds. */
  readonly latency?: number | undefined;
}

const names = ['target', 'times', 'aadsts', 'error', 'status', 'retryAfter', 'drop', 'latency'] as const;

/** As long as a client may wait for anything here. */
const longestLatency = 60_000;

/** More than a test has a use for. */
const most = 1000;

/** The faults of an authority, in the order in which they were added. */
export class Faults {
  readonly #platform: Platform;
  readonly #active = new Map<string, ActiveFault>();
  readonly #closing = new AbortController();

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Whether there is any: requests need not look further. */
  get none(): boolean {
    return this.#active.size === 0;
  }

  /**
   * Adds a fault behind those that are there. A request meets the first that is for it.
   *
   * @returns the fault with the id that {@link remove} takes
   * @throws {CertgrantError} `USAGE`
   */
  add(fault: Fault): ActiveFault {
    if (this.#active.size >= most) throw usage(`there are ${most} already`, 'Remove some first');
    const added: ActiveFault = { id: randomUuid(this.#platform), ...checked(fault) };
    this.#active.set(added.id, added);
    return added;
  }

  /** Those in force. */
  list(): readonly ActiveFault[] {
    return [...this.#active.values()];
  }

  /** @returns whether it was there */
  remove(id: string): boolean {
    return this.#active.delete(id);
  }

  clear(): void {
    this.#active.clear();
  }

  /** The fault that the next request to an endpoint meets; one that has been met often enough is gone. */
  take(target: FaultTarget): ActiveFault | undefined {
    for (const fault of this.#active.values()) {
      if (fault.target !== target) continue;
      if (fault.times !== 'always') {
        if (fault.times === 1) this.#active.delete(fault.id);
        else this.#active.set(fault.id, { ...fault, times: fault.times - 1 });
      }
      return fault;
    }
    return undefined;
  }

  /** Waits as long as a fault says, and no longer than until the authority closes. */
  async wait({ latency = 0 }: ActiveFault): Promise<void> {
    if (latency > 0) await this.#platform.delay(latency, this.#closing.signal).catch(() => undefined);
  }

  close(): void {
    this.#closing.abort();
  }
}

function checked(fault: unknown): Omit<ActiveFault, 'id'> {
  const at = new Fields(fault, 'add fault', names);
  const times = at.members.times === 'always' ? 'always' : (at.integer('times', 1, 1_000_000) ?? 1);
  const given = {
    aadsts: at.integer('aadsts', 1, 99_999_999),
    error: at.text('error'),
    status: at.integer('status', 400, 599),
    retryAfter: at.integer('retryAfter', 0, 86_400),
    drop: at.boolean('drop'),
  };
  const target = at.oneOf('target', faultTargets) ?? 'token';
  const { aadsts, error, status, retryAfter, drop = false } = given;
  const waiting = at.textOrNumber('latency');
  const latency = waiting === undefined ? undefined : milliseconds(waiting, 'add fault');
  if (latency !== undefined && !(latency >= 0 && latency <= longestLatency)) {
    throw usage('the latency is not from nothing to a minute', 'Give milliseconds up to 60000, or 1m at most');
  }
  const answers = aadsts !== undefined || status !== undefined;
  if (!answers && !drop && latency === undefined) {
    throw usage('nothing would go wrong', 'Give aadsts, status, drop or latency');
  }
  if (drop && answers) throw usage('a dropped connection has no answer', 'Give either drop, or aadsts and status');
  if (aadsts !== undefined && target === 'graph') {
    throw usage('Graph has no AADSTS codes', 'Give a status, or another target');
  }
  if (error !== undefined && (aadsts === undefined || !/^[a-z_]{1,50}$/.test(error))) {
    throw usage(
      'error is not an OAuth error beside an AADSTS code',
      'Give aadsts as well, and an error like invalid_client',
    );
  }
  if (retryAfter !== undefined && !answers) {
    throw usage('there is no answer for the Retry-After', 'Give a status as well, such as 429');
  }
  const set = Object.fromEntries(
    Object.entries({ ...given, latency }).filter(([, value]) => value !== undefined && value !== false),
  );
  return { target, times, ...set };
}

function usage(fault: string, fix: string): CertgrantError {
  return new CertgrantError('USAGE', `add fault: ${fault}`, { fix });
}
