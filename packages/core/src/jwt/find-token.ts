import { CertgrantError } from '../errors.ts';
import { printable } from './printable.ts';
import { isBeginning, type ScannedToken, scanTokens } from './token-scan.ts';
import { sourceInWords, type TokenSource, tokenSource } from './token-source.ts';

/** A token that was found in a text. */
export interface FoundToken {
  /** The token in compact serialization, joined where the text broke it; damaged where it was. */
  readonly token: string;
  readonly source: TokenSource;
  /** The source in words, to follow "Found in ": "the JSON member access_token". */
  readonly where: string;
  /** The line that it begins on, counted from 1. */
  readonly line: number;
  /** Where else the text holds tokens, in the same words. */
  readonly others: readonly string[];
}

/** Of several tokens the one that was most likely meant: what was asked for before what it was asked with. */
const precedence = ['access_token', 'id_token', 'client_assertion', 'assertion', 'token', 'proof'];

/** Characters without width that come along when a text is copied from a page or a chat. */
const invisible = /[\u00ad\u200b-\u200f\u2060\ufeff]/g;

/**
 * Finds a JWT in a text: a Bearer line, a JSON answer, a URL, a form body, an assignment, quoted mail, a log.
 *
 * A token that goes over several lines is joined. A damaged token is found too, as long as its beginning or its shape
 * is there; {@link decodeToken} says what is wrong with it.
 *
 * @param text of any length
 * @returns the token that was most likely meant, and where it and others stood
 * @throws {CertgrantError} `TOKEN_NOT_FOUND`, which says what the text is instead where that can be told: an opaque
 * token, an error answer, an authorization code, a key file
 * @example
 * const { token, where } = findToken('Authorization: Bearer eyJ…');
 */
export function findToken(text: string): FoundToken {
  const clean = text.replace(invisible, '');
  const found = locate(clean);
  if (found.length === 0) throw notFound(clean);
  const best = found.reduce((first, one) => (rank(one) < rank(first) ? one : first));
  return {
    token: best.token,
    source: best.source,
    where: sourceInWords(best.source),
    line: clean.slice(0, best.start).split('\n').length,
    others: found.filter(({ token }) => token !== best.token).map(({ source }) => sourceInWords(source)),
  };
}

interface Candidate extends ScannedToken {
  readonly source: TokenSource;
}

function locate(text: string): Candidate[] {
  const scanned = scanTokens(text);
  // Without a dot it may be any JSON in base64url, such as client_info.
  const dotted = scanned.filter(({ token }) => token.includes('.'));
  const likely = dotted.length > 0 ? dotted : scanned.filter(({ token }) => token.length >= 16);
  const candidates = likely.map((one) => ({ ...one, source: tokenSource(text, one.start, text[one.end] ?? '') }));
  const serialized = dotted.length > 0 ? undefined : jsonSerialization(text);
  if (serialized !== undefined) return [serialized];
  if (dotted.length > 0) return unique(candidates);
  const shaped = shapedLikeToken(text);
  return shaped === undefined ? unique(candidates.filter(({ source }) => source.name !== 'client_info')) : [shaped];
}

function unique(candidates: readonly Candidate[]): Candidate[] {
  const seen = new Map<string, Candidate>();
  for (const one of candidates) if (!seen.has(one.token)) seen.set(one.token, one);
  return [...seen.values()];
}

function rank({ token, source }: Candidate): number {
  const named = precedence.indexOf(source.name?.toLowerCase() ?? '');
  const whole = /^[\w-]+\.[\w-]*\.[\w-]*$/.test(token) ? 0 : 100;
  return whole + (named === -1 ? precedence.length : named);
}

/** A lone word of three or five long parts whose beginning is damaged. */
function shapedLikeToken(text: string): Candidate | undefined {
  const word = /^(?:Authorization\s*:\s*)?(?:Bearer\s+)?["']?([^\s"']{40,})["']?$/i.exec(text.trim())?.[1];
  if (word === undefined) return undefined;
  const parts = word.split('.');
  const [header = '', payload = ''] = parts;
  const shaped = (parts.length === 3 || parts.length === 5) && header.length >= 16 && /^[\w+/=-]+$/.test(payload);
  if (!shaped || !(isBeginning(payload) || /^[\w+/=-]+$/.test(header))) return undefined;
  const start = text.indexOf(word);
  const end = start + word.length;
  return { token: word, start, end, source: tokenSource(text, start, text[end] ?? '') };
}

/** The JSON serialization of JWS (RFC 7515 §7.2), flattened or with the first of its signatures, made compact. */
function jsonSerialization(text: string): Candidate | undefined {
  if (!/"payload"/.test(text) || !/"signature"/.test(text)) return undefined;
  const value = parseJson(text);
  const first = Array.isArray(value?.signatures) ? (value.signatures as unknown[])[0] : value;
  if (typeof first !== 'object' || first === null) return undefined;
  const { protected: header, signature } = first as Record<string, unknown>;
  const payload = value?.payload;
  if (typeof header !== 'string' || typeof payload !== 'string' || typeof signature !== 'string') return undefined;
  const token = `${header}.${payload}.${signature}`;
  return { token, start: 0, end: text.length, source: { kind: 'json', name: 'payload' } };
}

function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Says what the text is, where it is something that people take for a token. */
function notFound(text: string): CertgrantError {
  const problem = (what: string, fix: string): CertgrantError =>
    new CertgrantError('TOKEN_NOT_FOUND', `find token: ${what}`, { fix });
  if (text.trim() === '')
    return problem('the text is empty', 'Paste a token, pipe one in, or name a file that holds one');
  if (/-----BEGIN [A-Z0-9 ]+-----/.test(text)) {
    return problem('this is a PEM file, not a token', 'Use cert inspect for certificates and key files');
  }
  const json = parseJson(text);
  const error = json?.error ?? /[?#&]error=([\w.-]+)/.exec(text)?.[1];
  if (error !== undefined && error !== null) {
    const name = typeof error === 'string' && /^[\w.-]{1,60}$/.test(error) ? ` (${error})` : '';
    return problem(`this is an error answer${name}, it holds no token`, 'Use explain to see what the error means');
  }
  if (/(?:^|[?#&"])code["]?\s*[=:]/.test(text)) {
    return problem(
      'this holds an authorization code, not a token',
      'Exchange the code at the token endpoint; its answer holds the tokens',
    );
  }
  const opaque = opaqueToken(text, json);
  if (opaque !== undefined) {
    return problem(
      `${opaque} is opaque, not a JWT: it has nothing in it that can be decoded`,
      'Only the server that issued it can say what it means; ask its introspection endpoint (RFC 7662) if it has one',
    );
  }
  return problem(
    'there is no JWT in the text',
    'Give it the whole token: three parts joined by dots, of which the first begins with eyJ',
  );
}

/** What holds an opaque token, in words. */
function opaqueToken(text: string, json: Record<string, unknown> | undefined): string | undefined {
  for (const name of ['access_token', 'id_token', 'refresh_token', 'token']) {
    if (typeof json?.[name] === 'string' && json[name] !== '') return `the ${name} of this JSON`;
  }
  const named = /(?:^|[?#&\s])((?:access|id|refresh)_token|token)=[^\s&]{8,}/i.exec(text)?.[1];
  if (named !== undefined) return `the ${printable(named)}`;
  if (/(?:^|\s)Bearer +[^\s"']{8,}/i.test(text)) return 'the token after Bearer';
  return /^["']?[\w.~+/=!*$-]{20,}["']?$/.test(text.trim()) ? 'this text' : undefined;
}
