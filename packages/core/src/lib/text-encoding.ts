/** Bytes to text and back: UTF-8, hexadecimal (RFC 4648 §8), base64 and base64url (RFC 4648 §4 and §5). */

/** Bytes that own their memory, as Web Crypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The UTF-8 of a text. */
export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

const hexDigits = utf8('0123456789ABCDEF');

/**
 * Upper-case hexadecimal, as portals and certificate viewers print thumbprints.
 *
 * @returns two digits for each byte
 */
export function toHex(bytes: Uint8Array): string {
  // Not letter by letter: a key has thousands of digits, and each letter would leave a piece of string behind.
  const hex = new Uint8Array(2 * bytes.length);
  let at = 0;
  for (const byte of bytes) {
    hex[at++] = hexDigits[byte >> 4] ?? 0;
    hex[at++] = hexDigits[byte & 15] ?? 0;
  }
  return decoder.decode(hex);
}

/** The unsigned number that bytes stand for, the most significant first. */
export function toBigInt(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let value = 0n;
  let at = 0;
  for (; at < bytes.length % 8; at++) value = (value << 8n) | BigInt(view.getUint8(at));
  for (; at < bytes.length; at += 8) value = (value << 64n) | view.getBigUint64(at);
  return value;
}

/** The bytes that hexadecimal digits of either case stand for. */
export function fromHex(hex: string): Bytes {
  const bytes = new Uint8Array(hex.length >> 1);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

const base64Digits = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const base64UrlDigits = utf8('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

/**
 * Padded base64.
 *
 * @returns RFC 4648 §4
 */
export function toBase64(bytes: Uint8Array): string {
  return toDigits(bytes, base64Digits) + '='.repeat((3 - (bytes.length % 3)) % 3);
}

/**
 * Unpadded base64url, the only form that RFC 7515 writes.
 *
 * @returns RFC 4648 §5
 */
export function toBase64Url(bytes: Uint8Array): string {
  return toDigits(bytes, base64UrlDigits);
}

/** By hand, since `btoa` wants a string of bytes first: an assertion would spend 20 µs on that, against 1 µs here. */
function toDigits(bytes: Uint8Array, digits: Uint8Array): string {
  const text = new Uint8Array(Math.ceil((bytes.length * 4) / 3));
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    // Writes past the end of `text`, at the end of an incomplete last group, are without effect.
    text[at++] = digits[group >> 18] ?? 0;
    text[at++] = digits[(group >> 12) & 63] ?? 0;
    text[at++] = digits[(group >> 6) & 63] ?? 0;
    text[at++] = digits[group & 63] ?? 0;
  }
  return decoder.decode(text);
}

/**
 * Reads base64 or base64url, padded or not, and returns `undefined` for anything else.
 *
 * Real clients write thumbprints and signatures in all four forms, so the reader takes all four; white space is not
 * part of any of them.
 *
 * @returns the bytes, or `undefined`
 * @example
 * fromBase64('-_8'); // Uint8Array [251, 255]
 */
export function fromBase64(text: string): Bytes | undefined {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return undefined;
  const digits = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  if (digits.length % 4 === 1) return undefined;
  const binary = atob(digits);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
