import type { DecodedToken, DecodeFault } from './decode-token.ts';
import { printable } from './printable.ts';
import { isInMilliseconds, readNumericDate, relativeTime } from './token-time.ts';
import { isMicrosoftGraph } from './well-known-ids.ts';

/** Why a token does not hold. */
export type VerificationFailureCode =
  /** It is damaged, or no JWT at all. */
  | 'malformed'
  /** It is encrypted, so its claims cannot be read. */
  | 'encrypted'
  /** It has no signature, or says that it needs none. */
  | 'unsigned'
  /** Its algorithm is not one for public keys. */
  | 'algorithm-refused'
  /** It asks for an extension that is not known here (`crit`, `b64`). */
  | 'extension-refused'
  /** A member stands in it twice. */
  | 'duplicate-member'
  /** None of the trusted keys is the one that it names. */
  | 'key-not-found'
  /** The trusted key cannot make a signature of this algorithm. */
  | 'key-unsuitable'
  /** The signature is not the trusted key's. */
  | 'signature-mismatch'
  /** It is for Microsoft Graph, which alone can verify it. */
  | 'graph-only'
  | 'expired'
  | 'not-yet-valid'
  /** A time is not a number. */
  | 'time-malformed'
  | 'issuer-mismatch'
  | 'audience-mismatch';

/** Why a token does not hold, in words. */
export interface VerificationFailure {
  readonly code: VerificationFailureCode;
  /** Without a final period. */
  readonly message: string;
}

/**
 * The algorithms that a public key verifies (RFC 7518 §3.1, RFC 8037, RFC 9864).
 *
 * A list of what is allowed and never of what is not: with HS256 among them, whoever knows the public key could sign,
 * and `none` needs no key at all (RFC 8725 §2.1, §3.1).
 */
const publicKeyAlgorithms: readonly string[] = [
  'PS256',
  'RS256',
  'ES256',
  'ES384',
  'PS384',
  'PS512',
  'RS384',
  'RS512',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** What in a token's structure rules it out, whatever its signature says. */
export function structureFailure({ form, header, claims, faults }: DecodedToken): VerificationFailure | undefined {
  if (form === 'jwe') {
    return { code: 'encrypted', message: 'The token is encrypted: without the key there is nothing to verify' };
  }
  const first = faults.find(({ code }) => code !== 'signature-length');
  if (first !== undefined) return { code: failureCode(first), message: first.message };
  if (header === undefined || claims === undefined) return { code: 'malformed', message: 'The token is damaged' };
  const { alg, crit, kid } = header;
  if (typeof alg !== 'string' || !publicKeyAlgorithms.includes(alg)) {
    return { code: 'algorithm-refused', message: refusedAlgorithm(String(alg)) };
  }
  if (crit !== undefined || 'b64' in header) {
    return {
      code: 'extension-refused',
      message: 'The header names extensions that a reader must understand (crit), and none is understood here',
    };
  }
  if (kid !== undefined && typeof kid !== 'string') {
    return { code: 'malformed', message: 'The key identifier of the header (kid) is not a text' };
  }
  return undefined;
}

function failureCode({ part, code }: DecodeFault): VerificationFailureCode {
  if (code === 'duplicate-member') return 'duplicate-member';
  if (code === 'unencoded-payload') return 'extension-refused';
  if (code === 'unsigned' || (part === 'signature' && code === 'missing-part')) return 'unsigned';
  return 'malformed';
}

function refusedAlgorithm(alg: string): string {
  const name = printable(alg).slice(0, 40);
  return /^HS(256|384|512)$/.test(alg)
    ? `The token is signed with a shared secret (${name}): a public key neither makes nor checks such a signature`
    : `The algorithm of the token (${name}) is not one that is verified here`;
}

/** What the claims are held against. */
export interface ExpectedClaims {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** In seconds. */
  readonly clockTolerance: number;
  readonly audience: readonly string[] | undefined;
}

/** What in the claims rules the token out, once its signature is known to hold. */
export function claimsFailure(
  claims: Readonly<Record<string, unknown>>,
  { now, clockTolerance, audience }: ExpectedClaims,
): VerificationFailure | undefined {
  const seconds = now / 1000;
  for (const name of ['exp', 'nbf'] as const) {
    if (claims[name] === undefined) continue;
    const time = readNumericDate(claims[name])?.seconds;
    if (time === undefined) return { code: 'time-malformed', message: `The claim ${name} is not a number of seconds` };
    const when = `${relativeTime(time * 1000 - now)}${isoTime(time)}`;
    // RFC 7519 §4.1.4: "on or after" exp; §4.1.5: "before" nbf.
    if (name === 'exp' && seconds >= time + clockTolerance) return { code: 'expired', message: `It expired ${when}` };
    if (name === 'nbf' && seconds < time - clockTolerance) {
      return { code: 'not-yet-valid', message: `It is not valid yet: it begins ${when}` };
    }
  }
  if (audience !== undefined) {
    const named = [claims.aud].flat();
    if (!audience.some((one) => named.includes(one))) {
      return {
        code: 'audience-mismatch',
        message: `It is for ${audienceInWords(named)}, not for ${audience.join(' or ')}`,
      };
    }
  }
  return undefined;
}

function isoTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? '' : `, at ${date.toISOString().replace('.000Z', 'Z')}`;
}

function audienceInWords(named: readonly unknown[]): string {
  const texts = named.filter((one) => typeof one === 'string').map((one) => printable(one).slice(0, 200));
  return texts.length === 0 ? 'nobody (it has no audience)' : texts.slice(0, 5).join(', ');
}

/** What a verified token leaves open, so that nobody takes more from the word "valid" than it says. */
export function openQuestions(
  claims: Readonly<Record<string, unknown>>,
  compared: { readonly issuer: boolean; readonly audience: boolean },
): string[] {
  const notes: string[] = [];
  const expires = readNumericDate(claims.exp);
  if (expires === undefined) notes.push('The token has no time of expiry (exp): it holds for ever');
  else if (isInMilliseconds(expires.seconds)) {
    notes.push(
      'The time of expiry (exp) is in milliseconds: taken as seconds, as it must be, it is thousands of years away',
    );
  }
  if (!compared.issuer && !compared.audience)
    notes.push('Neither its issuer nor its audience was compared with anything');
  else if (!compared.audience) notes.push('Its audience was not compared with anything');
  return notes;
}

/**
 * Whether a signature that does not match may yet be Entra's.
 *
 * Entra signs tokens for Microsoft Graph over a header in which the nonce is hashed, so that the API that a token is
 * for is the only one that can verify it.
 */
export function isForGraphAlone({ header, claims }: DecodedToken): boolean {
  return header !== undefined && 'nonce' in header && (isMicrosoftGraph(claims?.aud) || 'tid' in (claims ?? {}));
}

export const graphOnly: VerificationFailure = {
  code: 'graph-only',
  message:
    'Only Microsoft Graph can verify this token: Entra ID signed its header with the nonce hashed, so the signature matches no key for anyone else. Call Graph with it to see whether it is accepted',
};
