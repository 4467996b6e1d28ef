/** Bytes to text and back: UTF-8, hexadecimal (RFC 4648 §8), base64 and base64url (RFC 4648 §4 and §5). */
import { codec } from '#codec';

/** Bytes that own their memory, as Web Crypto takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();

/** The UTF-8 of a text. */
export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes;
}

/** The text that UTF-8 stands for, without a byte order mark; what is not UTF-8 becomes U+FFFD. */
export function fromUtf8(bytes: Uint8Array): string {
  return codec.fromUtf8(bytes);
}

/**
 * Upper-case hexadecimal, as portals and certificate viewers print thumbprints.
 *
 * @returns two digits for each byte
 */
export function toHex(bytes: Uint8Array): string {
  return codec.toHex(bytes);
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

/**
 * Padded base64.
 *
 * @returns RFC 4648 §4
 */
export function toBase64(bytes: Uint8Array): string {
  return codec.toBase64(bytes);
}

/**
 * Unpadded base64url, the only form that RFC 7515 writes.
 *
 * @returns RFC 4648 §5
 */
export function toBase64Url(bytes: Uint8Array): string {
  return codec.toBase64Url(bytes);
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
  const padding = text.indexOf('=');
  const digits = padding === -1 ? text : text.slice(0, padding);
  return digits.length % 4 === 1 ? undefined : codec.fromBase64(digits);
}
