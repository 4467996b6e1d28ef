import type { Codec } from './codec.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();
const hexDigits = encoder.encode('0123456789ABCDEF');
const base64Digits = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
const base64UrlDigits = encoder.encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');

/** The codec for browsers. */
export const codec: Codec = {
  fromUtf8: (bytes) => decoder.decode(bytes),
  toHex(bytes) {
    // Not letter by letter: a key has thousands of digits, and each letter would leave a piece of string behind.
    const hex = new Uint8Array(2 * bytes.length);
    let at = 0;
    for (const byte of bytes) {
      hex[at++] = hexDigits[byte >> 4] ?? 0;
      hex[at++] = hexDigits[byte & 15] ?? 0;
    }
    return decoder.decode(hex);
  },
  toBase64: (bytes) => toDigits(bytes, base64Digits) + '='.repeat((3 - (bytes.length % 3)) % 3),
  toBase64Url: (bytes) => toDigits(bytes, base64UrlDigits),
  fromBase64(digits) {
    const binary = atob(digits.replaceAll('-', '+').replaceAll('_', '/'));
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    return bytes;
  },
};

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
