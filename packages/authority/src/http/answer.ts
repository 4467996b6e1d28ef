import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { timestampForm } from '../lib/date-format.ts';
import type { Exchange } from './exchange.ts';

/** An answer as plain data. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Headers = Record<string, string>;

/**
 * Sends an answer: straight to the socket where there is one, since building a `Response` and taking it apart again
 * costs as much as the TLS record; as a `Response` where the app is called without a server.
 */
export function respond(bindings: Partial<HttpBindings> | undefined, { status, headers, body }: Answer): Response {
  const outgoing = bindings?.outgoing;
  if (outgoing === undefined) return new Response(body, { status, headers });
  outgoing.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  outgoing.end(body);
  return RESPONSE_ALREADY_SENT;
}

/** An answer of the token endpoint: never to be kept by anyone on the way. */
export function tokenAnswer(body: string, status: number, exchange: Exchange, code = 0): Answer {
  const headers: Headers = {
    'Cache-Control': 'no-store, no-cache',
    Pragma: 'no-cache',
    Expires: '-1',
    ...commonHeaders(exchange),
    'x-ms-ests-server': '2.1.0.0 - certgrant',
    // What MSAL sends back as telemetry: version, code, sub-code.
    'x-ms-clitelem': code === 0 ? '1,0,0,,' : `1,${code},0,,`,
    'X-XSS-Protection': '0',
  };
  return { status, headers, body };
}

/** An answer of the discovery endpoints, which pages may read too. */
export function discoveryAnswer(document: object, exchange: Exchange): Answer {
  const headers: Headers = {
    'Cache-Control': 'max-age=86400, private',
    ...commonHeaders(exchange),
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, OPTIONS',
  };
  return { status: 200, headers, body: JSON.stringify(document) };
}

/** What an error answer is made from: an `EntraError`, or what a fault orders. */
export interface AnswerableError {
  readonly code: number;
  readonly error: string;
  readonly status: number;
  readonly message: string;
}

/** An error in the words of Entra ID. */
export function errorAnswer(refused: AnswerableError, exchange: Exchange): Answer {
  return tokenAnswer(JSON.stringify(entraErrorBody(refused, exchange)), refused.status, exchange, refused.code);
}

/** The body of an error; the description repeats the ids, each in a line of its own. */
function entraErrorBody({ code, error, message }: AnswerableError, exchange: Exchange): object {
  const timestamp = timestampForm(exchange.now);
  const { traceId, correlationId } = exchange;
  const lines = [
    `AADSTS${code}: ${message}`,
    `Trace ID: ${traceId}`,
    `Correlation ID: ${correlationId}`,
    `Timestamp: ${timestamp}`,
  ];
  return {
    error,
    error_description: lines.join('\r\n'),
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`,
  };
}

function commonHeaders({ traceId, correlationId, echoes }: Exchange): Headers {
  return {
    'Content-Type': 'application/json; charset=utf-8',
    // Entra ID's year of HSTS would bind every server on the same localhost; this is the header without that effect.
    'Strict-Transport-Security': 'max-age=0',
    'X-Content-Type-Options': 'nosniff',
    P3P: 'CP="DSP CUR OTPi IND OTRi ONL FIN"',
    'x-ms-request-id': traceId,
    ...(echoes ? { 'client-request-id': correlationId } : {}),
  };
}
