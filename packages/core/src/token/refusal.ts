import type { Certificate } from '../certificate/certificate.ts';
import type { ExplainedRefusal } from '../diagnosis/explain-refusal.ts';
import { describeContent, type HttpResponse, isRecord, tryJsonObject } from '../lib/http.ts';
import { retryAfter } from './retry-after.ts';
import { serverText } from './server-text.ts';
import { type Refusal, TokenRefusedError } from './token-refused-error.ts';

/** What the client sent, for telling the causes of a refusal apart. */
export interface SentEvidence {
  /** The client assertion. */
  readonly assertion?: string | undefined;
  /** The certificate of its key. */
  readonly certificate?: Certificate | undefined;
}

/** Entra ID's longest descriptions, with their links, stay below this. */
const longestDescription = 1500;

/**
 * Reads an answer that is not a token into the error that it means.
 *
 * Entra ID's extensions of RFC 6749 §5.2 are read where they are; an answer of any other kind (an empty 403 of a
 * firewall, a proxy's page, a framework's own JSON) is a refusal as well, of which only the status is known.
 */
export async function readRefusal(
  response: HttpResponse,
  action: string,
  now: number,
  sent: SentEvidence,
): Promise<TokenRefusedError> {
  const body = tryJsonObject(response) ?? {};
  const text = stringOf(body.error_description);
  const errorCodes = errorCodesOf(body.error_codes, text);
  const lastCode = errorCodes.at(-1);
  const refusal: Refusal = {
    status: response.status,
    error: shown(body.error, 100),
    description: text === undefined ? undefined : serverText(withoutIdentifiers(text), longestDescription),
    suberror: shown(body.suberror, 100),
    errorCodes,
    aadsts: lastCode === undefined ? undefined : `AADSTS${lastCode}`,
    correlationId: shown(body.correlation_id, 100) ?? identifier(text, 'Correlation ID'),
    traceId: shown(body.trace_id, 100) ?? identifier(text, 'Trace ID'),
    timestamp: shown(body.timestamp, 100) ?? identifier(text, 'Timestamp'),
    claims: stringOf(body.claims),
    retryAfter: retryAfter(response.headers, now),
  };
  const { fix, explanation } = await explained(refusal, { ...sent, localTime: now });
  return new TokenRefusedError(refusalMessage(response, refusal, action), fix, refusal, explanation);
}

/**
 * The catalogue is loaded here, at the first refusal. What the server said is worth more than what it means: where the
 * explanation cannot be had (the files of a running program were replaced, a page has gone offline), the refusal stays.
 */
async function explained(
  refusal: Refusal,
  evidence: SentEvidence & { readonly localTime: number },
): Promise<ExplainedRefusal> {
  try {
    const { explainRefusal } = await import('../diagnosis/explainer.ts');
    return await explainRefusal(refusal, evidence);
  } catch {
    return { explanation: undefined, fix: "Look the error up in the server's documentation" };
  }
}

function refusalMessage(response: HttpResponse, refusal: Refusal, action: string): string {
  const { error, description, status } = refusal;
  const { host } = new URL(response.url);
  if (error === undefined) {
    return `${action}: ${host} answered ${status} with ${describeContent(response)} and without an OAuth error`;
  }
  const said = description === undefined || description === '' ? '' : `: ${description.replace(/\.$/, '')}`;
  return `${action}: ${host} refused with ${error} (${status})${said}`;
}

/** The numbers of the answer's own list, then those that only the text names: older nested answers list one. */
function errorCodesOf(list: unknown, text: string | undefined): readonly number[] {
  const listed = Array.isArray(list) ? list.map(Number).filter((code) => Number.isSafeInteger(code) && code > 0) : [];
  const written = Array.from(text?.matchAll(/\bAADSTS(\d{1,9})\b/g) ?? [], ([, digits]) => Number(digits));
  return [...new Set([...listed, ...written])];
}

/** Entra ID ends a description with its identifiers, on lines of their own or, since 2023, after single spaces. */
function withoutIdentifiers(text: string): string {
  return text.replace(/\s*\bTrace ID: [\s\S]*$/, '');
}

function identifier(text: string | undefined, name: 'Trace ID' | 'Correlation ID' | 'Timestamp'): string | undefined {
  const end = name === 'Timestamp' ? '[^\\r\\n]{1,60}' : '\\S{1,100}';
  const found = new RegExp(`\\b${name}: (${end})`).exec(text ?? '')?.[1];
  return found === undefined ? undefined : serverText(found, 100);
}

function shown(value: unknown, length: number): string | undefined {
  const text = stringOf(value);
  return text === undefined ? undefined : serverText(text, length);
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether an answer is an OAuth error, whatever its status says. */
export function isOAuthError(body: Record<string, unknown> | undefined): boolean {
  return isRecord(body) && typeof body.error === 'string' && body.error !== '';
}
