import { fromBase64 } from '../lib/text-encoding.ts';
import type { DecodedToken } from './decode-token.ts';
import { durationInWords, isInMilliseconds, readNumericDate, relativeTime } from './token-time.ts';

/** What is worth knowing about a token before it is passed on or relied upon. */
export type TokenWarningCode =
  | 'expired'
  | 'not-yet-valid'
  | 'live'
  | 'no-expiry'
  | 'time-not-a-number'
  | 'time-in-milliseconds'
  | 'time-as-text'
  | 'lifetime'
  | 'thumbprint'
  | 'audience-list'
  | 'own-key'
  | 'critical-extension'
  | 'graph-nonce';

/** Something about a token that its reader should know. */
export interface TokenWarning {
  readonly code: TokenWarningCode;
  /** In words, without a final period. */
  readonly message: string;
}

/** How long a proof may be good for (Microsoft Graph, "prove possession"), and an assertion by Entra's advice. */
const shortLifetime = 600;

/** What stands out about a token that could be read; what could not is in its faults. */
export function tokenWarnings(decoded: DecodedToken, now: number): TokenWarning[] {
  if (decoded.form === 'jwe') return [];
  return [
    ...timeWarnings(decoded, now),
    ...lifetimeWarnings(decoded),
    ...headerWarnings(decoded),
    ...audienceWarnings(decoded),
  ];
}

function timeWarnings({ kind, claims = {}, faults }: DecodedToken, now: number): TokenWarning[] {
  const warnings: TokenWarning[] = [];
  for (const name of ['iat', 'nbf', 'exp']) {
    if (!(name in claims)) continue;
    const date = readNumericDate(claims[name]);
    if (date === undefined) {
      warnings.push({ code: 'time-not-a-number', message: `${name} is not a number of seconds, so it says nothing` });
    } else if (isInMilliseconds(date.seconds)) {
      warnings.push({
        code: 'time-in-milliseconds',
        message: `${name} is in milliseconds and must be in seconds: a server reads it as thousands of years from now`,
      });
    } else if (date.asText) {
      warnings.push({ code: 'time-as-text', message: `${name} is a text and should be a number; Entra ID takes it` });
    }
  }
  const expires = milliseconds(claims.exp);
  const begins = milliseconds(claims.nbf);
  if (expires !== undefined && expires <= now) {
    warnings.push({ code: 'expired', message: `It expired ${relativeTime(expires - now)}` });
  } else if (begins !== undefined && begins > now) {
    const clock =
      kind === 'client-assertion' || kind === 'proof' ? '; check the clock of the machine that signed it' : '';
    warnings.push({
      code: 'not-yet-valid',
      message: `It is not valid yet: it begins ${relativeTime(begins - now)}${clock}`,
    });
  } else if (expires === undefined && Object.keys(claims).length > 0 && !isPayloadDamaged(faults)) {
    warnings.push({ code: 'no-expiry', message: 'It has no time of expiry (exp)' });
  } else if (expires !== undefined && kind !== 'other') {
    warnings.push({ code: 'live', message: 'It has not expired: treat it as a password, whoever has it can use it' });
  }
  return warnings;
}

/** Whether claims may be missing because the payload could not be read to its end. */
export function isPayloadDamaged(faults: DecodedToken['faults']): boolean {
  const harmless = ['duplicate-member', 'padding', 'standard-base64'];
  return faults.some(({ part, code }) => part === 'payload' && !harmless.includes(code));
}

function milliseconds(value: unknown): number | undefined {
  const seconds = readNumericDate(value)?.seconds;
  if (seconds === undefined) return undefined;
  return isInMilliseconds(seconds) ? seconds : seconds * 1000;
}

function lifetimeWarnings({ kind, claims = {} }: DecodedToken): TokenWarning[] {
  const expires = milliseconds(claims.exp);
  const begins = milliseconds(claims.nbf) ?? milliseconds(claims.iat);
  if (expires === undefined || begins === undefined) return [];
  const seconds = (expires - begins) / 1000;
  if (seconds <= 0) return [{ code: 'lifetime', message: 'It expires before it begins, so it is never valid' }];
  if (seconds <= shortLifetime) return [];
  const words = durationInWords(seconds);
  if (kind === 'proof') {
    return [
      { code: 'lifetime', message: `It is good for ${words}, and Microsoft Graph takes proofs of at most 10 minutes` },
    ];
  }
  // Entra documents no maximum, so an hour is a matter of taste and a day is not.
  if (kind !== 'client-assertion' || seconds <= 3600) return [];
  return [{ code: 'lifetime', message: `It is good for ${words}; an assertion should be good for 5 to 10 minutes` }];
}

function headerWarnings({ header = {}, claims = {} }: DecodedToken): TokenWarning[] {
  const warnings: TokenWarning[] = [];
  const x5t = thumbprintProblem(header.x5t, 'x5t', 20);
  const x5tS256 = thumbprintProblem(header['x5t#S256'], 'x5t#S256', 32);
  for (const message of [x5t, x5tS256]) if (message !== undefined) warnings.push({ code: 'thumbprint', message });
  const own = ['jwk', 'jku', 'x5u', 'x5c'].filter((name) => name in header);
  if (own.length > 0) {
    warnings.push({
      code: 'own-key',
      message: `The header brings its own key (${own.join(', ')}), which proves nothing: the signer chose it`,
    });
  }
  if ('crit' in header) {
    warnings.push({
      code: 'critical-extension',
      message: 'The header names extensions that a reader must understand (crit); most refuse such a token',
    });
  }
  if ('nonce' in header && 'tid' in claims) {
    warnings.push({
      code: 'graph-nonce',
      message: 'The header has a nonce: only Microsoft Graph can verify this token, and every other check will fail',
    });
  }
  return warnings;
}

/** The mistakes that people make with thumbprint headers, by how long the bytes come out. */
function thumbprintProblem(value: unknown, name: string, length: number): string | undefined {
  if (value === undefined) return undefined;
  const bytes = typeof value === 'string' ? fromBase64(value) : undefined;
  if (bytes?.length === length) return undefined;
  if (typeof value === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i.test(value)) {
    return `${name} is the hexadecimal thumbprint itself; it must be the thumbprint's bytes in base64url`;
  }
  if (bytes !== undefined && /^[0-9a-f]+$/i.test(String.fromCharCode(...bytes.subarray(0, 100)))) {
    return `${name} is the base64url of the hexadecimal text; it must be that of the thumbprint's bytes`;
  }
  if (bytes?.length === 32) return `${name} has a SHA-256 thumbprint in it, which belongs in x5t#S256`;
  if (bytes?.length === 20) return `${name} has a SHA-1 thumbprint in it, which belongs in x5t`;
  return `${name} is no thumbprint: it must be ${length} bytes in base64url`;
}

function audienceWarnings({ kind, claims = {} }: DecodedToken): TokenWarning[] {
  if (kind !== 'client-assertion' || !Array.isArray(claims.aud)) return [];
  return [
    {
      code: 'audience-list',
      message: 'aud is a list, and Entra ID takes the audience of an assertion only as a text (AADSTS50027)',
    },
  ];
}
