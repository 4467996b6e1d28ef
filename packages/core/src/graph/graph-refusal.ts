import type { Explanation } from '../diagnosis/explanation.ts';
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
  /** The proof of possession that was sent, and whose keys it is about; never to be repeated either. */
  readonly proof?: { readonly jwt: string; readonly objectId: string } | undefined;
  /** Never to be repeated, even if the server repeats it. */
  readonly accessToken: string;
  readonly now: number;
}

/** Reads an answer that is no success (learn.microsoft.com/graph/errors), whatever it is, and says what to do. */
export async function graphError(response: HttpResponse, request: RefusedRequest): Promise<GraphError> {
  const { status, headers } = response;
  const error = tryJsonObject(response)?.error;
  const { code, message, innerError } = isRecord(error) ? error : {};
  const inner = isRecord(innerError) ? innerError : {};
  const requestId = text(inner['request-id']) ?? headers.get('request-id') ?? undefined;
  const graphCode = text(code);
  const wait = retryAfter(headers, request.now);
  const shownCode = graphCode === undefined ? '' : ` ${serverText(graphCode, 80)}`;
  const what = serverText(withoutSecrets(text(message) ?? describeContent(response), request), 400).replace(/\.$/, '');
  const id = requestId === undefined ? '' : ` (request-id ${serverText(requestId, 60)})`;
  const explanation = graphCode === undefined ? undefined : await explained(graphCode, what, text(inner.date), request);
  return new GraphError(
    `${request.action}: Graph answered ${status}${shownCode}: ${what}${id}`,
    fixFor(status, wait, request, explanation),
    { status, graphCode, requestId, retryAfter: wait },
    explanation,
  );
}

function withoutSecrets(said: string, { accessToken, proof }: RefusedRequest): string {
  const hidden = said.replaceAll(accessToken, '[token]');
  return proof === undefined ? hidden : hidden.replaceAll(proof.jwt, '[proof]');
}

/** The catalogue is loaded here, at the first refusal; where it cannot be had, what the server said stays. */
async function explained(
  code: string,
  message: string,
  date: string | undefined,
  { proof, now }: RefusedRequest,
): Promise<Explanation | undefined> {
  try {
    const { explainGraphRefusal } = await import('../diagnosis/explainer.ts');
    const evidence = { assertion: proof?.jwt, objectId: proof?.objectId, localTime: now };
    return await explainGraphRefusal({ code, message, date }, evidence);
  } catch {
    return undefined;
  }
}

/** What is known of this very request says more than the catalogue, which says more than the status alone. */
function fixFor(
  status: number,
  wait: number | undefined,
  request: RefusedRequest,
  explanation: Explanation | undefined,
): string {
  const [cause] = explanation?.causes ?? [];
  const knowsMore = status === 403 && (request.permission !== undefined || request.proof !== undefined);
  if (cause === undefined || knowsMore || status === 429 || status >= 500) return fixByStatus(status, wait, request);
  return cause.fix;
}

function fixByStatus(status: number, wait: number | undefined, { permission, proof }: RefusedRequest): string {
  switch (status) {
    case 400:
      return 'Correct what the message names';
    case 401:
      return 'Get a new access token for this Graph: its audience must be the Graph that is called, and it must not have expired';
    case 403:
      if (proof !== undefined) {
        return 'Ask with an access token of the application whose keys these are, and check that the object id is its own; others need a token that may change all applications';
      }
      return permission === undefined
        ? 'Grant the application whose token this is the permission that the request needs, consent to it, and get a new token'
        : `Grant ${permission} to the application whose token this is, consent to it, and get a new token: an older one does not have it`;
    case 404:
      return 'Check the id and the tenant that the token is from: the id is the object id, not the application id; what was made a moment ago can take some seconds to appear';
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
