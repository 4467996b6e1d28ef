import type { Element } from '../lib/der/reader.ts';
import { Tag } from '../lib/der/tag.ts';
import type { Bytes } from '../lib/text-encoding.ts';

/** X.690 §8.23; not among the types that key files use. */
const numericString = 0x12;

/**
 * The text of a string type (RFC 5280 appendix A, DirectoryString and IA5String), or `undefined` when the element is no
 * string or not a well-formed one.
 */
export function readText({ tag, contents }: Element): string | undefined {
  switch (tag) {
    case Tag.utf8String:
      return decodeUtf8(contents);
    case Tag.printableString:
    case Tag.ia5String:
    case Tag.visibleString:
    case numericString:
      return readAscii(contents);
    // T.61 is nobody's any more: what is found under its tag is Latin-1.
    case Tag.t61String:
      return decodeUnits(contents, 1);
    case Tag.bmpString:
      return decodeUnits(contents, 2);
    case Tag.universalString:
      return decodeUnits(contents, 4);
    default:
      return undefined;
  }
}

/** ASCII as it should be; the UTF-8 or Latin-1 that some authorities write in its place is read as what it is. */
export function readAscii(contents: Bytes): string {
  return decodeUtf8(contents) ?? decodeUnits(contents, 1) ?? '';
}

function decodeUtf8(contents: Bytes): string | undefined {
  // Most names are short and in ASCII, and a decoder costs a short command a tenth of a millisecond.
  if (contents.length < 200 && contents.every((octet) => octet < 0x80)) return String.fromCharCode(...contents);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(contents);
  } catch {
    return undefined;
  }
}

/** Big-endian units of `width` octets: Latin-1, UTF-16, UTF-32. */
function decodeUnits(contents: Bytes, width: 1 | 2 | 4): string | undefined {
  if (contents.length % width !== 0) return undefined;
  let text = '';
  for (let start = 0; start < contents.length; start += width) {
    let unit = 0;
    for (const octet of contents.subarray(start, start + width)) unit = unit * 256 + octet;
    if (unit > 0x10ffff) return undefined;
    text += width === 4 ? String.fromCodePoint(unit) : String.fromCharCode(unit);
  }
  return /\p{Surrogate}/u.test(text) ? undefined : text;
}

/**
 * Characters that a terminal or a page would act on in place of showing them: controls, direction marks, line and
 * paragraph separators. A certificate comes from anybody, so its texts carry them as `\XX` of their UTF-8 octets.
 */
export function escapeInvisible(text: string): string {
  // Most names are plain, and compiling the expression below costs a short command half a millisecond.
  if (isPrintableAscii(text)) return text;
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from(
      new TextEncoder().encode(character),
      (octet) => `\\${octet.toString(16).padStart(2, '0').toUpperCase()}`,
    ).join(''),
  );
}

function isPrintableAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit > 0x7e) return false;
  }
  return true;
}
