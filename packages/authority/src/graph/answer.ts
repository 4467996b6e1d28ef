import type { Exchange } from '../http/exchange.ts';
import type { GraphError } from './graph-error.ts';
import { selected } from './odata.ts';
import type { GraphContext } from './request.ts';
import type { View } from './views.ts';

/** One object. */
export function objectAnswer(
  context: GraphContext,
  set: string,
  view: View,
  options: { readonly status?: 200 | 201; readonly select?: readonly string[] | undefined } = {},
): Response {
  const { select, status = 200 } = options;
  const fields = select === undefined ? '' : `(${select.join(',')})`;
  const type = `${metadata(context)}#${set}${fields}/$entity`;
  return json({ '@odata.context': type, ...selected(view, select) }, status, context.get('exchange'));
}

/** A page of a list. */
export function listAnswer(
  context: GraphContext,
  set: string,
  page: { readonly value: readonly object[]; readonly next?: string | undefined; readonly count?: number | undefined },
): Response {
  const { value, next, count } = page;
  const body = {
    '@odata.context': `${metadata(context)}#${set}`,
    ...(count === undefined ? {} : { '@odata.count': count }),
    ...(next === undefined ? {} : { '@odata.nextLink': nextLink(context, next) }),
    value,
  };
  return json(body, 200, context.get('exchange'));
}

/** What an action gives back: no entity of a set. */
export function valueAnswer(context: GraphContext, type: string, view: View): Response {
  return json({ '@odata.context': `${metadata(context)}#${type}`, ...view }, 200, context.get('exchange'));
}

/** A bare number. */
export function countAnswer(context: GraphContext, count: number): Response {
  const headers = { 'Content-Type': 'text/plain', ...graphHeaders(context.get('exchange')) };
  return new Response(String(count), { headers });
}

/** Done, and nothing to say. */
export function emptyAnswer(context: GraphContext): Response {
  return new Response(null, { status: 204, headers: graphHeaders(context.get('exchange')) });
}

/** An error in Graph's form. */
export function graphErrorAnswer(
  {
    status,
    code,
    message,
    details,
  }: Pick<GraphError, 'code' | 'message'> & { readonly status: number; readonly details?: GraphError['details'] },
  exchange: Exchange,
): Response {
  const innerError = {
    date: new Date(exchange.now).toISOString().slice(0, 19),
    'request-id': exchange.traceId,
    'client-request-id': exchange.correlationId,
  };
  const answer = json({ error: { code, message, ...(details && { details }), innerError } }, status, exchange);
  if (status === 401) answer.headers.set('WWW-Authenticate', 'Bearer realm="", error="invalid_token"');
  return answer;
}

function json(body: object, status: number, exchange: Exchange): Response {
  const headers = {
    'Content-Type':
      'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8',
    ...graphHeaders(exchange),
  };
  return new Response(JSON.stringify(body), { status, headers });
}

function graphHeaders({ traceId, correlationId }: Exchange): Record<string, string> {
  return {
    'Cache-Control': 'no-cache',
    'OData-Version': '4.0',
    'request-id': traceId,
    'client-request-id': correlationId,
    'X-Content-Type-Options': 'nosniff',
  };
}

function metadata(context: GraphContext): string {
  return `${context.env.base}/graph/v1.0/$metadata`;
}

/** The same request, from after the last object of this page. */
function nextLink(context: GraphContext, after: string): string {
  const url = new URL(context.req.url);
  url.searchParams.set('$skiptoken', after);
  return `${context.env.base}${url.pathname}${url.search}`;
}
