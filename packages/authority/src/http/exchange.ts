import { type Platform, randomUuid } from '@certgrant/core';
import { isGuid } from '../lib/identifiers.ts';

/** What goes with one request from its beginning to its answer. */
export interface Exchange {
  /** Ours, new for each request. */
  readonly traceId: string;
  /** The client's own id of the request, or a new one. */
  readonly correlationId: string;
  /** When it came, in milliseconds since the epoch. */
  readonly now: number;
  /** Whether the client asked for its own id back. */
  readonly echoes: boolean;
}

/** Reads the ids of a request from its headers and, as MSAL Node sends them, from its query or its form. */
export function exchangeOf(request: Request, platform: Platform, inForm?: string): Exchange {
  const { headers } = request;
  // Only a GUID is taken over: whatever else stands there must not get into an answer.
  const stated =
    [headers.get('client-request-id'), inQuery(request.url), inForm].find((id) => isGuid(id ?? '')) ?? undefined;
  return {
    traceId: randomUuid(platform),
    correlationId: stated ?? randomUuid(platform),
    now: platform.now(),
    echoes: stated !== undefined && headers.get('return-client-request-id')?.toLowerCase() === 'true',
  };
}

function inQuery(url: string): string | undefined {
  return /[?&]client-request-id=([^&#]*)/.exec(url)?.[1];
}
