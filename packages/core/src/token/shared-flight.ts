import { cancelledError } from '../lib/http.ts';

/**
 * One piece of work that several callers wait for.
 *
 * A caller who gives up leaves alone; the work itself is stopped only when nobody waits for it any more.
 */
export class SharedFlight<T> {
  readonly #controller = new AbortController();
  readonly #work: Promise<T>;
  readonly #abandoned: () => void;
  readonly #action: string;
  #waiting = 0;

  /**
   * @param action how the message for a caller who gives up begins
   * @param start begins the work; its signal is aborted when everybody has left
   * @param abandoned is called when everybody has left, so that nobody joins any more
   */
  constructor(action: string, start: (signal: AbortSignal) => Promise<T>, abandoned: () => void) {
    this.#action = action;
    this.#abandoned = abandoned;
    this.#work = start(this.#controller.signal);
    // Each waiting caller gets the error; that nobody waits any more is no reason to end the process.
    this.#work.catch(() => {});
  }

  /** Waits for the work, or until `signal` is aborted. */
  join(signal?: AbortSignal): Promise<T> {
    this.#waiting++;
    if (signal === undefined) return this.#work;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        reject(cancelledError(this.#action, signal.reason));
        if (--this.#waiting > 0) return;
        this.#abandoned();
        this.#controller.abort(signal.reason);
      };
      if (signal.aborted) {
        leave();
        return;
      }
      signal.addEventListener('abort', leave, { once: true });
      const arrived = (): void => signal.removeEventListener('abort', leave);
      this.#work.then(resolve, reject).finally(arrived);
    });
  }
}
