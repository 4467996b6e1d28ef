import type { Platform } from '@certgrant/core';
import { Clock } from './clock.ts';
import { Faults } from './faults.ts';
import { RequestLog } from './request-log.ts';

/** What a test sets and reads: the same behind the functions of `Authority` and the endpoints below `/certgrant`. */
export class Controls {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly requests: RequestLog;

  /** @param platform the one outside, whose clock nobody moves */
  constructor(platform: Platform) {
    this.clock = new Clock(platform);
    this.faults = new Faults(platform);
    this.requests = new RequestLog(platform);
  }

  /** Everything as it was at the start. */
  reset(): void {
    this.clock.reset();
    this.faults.clear();
    this.requests.clear();
  }

  /** Nobody waits for anything any longer. */
  close(): void {
    this.faults.close();
    this.requests.close();
  }
}
