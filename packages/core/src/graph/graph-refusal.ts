import { describeContent, type HttpResponse, isRecord, tryJsonObject } from '../lib/http.ts';
import { retryAfter } from '../token/retry-after.ts';
import { serverText } from '../token/server-text.ts';
import { GraphError } from './graph-error.ts';

/** What is known of the request that was refused. */
export interface RefusedRequest {
  /** How the message begins. */
  readonly action: string;
  /** The application permission that the request needs. */
  readonly permission: string | undefined;
  /** Never to be repeated, even if the server repeats it. */
  readonly accessToken: string;
  readonly now: number;
}

/** Reads an answer that is no success (learn.microsoft.com/graph/errors), whatever it is, and says what to do. */
export function graphError(response: HttpResponse, request: RefusedRequest): GraphError {
  const { status, headers } = response;
  const error = tryJsonObject(response)?.error;
  const { code, message, innerError } = isRecord(error) ? error : {};
  const inner = isRecord(innerError) ? innerError['request-id'] : undefined;
  const requestId = text(inner) ?? headers.get('request-id') ?? undefined;
  const graphCode = text(code);
  const wait = retryAfter(headers, request.now);
  const shownCode = graphCode === undefined ? '' : ` ${serverText(graphCode, 80)}`;
  const said = text(message) ?? describeContent(response);
  const what = serverText(said.replaceAll(request.accessToken, '[token]'), 400).replace(/\.$/, '');
  const id = requestId === undefined ? '' : ` (request-id ${serverText(requestId, 60)})`;
  return new GraphError(
    `${request.action}: Graph answered ${status}${shownCode}: ${what}${id}`,
    fixFor(status, wait, request),
    {
      status,
      graphCode,
      requestId,
      retryAfter: wait,
    },
  );
}

function fixFor(status: number, wait: number | undefined, { permission }: RefusedRequest): string {
  switch (status) {
    case 400:
      return 'Correct what the message names';
    case 401:
      return 'Get a new access token for this Graph: its audience must be the Graph that is called, and it must not have expired';
    case 403:
      return permission === undefined
        ? 'Grant the application whose token this is the permission that the request needs, consent to it, and get a new token'
        : `Grant ${permission} to the application whose token this is, consent to it, and get a new token: an older one does not have it`;
    case 404:
      return 'Check the id and the tenant that the token is from; what was made a moment ago can take some seconds to appear';
    case 409:
      return 'The object exists already: look it up, or choose another name';
    case 429:
      return wait === undefined
        ? 'Too many requests: wait a minute and try again'
        : `Too many requests: wait ${Math.ceil(wait / 1000)} seconds and try again`;
    default:
      return status >= 500
        ? 'Graph has a problem of its own: try again in a few minutes, and give the request-id when you ask for support'
        : 'Check the URL of Graph';
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
