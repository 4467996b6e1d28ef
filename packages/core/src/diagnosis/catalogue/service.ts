import type { CatalogueEntry } from './entry.ts';
import * as sources from './sources.ts';

/** The service itself: too busy, or out of order. */

function transient(code: number, title: string, name?: string): CatalogueEntry {
  return {
    code,
    ...(name === undefined ? {} : { name }),
    title,
    meaning: 'Nothing is wrong with the request; the service could not serve it at that moment.',
    causes: [
      {
        id: 'service-unavailable',
        usual: 'likely',
        why: 'The service, or a part of it, was busy or out of order for a while',
        fix: "Try again after some seconds, each time after a longer wait; if it stays so, look at Microsoft's service health",
      },
    ],
    sources: [sources.errorCodes],
  };
}

/** Codes about the state of the service. */
export const service: readonly CatalogueEntry[] = [
  {
    code: 90055,
    name: 'TenantThrottlingError',
    title: 'There are too many requests',
    meaning: 'The service holds back requests of this tenant or application for a while.',
    causes: [
      {
        id: 'too-many-requests',
        usual: 'likely',
        why: 'The tenant sends too many requests, often since a program asks for a token before each call',
        fix: 'Wait as long as Retry-After says, and keep tokens until shortly before they expire',
      },
    ],
    sources: [sources.errorCodes],
  },
  transient(90033, 'A service behind the sign-in is not available', 'MsodsServiceUnavailable'),
  transient(90036, 'A service behind the sign-in failed', 'MsodsServiceUnretryableFailure'),
  transient(90024, 'The server had no time left for the request', 'RequestBudgetExceededError'),
  transient(90012, 'The request took too long', 'RequestTimeout'),
];
