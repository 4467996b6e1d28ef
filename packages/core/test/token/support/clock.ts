/** A clock that stands still until it is moved, so that no test waits. */
export class TestClock {
  #now: number;
  readonly #pending = new Set<{ readonly milliseconds: number; readonly due: number; readonly resolve: () => void }>();

  constructor(now = Date.UTC(2026, 0, 2, 3, 4, 5)) {
    this.#now = now;
  }

  readonly now = (): number => this.#now;

  readonly delay = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const pending = { milliseconds, due: this.#now + milliseconds, resolve };
      this.#pending.add(pending);
      signal?.addEventListener('abort', () => {
        this.#pending.delete(pending);
        reject(signal.reason);
      });
    });

  /** How long the delays are that somebody waits for. */
  get delays(): readonly number[] {
    return Array.from(this.#pending, ({ milliseconds }) => milliseconds);
  }

  /** Moves the clock, and ends the delays that are over then. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
    for (const pending of this.#pending) {
      if (pending.due > this.#now) continue;
      this.#pending.delete(pending);
      pending.resolve();
    }
  }

  /** The next delay that `wanted` accepts, once somebody waits for it. */
  async delayOf(wanted: (milliseconds: number) => boolean): Promise<number> {
    return eventually(() => this.delays.find(wanted));
  }
}

/** Looks again after each turn of the event loop until there is something. */
export async function eventually<T>(look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
