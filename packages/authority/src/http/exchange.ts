import { type Platform, randomUuid } from '@certgrant/core';
import { isGuid } from '../lib/identifiers.ts';

/** What goes with one request from its beginning to its answer. */
export class Exchange {
  /** Ours, new for each request. */
  readonly traceId: string;
  /** When it came, in milliseconds since the epoch. */
  readonly now: number;
  /** Whether the client asked for its own id back. */
  readonly echoes: boolean;
  readonly #platform: Platform;
  #correlationId: string | undefined;

  /** Reads the ids of a request from its headers and, as MSAL Node sends them, from its query or its form. */
  constructor({ headers, url }: Request, platform: Platform, inForm?: string) {
    // Only a GUID is taken over: whatever else stands there must not get into an answer.
    const stated = [headers.get('client-request-id'), inQuery(url), inForm].find((id) => isGuid(id ?? ''));
    this.traceId = randomUuid(platform);
    this.now = platform.now();
    this.echoes = stated !== undefined && headers.get('return-client-request-id')?.toLowerCase() === 'true';
    this.#platform = platform;
    this.#correlationId = stated ?? undefined;
  }

  /** The client's own id of the request, or a new one; most answers do not carry it. */
  get correlationId(): string {
    this.#correlationId ??= randomUuid(this.#platform);
    return this.#correlationId;
  }
}

function inQuery(url: string): string | undefined {
  return url.includes('?') ? /[?&]client-request-id=([^&#]*)/.exec(url)?.[1] : undefined;
}
