import type { Codec } from '../lib/codec.ts';

/** The codec for Node, Deno and Bun: by Buffer, which a short process has to hand while it would run loops uncompiled. */
export const codec: Codec = {
  fromUtf8(bytes) {
    const text = window(bytes).toString('utf8');
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  },
  toHex: (bytes) => window(bytes).toString('hex').toUpperCase(),
  toBase64: (bytes) => window(bytes).toString('base64'),
  toBase64Url: (bytes) => window(bytes).toString('base64url'),
  fromBase64(digits) {
    // Into memory of its own from the first octet on: a small Buffer lies in memory that others use, and this may be a key.
    const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
    window(bytes).write(digits, 'base64');
    return bytes;
  },
};

function window({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
