import type { Bytes } from './text-encoding.ts';

/**
 * How the runtime turns bytes into text and back: `#codec` resolves to `node/codec.ts` in Node, Deno and Bun and to
 * `lib/web-codec.ts` elsewhere (package.json, "imports"); both pass the same tests. For use by `text-encoding.ts`, which says
 * what each of them does.
 */
export interface Codec {
  fromUtf8(bytes: Uint8Array): string;
  toHex(bytes: Uint8Array): string;
  toBase64(bytes: Uint8Array): string;
  toBase64Url(bytes: Uint8Array): string;
  /** @param digits of both alphabets, without padding; checked already */
  fromBase64(digits: string): Bytes;
}
