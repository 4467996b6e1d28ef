import { CertgrantError, type Platform } from '@certgrant/core';
import { type Duration, milliseconds } from './duration.ts';

/** A point in time: a date, milliseconds since the epoch, or a text in ISO 8601. */
export type Instant = Date | number | string;

/** How an authority's clock stands. */
export interface ClockState {
  /** ISO 8601, UTC. */
  readonly now: string;
  readonly frozen: boolean;
}

/** What to change about a clock; what is left out stays. */
export interface ClockChange {
  readonly now?: Instant | undefined;
  /** By how much to move it after that. */
  readonly advance?: Duration | undefined;
  readonly frozen?: boolean | undefined;
}

/** Every date within has the four digits that messages and X.509 expect of a year. */
const [earliest, latest] = [0, Date.UTC(9999, 11, 31)];

/** The clock that every check, every token and Graph go by: the platform's, until a test moves it. */
export class Clock {
  readonly #platform: Platform;
  #offset = 0;
  #frozenAt: number | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** In milliseconds since the epoch. */
  now(): number {
    return this.#frozenAt ?? this.#platform.now() + this.#offset;
  }

  /** How it stands. */
  get state(): ClockState {
    return { now: new Date(this.now()).toISOString(), frozen: this.#frozenAt !== undefined };
  }

  /**
   * Stands still.
   *
   * @param at by default where it is
   * @throws {CertgrantError} `USAGE` for a time before 1970 or after 9999
   */
  freeze(at?: Instant): void {
    this.set({ now: at, frozen: true });
  }

  /**
   * Moves, whether frozen or not; a negative duration moves it back.
   *
   * @throws {CertgrantError} `USAGE`
   */
  advance(by: Duration): void {
    this.set({ advance: by });
  }

  /** Runs on from where it stands. */
  resume(): void {
    this.set({ frozen: false });
  }

  /** Several of these at once: all, or none where one is wrong. */
  set({ now, advance = 0, frozen = this.#frozenAt !== undefined }: ClockChange): void {
    const outside = this.#platform.now();
    const from = now === undefined ? (this.#frozenAt ?? outside + this.#offset) : within(instant(now));
    const target = within(from + milliseconds(advance, 'move clock'));
    this.#frozenAt = frozen ? target : undefined;
    this.#offset = target - outside;
  }

  /** Goes by the platform's again. */
  reset(): void {
    this.#offset = 0;
    this.#frozenAt = undefined;
  }
}

function instant(at: Instant): number {
  if (typeof at === 'number') return at;
  // Without a zone a text would mean another time on every machine.
  if (typeof at === 'string' && !/^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(at)) return Number.NaN;
  return new Date(at).getTime();
}

function within(time: number): number {
  if (time >= earliest && time <= latest) return time;
  throw new CertgrantError('USAGE', 'move clock: this is no time from 1970 to 9999', {
    fix: 'Give a date, milliseconds since 1970, or a text such as 2030-01-31T12:00:00Z',
  });
}
