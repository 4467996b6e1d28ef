import { fromBase64, toHex } from '../lib/text-encoding.ts';
import { type Platform, platformWith } from '../platform.ts';
import { meaningOf } from './claim-dictionary.ts';
import type { DecodedToken } from './decode-token.ts';
import { printable } from './printable.ts';
import { isIdToken } from './token-kind.ts';
import { describeTime, isInMilliseconds, readNumericDate, relativeTime, type TokenTime } from './token-time.ts';
import { isPayloadDamaged, type TokenWarning, tokenWarnings } from './token-warnings.ts';
import { directoryRole, resourceName } from './well-known-ids.ts';

/** A header parameter or a claim, in words. */
export interface DescribedMember {
  readonly name: string;
  readonly value: unknown;
  /** The value on one line, safe to print: a text as it is, anything else as JSON. */
  readonly text: string;
  /** What the member is for; `undefined` for one that is not in the dictionary. */
  readonly meaning?: string;
  /** Where that is defined. */
  readonly source?: string;
  /** What this value means, item by item. */
  readonly details: readonly string[];
  /** For times. */
  readonly time?: TokenTime;
}

/** What a token's own times say; `unknown` where it has none that can be read. */
export type TokenState = 'current' | 'expired' | 'not-yet-valid' | 'unknown';

/** A token in words: data for a program to print. Texts are plain, without control characters. */
export interface TokenDescription {
  /** What the token is, for a heading. */
  readonly title: string;
  /** Says that nothing was verified; to be shown with everything else. */
  readonly statement: string;
  readonly state: TokenState;
  readonly stateInWords: string;
  readonly header: readonly DescribedMember[];
  readonly claims: readonly DescribedMember[];
  readonly warnings: readonly TokenWarning[];
}

/** When and where a token is read, for its times in words. */
export interface DescribeOptions {
  readonly platform?: Partial<Platform> | undefined;
  /** IANA name of the zone for local times; by default the runtime's own. */
  readonly timeZone?: string | undefined;
}

/**
 * Says what each header parameter and claim of a token means, and what its times come to now.
 *
 * @param decoded what {@link decodeToken} returned; it may be damaged
 * @returns texts for people, plain and without control characters
 * @example
 * const { title, claims, warnings } = describeToken(decodeToken(token));
 */
export function describeToken(decoded: DecodedToken, options: DescribeOptions = {}): TokenDescription {
  const now = platformWith(options.platform).now();
  const describe = (part: 'header' | 'payload', members: Readonly<Record<string, unknown>> = {}): DescribedMember[] =>
    Object.entries(members).map(([name, value]) => describeMember(part, name, value, now, options.timeZone));
  const { state, inWords } = tokenState(decoded, now);
  return {
    title: title(decoded),
    statement: statement(decoded),
    state,
    stateInWords: inWords,
    header: describe('header', decoded.header),
    claims: describe('payload', decoded.claims),
    warnings: tokenWarnings(decoded, now),
  };
}

function describeMember(
  part: 'header' | 'payload',
  name: string,
  value: unknown,
  now: number,
  timeZone: string | undefined,
): DescribedMember {
  const entry = meaningOf(name, part);
  const details = [value].flat().flatMap((one) => valueMeaning(part, name, one) ?? []);
  const date = entry?.isTime ? readNumericDate(value) : undefined;
  const seconds = date !== undefined && isInMilliseconds(date.seconds) ? date.seconds / 1000 : date?.seconds;
  const time = seconds === undefined ? undefined : describeTime(seconds, now, timeZone);
  return {
    name: printable(name),
    value,
    text: printable(typeof value === 'string' ? value : JSON.stringify(value)),
    ...(entry === undefined ? {} : { meaning: entry.meaning, source: entry.source }),
    details,
    ...(time === undefined ? {} : { time }),
  };
}

/** What one value of a member means, where that is known. */
function valueMeaning(part: 'header' | 'payload', name: string, value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value);
  if (part === 'header' && (name === 'x5t' || name === 'x5t#S256')) return thumbprintInHex(text);
  if (part === 'header' && name === 'kid') return keyIdInHex(text);
  if (name === 'aud') return resourceName(text);
  if (name === 'wids') return `${printable(text)}: ${directoryRole(text) ?? 'a directory role that is not known here'}`;
  const values = meaningOf(name, part)?.values;
  return values !== undefined && Object.hasOwn(values, text) ? values[text] : undefined;
}

/** A thumbprint as portals and certificate viewers show it. */
function thumbprintInHex(text: string): string | undefined {
  const bytes = fromBase64(text);
  if (bytes?.length === 20) return `${toHex(bytes)} (SHA-1)`;
  if (bytes?.length === 32) return `${toHex(bytes)} (SHA-256)`;
  return undefined;
}

/** Entra's `kid` is the SHA-1 thumbprint of the signing certificate; others' may look like one by chance. */
function keyIdInHex(text: string): string | undefined {
  if (/^[0-9A-F]{40}$/i.test(text)) return 'looks like a SHA-1 thumbprint';
  const bytes = /^[\w-]{27}$/.test(text) ? fromBase64(text) : undefined;
  return bytes?.length === 20 ? `${toHex(bytes)}, if it is a SHA-1 thumbprint` : undefined;
}

function title({ form, kind, header, claims }: DecodedToken): string {
  if (form === 'jwe') return 'Encrypted token (JWE)';
  if (kind === 'client-assertion') return 'Client assertion';
  if (kind === 'proof') return 'Proof of possession for addKey and removeKey of Microsoft Graph';
  if (kind === 'other') return isIdToken(header, claims) ? 'ID token' : 'JSON Web Token (JWT)';
  const version = claims?.ver;
  const entra = 'tid' in (claims ?? {}) && (version === '1.0' || version === '2.0') ? `, Entra ID v${version}` : '';
  return `Access token, ${isAppOnly(claims) ? 'app-only' : isDelegated(claims) ? 'delegated' : 'of an OAuth 2.0 server'}${entra}`;
}

/** Entra says so in `idtyp`; without it, in an app-only token subject and object are the service principal. */
function isAppOnly(claims: DecodedToken['claims']): boolean {
  if (claims?.idtyp !== undefined) return claims.idtyp === 'app';
  if (isDelegated(claims)) return false;
  return claims?.oid !== undefined && claims.oid === claims.sub;
}

function isDelegated(claims: DecodedToken['claims']): boolean {
  return claims !== undefined && 'scp' in claims;
}

function statement({ form }: DecodedToken): string {
  return form === 'jwe'
    ? 'Nothing is verified, and the claims cannot be read without the key'
    : 'Nothing is verified: anyone can write a token that says this';
}

function tokenState({ claims, faults }: DecodedToken, now: number): { state: TokenState; inWords: string } {
  const expires = readNumericDate(claims?.exp)?.seconds;
  const begins = readNumericDate(claims?.nbf)?.seconds;
  const fromNow = (seconds: number): string =>
    relativeTime((isInMilliseconds(seconds) ? seconds : seconds * 1000) - now);
  const passed = (seconds: number): boolean => (isInMilliseconds(seconds) ? seconds : seconds * 1000) <= now;
  if (expires !== undefined && passed(expires)) return { state: 'expired', inWords: `Expired ${fromNow(expires)}` };
  if (begins !== undefined && !passed(begins)) {
    return { state: 'not-yet-valid', inWords: `Not yet valid: it begins ${fromNow(begins)}` };
  }
  if (expires === undefined) {
    const inWords = isPayloadDamaged(faults) ? 'When it expires cannot be read' : 'It does not say when it expires';
    return { state: 'unknown', inWords };
  }
  return { state: 'current', inWords: `Not expired: it expires ${fromNow(expires)}` };
}
