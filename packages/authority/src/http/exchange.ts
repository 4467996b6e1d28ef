import { type Platform, randomUuid } from '@certgrant/core';
import { isGuid } from '../lib/identifiers.ts';

/** A request, as far as its ids are read from it. */
interface Identified {
  readonly target: string;
  header(name: string): string | undefined;
}

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
  constructor(request: Identified, platform: Platform, inForm?: string) {
    // Only a GUID is taken over: whatever else stands there must not get into an answer.
    const ids = [request.header('client-request-id'), inQuery(request.target), inForm];
    const stated = ids.find((id) => id !== undefined && isGuid(id));
    this.traceId = randomUuid(platform);
    this.now = platform.now();
    this.echoes = stated !== undefined && request.header('return-client-request-id')?.toLowerCase() === 'true';
    this.#platform = platform;
    this.#correlationId = stated;
  }

  /** The client's own id of the request, or a new one; most answers do not carry it. */
  get correlationId(): string {
    this.#correlationId ??= randomUuid(this.#platform);
    return this.#correlationId;
  }
}

function inQuery(target: string): string | undefined {
  return target.includes('?') ? /[?&]client-request-id=([^&#]*)/.exec(target)?.[1] : undefined;
}
