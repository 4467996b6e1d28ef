import { CertgrantError } from '../errors.ts';
import { type Bytes, utf8 } from '../lib/text-encoding.ts';
import { type EncodedPart, readBase64UrlPart } from './base64url-part.ts';
import { type JsonReading, readJsonObject } from './json-object.ts';
import { printable } from './printable.ts';
import { type TokenKind, tokenKind } from './token-kind.ts';

/** One of the three parts of a token in compact serialization (RFC 7515 §7.1). */
export type TokenPart = 'header' | 'payload' | 'signature';

/** What can be wrong with a token or a part of it, for programs. */
export type DecodeFaultCode =
  /** A part is not there or has no characters. */
  | 'missing-part'
  /** More than three parts, and not an encrypted token either. */
  | 'extra-part'
  | 'not-base64url'
  | 'standard-base64'
  | 'padding'
  /** The end is missing. */
  | 'truncated'
  | 'not-utf8'
  | 'not-json'
  | 'not-an-object'
  | 'duplicate-member'
  /** No algorithm is named (RFC 7515 §4.1.1 asks for one). */
  | 'no-algorithm'
  /** `alg` is `none`, or the header names a signature that is not there. */
  | 'unsigned'
  /** The payload is not encoded (`b64` is false), which a JWT must not do (RFC 7797 §7). */
  | 'unencoded-payload'
  /** The signature is not as long as its algorithm makes it. */
  | 'signature-length'
  /** Only who has the key can read the payload. */
  | 'encrypted';

/** Something that is wrong with a token. */
export interface DecodeFault {
  readonly part: TokenPart | 'token';
  readonly code: DecodeFaultCode;
  /** Where: offset of the character in the token. */
  readonly at?: number;
  /** Where in the part's decoded text ({@link DecodedPart.text}), for faults in its JSON. */
  readonly textAt?: number;
  /** What is wrong, in words, without a final period. */
  readonly message: string;
}

/** One part of a token, as far as it could be decoded. */
export interface DecodedPart {
  /** Offset of its first character in the token, and of the character after its last. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Bytes;
  /** The bytes as text; bytes that are not UTF-8 stand as U+FFFD. Not for the signature. */
  readonly text?: string;
}

/** A token, taken apart. Nothing about it is verified: anyone can write a token that says anything. */
export interface DecodedToken {
  /** A signed (or unsigned) token of three parts, or an encrypted one of five (RFC 7516). */
  readonly form: 'jws' | 'jwe';
  readonly kind: TokenKind;
  /** `undefined` where not even a member could be read. */
  readonly header: Readonly<Record<string, unknown>> | undefined;
  readonly claims: Readonly<Record<string, unknown>> | undefined;
  readonly parts: { readonly [Part in TokenPart]?: DecodedPart };
  /** From the first part to the last. Empty for a token that is whole. */
  readonly faults: readonly DecodeFault[];
}

/**
 * Takes a JWT apart, as far as it goes: each part on its own, and of a broken one all that stands before the fault.
 *
 * Nothing is verified; {@link verifyToken} does that. To find a token in a larger text, use {@link findToken}.
 *
 * @param token the token in compact serialization (RFC 7515 §7.1); white space around it is ignored, and not counted
 * @returns what could be read, and what is wrong with the rest
 * @throws {CertgrantError} `TOKEN_NOT_FOUND` for an empty text
 * @example
 * const { kind, header, claims, faults } = decodeToken(findToken(text).token);
 */
export function decodeToken(token: string): DecodedToken {
  const compact = token.trim();
  if (compact === '') {
    throw new CertgrantError('TOKEN_NOT_FOUND', 'decode token: the text is empty', {
      fix: 'Give it a token to decode',
    });
  }
  const [header = '', payload, signature, ...more] = compact.split('.');
  const decoder = new Decoder();
  const payloadStart = header.length + 1;

  const readHeader = decoder.header(header);
  if (more.length === 2 && (readHeader === undefined || 'enc' in readHeader)) {
    decoder.report('payload', 'encrypted', 'The token is encrypted: only who holds the key can read its claims', {
      at: payloadStart,
    });
    return decoder.result('jwe', readHeader, undefined);
  }

  const claims = decoder.payload(payload, payloadStart, readHeader);
  if (payload !== undefined) decoder.signature(signature, payloadStart + payload.length + 1, readHeader);
  if (more.length > 0) {
    const at = payloadStart + (payload?.length ?? 0) + (signature?.length ?? 0) + 1;
    decoder.report('token', 'extra-part', `The token has ${more.length + 3} parts, and a signed one has three`, { at });
  }
  return decoder.result('jws', readHeader, claims);
}

type Members = Readonly<Record<string, unknown>>;

class Decoder {
  readonly #parts: { [Part in TokenPart]?: DecodedPart } = {};
  readonly #faults: DecodeFault[] = [];

  report(
    part: TokenPart | 'token',
    code: DecodeFaultCode,
    message: string,
    where: { at?: number; textAt?: number } = {},
  ): void {
    this.#faults.push({ part, code, ...where, message });
  }

  result(form: DecodedToken['form'], header: Members | undefined, claims: Members | undefined): DecodedToken {
    const kind = form === 'jwe' ? 'other' : tokenKind(header, claims);
    return { form, kind, header, claims, parts: this.#parts, faults: this.#faults };
  }

  header(encoded: string): Members | undefined {
    const repaired = withoutFirstCharacter(encoded);
    if (repaired !== undefined) {
      this.#parts.header = { start: 0, end: encoded.length, ...repaired };
      this.report(
        'header',
        'truncated',
        'The header lacks its beginning: the token was copied without its first character',
        {
          at: 0,
        },
      );
      return readJsonObject(repaired.text).members;
    }
    const members = this.#json('header', encoded, 0);
    if (members !== undefined) this.#judgeAlgorithm(members);
    return members;
  }

  payload(encoded: string | undefined, start: number, header: Members | undefined): Members | undefined {
    if (encoded === undefined) {
      this.report('payload', 'missing-part', 'The token ends after its header: payload and signature are missing', {
        at: start - 1,
      });
      return undefined;
    }
    if (header?.b64 === false) {
      this.report(
        'payload',
        'unencoded-payload',
        'The header says that the payload is not encoded (b64: false), which no JWT may do (RFC 7797 §7)',
        {
          at: start,
        },
      );
      const bytes = utf8(encoded);
      this.#parts.payload = { start, end: start + encoded.length, bytes, text: encoded };
      return readJsonObject(encoded).members;
    }
    return this.#json('payload', encoded, start);
  }

  signature(encoded: string | undefined, start: number, header: Members | undefined): void {
    const alg = header?.alg;
    if (encoded === undefined || encoded === '') {
      if (isNone(alg)) return;
      const message =
        encoded === undefined
          ? 'The token ends before its signature'
          : 'The signature is empty: nothing vouches for the token';
      this.report('signature', 'missing-part', message, { at: encoded === undefined ? start - 1 : start });
      return;
    }
    const read = this.#encoded('signature', encoded, start);
    this.#parts.signature = { start, end: start + encoded.length, bytes: read.bytes };
    const problem = read.complete && typeof alg === 'string' ? lengthProblem(alg, read.bytes.length) : undefined;
    if (problem !== undefined) this.report('signature', 'signature-length', problem, { at: start });
  }

  #judgeAlgorithm({ alg }: Members): void {
    if (isNone(alg)) {
      this.report('header', 'unsigned', 'The token is not signed (alg is "none"): anyone could have written it', {
        at: 0,
      });
    } else if (typeof alg !== 'string' || alg === '') {
      // What is cut off may well have named it.
      if (this.#faults.some(({ code }) => code !== 'duplicate-member' && code !== 'padding')) return;
      this.report(
        'header',
        'no-algorithm',
        'The header names no algorithm (alg), which every header must (RFC 7515 §4.1.1)',
        {
          at: 0,
        },
      );
    }
  }

  #encoded(part: TokenPart, encoded: string, start: number): EncodedPart {
    const read = readBase64UrlPart(encoded);
    for (const { code, at, problem } of read.faults) {
      this.report(part, code, `The ${part} ${problem}`, { at: start + at });
    }
    return read;
  }

  #json(part: 'header' | 'payload', encoded: string, start: number): Members | undefined {
    if (encoded === '') {
      this.report(part, 'missing-part', `The ${part} is empty`, { at: start });
      this.#parts[part] = { start, end: start, bytes: new Uint8Array(0), text: '' };
      return undefined;
    }
    const { bytes, complete } = this.#encoded(part, encoded, start);
    const text = decodeUtf8(bytes);
    this.#parts[part] = { start, end: start + encoded.length, bytes, text };
    const badByte = invalidUtf8At(bytes, text);
    if (badByte !== undefined && complete) {
      this.report(part, 'not-utf8', `The ${part} is not UTF-8: its byte ${badByte + 1} begins no character`, {
        at: start + characterOfByte(badByte),
      });
    }
    const { members, faults } = readJsonObject(text);
    for (const { code, at, problem } of faults) {
      // Where the encoding broke off, so does the JSON: one fault, told once.
      if (!complete && code !== 'duplicate-member') continue;
      const character = code === 'truncated' ? encoded.length : characterOfByte(utf8(text.slice(0, at)).length);
      this.report(part, code, `The ${part} ${problem}`, {
        at: start + Math.min(character, encoded.length),
        textAt: at,
      });
    }
    return members;
  }
}

/** Four characters of base64 hold three bytes: the character in which a byte begins. */
function characterOfByte(byte: number): number {
  return Math.floor((byte * 4) / 3);
}

function decodeUtf8(bytes: Bytes): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** The first byte that is not UTF-8, if there is one: the decoder writes U+FFFD for it, and so may the text itself. */
function invalidUtf8At(bytes: Bytes, text: string): number | undefined {
  let offset = 0;
  let from = 0;
  for (let at = text.indexOf('\ufffd'); at !== -1; at = text.indexOf('\ufffd', from)) {
    offset += utf8(text.slice(from, at)).length;
    const genuine = bytes[offset] === 0xef && bytes[offset + 1] === 0xbf && bytes[offset + 2] === 0xbd;
    if (!genuine) return offset;
    offset += 3;
    from = at + 1;
  }
  return undefined;
}

/** A header that reads well once the character that every header begins with (`{` as base64url) is put before it. */
function withoutFirstCharacter(encoded: string): { bytes: Bytes; text: string } | undefined {
  if (!/^[wy03]/.test(encoded)) return undefined;
  const { bytes, faults } = readBase64UrlPart(`e${encoded}`);
  const text = decodeUtf8(bytes);
  const reading: JsonReading = readJsonObject(text);
  const whole = faults.length === 0 && reading.faults.length === 0 && reading.members !== undefined;
  return whole && 'alg' in (reading.members ?? {}) ? { bytes, text } : undefined;
}

function isNone(alg: unknown): boolean {
  return typeof alg === 'string' && alg.toLowerCase() === 'none';
}

/** Signatures whose length the algorithm fixes, in bytes (RFC 7518 §3.2 and §3.4, RFC 8037 §3.1). */
const signatureLengths: Readonly<Record<string, number>> = {
  HS256: 32,
  HS384: 48,
  HS512: 64,
  ES256: 64,
  ES384: 96,
  ES512: 132,
  Ed25519: 64,
};

function lengthProblem(alg: string, length: number): string | undefined {
  if (/^[RP]S(256|384|512)$/.test(alg)) {
    // As long as the modulus: 1024 bits and more, in steps that every usual key has.
    if (length >= 128 && length % 16 === 0) return undefined;
    return `The signature is ${length} bytes long, and no usual RSA key makes such a one: part of it is missing or added`;
  }
  const expected = Object.hasOwn(signatureLengths, alg) ? signatureLengths[alg] : undefined;
  if (expected === undefined || expected === length) return undefined;
  return `The signature is ${length} bytes long, and one of ${printable(alg)} has ${expected}`;
}
