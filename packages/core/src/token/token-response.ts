import { CertgrantError } from '../errors.ts';
import { type HttpResponse, parseJsonObject } from '../lib/http.ts';
import { isOAuthError, readRefusal, type SentEvidence } from './refusal.ts';
import { serverText } from './server-text.ts';

/** A token as it came from the server. */
export interface ReceivedToken {
  readonly accessToken: string;
  readonly tokenType: string;
  /** When it expires, in milliseconds since 1970; the time of the request when the server states no lifetime. */
  readonly expiresOn: number;
  /** When the server wants it renewed (`refresh_in`), if it says so. */
  readonly refreshOn: number | undefined;
}

/** When the answer's request was sent and when the answer was read, in milliseconds since 1970. */
export interface ResponseTimes {
  readonly sentAt: number;
  readonly now: number;
}

/**
 * Reads the answer of a token endpoint (RFC 6749 §5.1), as generously as clients must: numbers may be strings, as Entra
 * ID's v1 endpoint writes them, and `token_type` may be in any case or missing.
 *
 * Lifetimes count from when the request was sent, so that a slow answer never makes a token seem longer-lived.
 *
 * @param sent what the request was made with, for the explanation of a refusal
 * @throws {TokenRefusedError} `TOKEN_REFUSED` when the server refused, with the explanation
 * @throws {CertgrantError} `RESPONSE_NOT_JSON`, `RESPONSE_WITHOUT_TOKEN`, `RESPONSE_UNEXPECTED` for a token that cannot
 * be sent as a bearer token
 */
export async function readTokenResponse(
  response: HttpResponse,
  action: string,
  { sentAt, now }: ResponseTimes,
  sent: SentEvidence = {},
): Promise<ReceivedToken> {
  if (response.status >= 400) throw await readRefusal(response, action, now, sent);
  const body = parseJsonObject(response, action);
  const { access_token: accessToken } = body;
  if (typeof accessToken !== 'string' || accessToken === '') {
    if (isOAuthError(body)) throw await readRefusal(response, action, now, sent);
    const { host } = new URL(response.url);
    throw new CertgrantError(
      'RESPONSE_WITHOUT_TOKEN',
      `${action}: ${host} answered ${response.status} without an access token`,
      { fix: 'Check that the URL is the one of a token endpoint' },
    );
  }
  // RFC 6749 Appendix A.12. A line break in it would be written into a header or a shell's environment.
  if (!/^[\x21-\x7e]+$/.test(accessToken)) {
    throw new CertgrantError('RESPONSE_UNEXPECTED', `${action}: the access token has characters that no token has`, {
      fix: 'Check that the URL is the one of a token endpoint',
    });
  }
  const refreshIn = secondsOf(body.refresh_in);
  return {
    accessToken,
    tokenType: tokenTypeOf(body.token_type, action),
    expiresOn: expiryOf(body, sentAt),
    refreshOn: refreshIn === undefined ? undefined : sentAt + refreshIn * 1000,
  };
}

/** RFC 6749 §7.1: a client must not use a token whose type it does not understand. */
function tokenTypeOf(value: unknown, action: string): string {
  if (value === undefined || value === null || value === '') return 'Bearer';
  if (typeof value === 'string' && value.toLowerCase() === 'bearer') return 'Bearer';
  const type = typeof value === 'string' ? serverText(value, 40) : 'unknown';
  throw new CertgrantError('RESPONSE_UNEXPECTED', `${action}: the token is of type ${type}, not Bearer`, {
    fix: 'Have the server issue bearer tokens to this client',
  });
}

function expiryOf(body: Record<string, unknown>, sentAt: number): number {
  const expiresIn = secondsOf(body.expires_in);
  if (expiresIn !== undefined) return sentAt + expiresIn * 1000;
  const expiresOn = secondsOf(body.expires_on);
  return expiresOn === undefined ? sentAt : expiresOn * 1000;
}

/** A number of seconds, or its digits as a string; anything else is as good as not there. */
function secondsOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}
