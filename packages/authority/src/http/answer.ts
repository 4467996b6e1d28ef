import type { EntraError } from '../entra-error.ts';
import { timestampForm } from '../lib/date-format.ts';
import type { Exchange } from './exchange.ts';

type Headers = Record<string, string>;

/** An answer of the token endpoint: never to be kept by anyone on the way. */
export function tokenAnswer(body: string, status: number, exchange: Exchange, code = 0): Response {
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
  return new Response(body, { status, headers });
}

/** An answer of the discovery endpoints, which pages may read too. */
export function discoveryAnswer(document: object, exchange: Exchange): Response {
  const headers: Headers = {
    'Cache-Control': 'max-age=86400, private',
    ...commonHeaders(exchange),
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, OPTIONS',
  };
  return new Response(JSON.stringify(document), { headers });
}

/** An error in the words of Entra ID. */
export function errorAnswer(refused: EntraError, exchange: Exchange): Response {
  return tokenAnswer(JSON.stringify(entraErrorBody(refused, exchange)), refused.status, exchange, refused.code);
}

/** The body of an error; the description repeats the ids, each in a line of its own. */
export function entraErrorBody({ code, error, message }: EntraError, exchange: Exchange): object {
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
