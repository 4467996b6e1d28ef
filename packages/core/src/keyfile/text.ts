import { fromUtf8 } from '../lib/text-encoding.ts';

/**
 * The text of a file, in whichever way it was saved: UTF-8, or the UTF-16 of Windows tools, with or without a byte order
 * mark; `undefined` when it is no text.
 */
export function decodeText(bytes: Uint8Array): string | undefined {
  const encoding = encodingOf(bytes);
  const decoded = encoding === 'utf-8' ? fromUtf8(bytes) : new TextDecoder(encoding).decode(bytes);
  // Blob stores and fixed records fill up with zeros.
  let end = decoded.length;
  while (decoded.charCodeAt(end - 1) === 0) end--;
  const text = decoded.slice(0, end);
  // Key files are ASCII where it matters; zeros inside stand in binary files only.
  return text.includes('\0') ? undefined : text;
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  // Without a mark: every other octet of ASCII in UTF-16 is zero.
  const start = bytes.subarray(0, 64);
  const zeros = (parity: number): boolean => start.every((octet, index) => index % 2 !== parity || octet === 0);
  if (bytes.length >= 4 && bytes.length % 2 === 0) {
    if (zeros(1)) return 'utf-16le';
    if (zeros(0)) return 'utf-16be';
  }
  return 'utf-8';
}
