import type { ServerResponse } from 'node:http';
import { timestampForm } from '../lib/date-format.ts';
import type { Exchange } from './exchange.ts';

/** An answer as plain data. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Headers = Record<string, string>;

/** Sends an answer over a connection. */
export function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  // As a list, which Node writes as it is.
  const lines: string[] = [];
  for (const name in headers) lines.push(name, headers[name] ?? '');
  if (body !== '' || status !== 204) lines.push('Content-Length', String(Buffer.byteLength(body)));
  outgoing.writeHead(status, lines).end(body);
}

/** The same as a `Response`, where there is no connection. */
export function responseOf({ status, headers, body }: Answer): Response {
  return new Response(body === '' ? null : body, { status, headers });
}

/** An answer that Hono has made. */
export async function answerOf(response: Response): Promise<Answer> {
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: response.body === null ? '' : await response.text(),
  };
}

/** An answer of the token endpoint: never to be kept by anyone on the way. */
export function tokenAnswer(body: string, status: number, exchange: Exchange, code = 0): Answer {
  const headers = commonHeaders(exchange);
  headers['Cache-Control'] = 'no-store, no-cache';
  headers.Pragma = 'no-cache';
  headers.Expires = '-1';
  headers['x-ms-ests-server'] = '2.1.0.0 - certgrant';
  // What MSAL sends back as telemetry: version, code, sub-code.
  headers['x-ms-clitelem'] = code === 0 ? '1,0,0,,' : `1,${code},0,,`;
  headers['X-XSS-Protection'] = '0';
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

function commonHeaders(exchange: Exchange): Headers {
  const headers: Headers = {
    'Content-Type': 'application/json; charset=utf-8',
    // Entra ID's year of HSTS would bind every server on the same localhost; this is the header without that effect.
    'Strict-Transport-Security': 'max-age=0',
    'X-Content-Type-Options': 'nosniff',
    P3P: 'CP="DSP CUR OTPi IND OTRi ONL FIN"',
    'x-ms-request-id': exchange.traceId,
  };
  if (exchange.echoes) headers['client-request-id'] = exchange.correlationId;
  return headers;
}
