import type { ServerResponse } from 'node:http';
import { isCertgrantError } from '@certgrant/core';
import type { Answer } from '../http/answer.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import { isSameSecret } from '../lib/same-secret.ts';
import type { Services } from '../services.ts';
import { type ControlRoute, controlRoutes } from './control-routes.ts';

/** What a request that is refused says; the names are those of the command line's errors. */
interface Fault {
  readonly code: string;
  readonly message: string;
  readonly fix: string;
}

/** A request below `/certgrant` on its way. */
export interface ControlExchange {
  readonly request: ReceivedRequest;
  /** Where there is a connection. */
  readonly outgoing: ServerResponse | undefined;
  /** Where it came in, without a trailing slash. */
  readonly base: string;
}

/** Everything below `/certgrant`: what `Authority` offers to a test, for programs in any language. */
export async function controlEndpoint(at: ControlExchange, services: Services): Promise<Answer> {
  const { pathname, searchParams } = new URL(at.request.url);
  const found = routesAt(pathname);
  const match = found.find(({ route }) => route.method === at.request.method);
  if (!match?.route.open && !isAdmin(at.request, services)) return unauthenticated();
  if (match === undefined) return found.length === 0 ? notFound() : notAllowed(found.map(({ route }) => route.method));
  const body = await jsonOf(at);
  if ('refused' in body) return body.refused;
  try {
    const { signal, done } = untilGone(at.outgoing);
    const query = Object.fromEntries(searchParams);
    const { route, id } = match;
    const answer = await Promise.resolve(
      route.handle({ services, base: at.base, query, id, body: body.value, signal }),
    ).finally(done);
    return json(answer.status, answer.body);
  } catch (thrown) {
    if (!isCertgrantError(thrown)) throw thrown;
    return refusal(400, thrown);
  }
}

/** A write that a page of another site has made. */
export function crossSite(): Answer {
  const message = 'use the controls: the request comes from a page of another site';
  return refusal(403, {
    code: 'CROSS_SITE',
    message,
    fix: 'Send it from a program, without Origin and Sec-Fetch-Site',
  });
}

interface Match {
  readonly route: ControlRoute;
  readonly id: string;
}

function routesAt(pathname: string): readonly Match[] {
  return controlRoutes.flatMap((route) => {
    const [before = '', after] = route.path.split('{id}');
    if (after === undefined) return pathname === route.path ? [{ route, id: '' }] : [];
    const id = pathname.slice(before.length);
    return pathname.startsWith(before) && /^[\w-]+$/.test(id) ? [{ route, id }] : [];
  });
}

function isAdmin(request: ReceivedRequest, { adminToken }: Services): boolean {
  const [, token] = /^Bearer +(\S+)$/i.exec(request.header('authorization') ?? '') ?? [];
  return token !== undefined && isSameSecret(token, adminToken);
}

async function jsonOf({ request }: ControlExchange): Promise<{ value: unknown } | { refused: Answer }> {
  if (request.method === 'GET' || request.method === 'DELETE') return { value: {} };
  const text = await request.text();
  if (text === undefined) {
    const message = 'read the body: it is too large';
    return { refused: refusal(413, { code: 'BODY_TOO_LARGE', message, fix: 'Send a megabyte at most' }) };
  }
  if (text === '') return { value: {} };
  if (!/^\s*application\/json\s*(;|$)/i.test(request.header('content-type') ?? '')) {
    const message = 'read the body: it is not said to be JSON';
    const fix = 'Send it with Content-Type: application/json';
    return { refused: refusal(415, { code: 'UNSUPPORTED_MEDIA_TYPE', message, fix }) };
  }
  try {
    return { value: JSON.parse(text) };
  } catch {
    const fix = 'Check commas and quotes';
    return { refused: refusal(400, { code: 'USAGE', message: 'read the body: it is not JSON', fix }) };
  }
}

/** Whoever waits for something stops when nobody waits for the answer any more. */
function untilGone(outgoing: ServerResponse | undefined): { signal: AbortSignal; done: () => void } {
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  outgoing?.once('close', abort);
  return { signal: gone.signal, done: () => outgoing?.off('close', abort) };
}

function unauthenticated(): Answer {
  const message = 'use the controls: the admin token is missing or not the right one';
  const fix = 'Send Authorization: Bearer with what stands in the adminTokenFile';
  const answer = refusal(401, { code: 'UNAUTHENTICATED', message, fix });
  return { ...answer, headers: { ...answer.headers, 'WWW-Authenticate': 'Bearer realm="certgrant"' } };
}

function notFound(): Answer {
  const message = 'use the controls: there is nothing at this path';
  return refusal(404, { code: 'NOT_FOUND', message, fix: '/certgrant/openapi.json says what there is' });
}

function notAllowed(methods: readonly string[]): Answer {
  const allowed = methods.join(', ');
  const message = 'use the controls: this path does not take the method';
  const answer = refusal(405, { code: 'METHOD_NOT_ALLOWED', message, fix: `Use ${allowed}` });
  return { ...answer, headers: { ...answer.headers, Allow: allowed } };
}

function refusal(status: number, { code, message, fix }: Fault): Answer {
  return json(status, { error: { code, message, fix } });
}

function json(status: number, body: unknown): Answer {
  const headers = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };
  if (body === undefined) return { status, headers, body: '' };
  return { status, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}
