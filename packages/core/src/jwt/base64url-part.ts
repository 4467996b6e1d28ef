import { type Bytes, fromBase64 } from '../lib/text-encoding.ts';
import { characterInWords } from './printable.ts';

/** What is wrong with the base64url of a token's part, and where. */
export interface EncodingFault {
  readonly code: 'not-base64url' | 'standard-base64' | 'padding' | 'truncated';
  /** Offset into the part. */
  readonly at: number;
  /** What is wrong, to follow "The header " and the like. */
  readonly problem: string;
}

export interface EncodedPart {
  /** What could be read: everything before the first character that is not of either alphabet. */
  readonly bytes: Bytes;
  readonly faults: readonly EncodingFault[];
  /** Whether `bytes` is all of it; where it is not, what the bytes say breaks off too. */
  readonly complete: boolean;
}

/**
 * Reads one part of a token as far as it goes (RFC 7515 §2: base64url of RFC 4648 §5, without padding).
 *
 * Padding and the characters of standard base64 are faults that do not keep it from being read.
 */
export function readBase64UrlPart(text: string): EncodedPart {
  const faults: EncodingFault[] = [];
  let end = text.length;
  while (text[end - 1] === '=') end--;
  let digits = text.slice(0, end);
  let complete = true;

  const stranger = /[^A-Za-z0-9_+/-]/u.exec(digits);
  if (stranger !== null) {
    complete = false;
    faults.push({
      code: 'not-base64url',
      at: stranger.index,
      problem: `is not base64url: its character ${stranger.index + 1} is ${characterInWords(stranger[0])}`,
    });
    digits = digits.slice(0, stranger.index);
  } else if (digits.length < text.length) {
    faults.push({
      code: 'padding',
      at: digits.length,
      problem: 'ends in "=": a token has its base64url without padding (RFC 7515 §2)',
    });
  }

  const standard = /[+/]/.exec(digits);
  if (standard !== null) {
    faults.push({
      code: 'standard-base64',
      at: standard.index,
      problem: `is standard base64, not base64url: its character ${standard.index + 1} is "${standard[0]}"`,
    });
  }

  if (digits.length % 4 === 1) {
    if (complete) {
      faults.push({
        code: 'truncated',
        at: digits.length,
        problem: `has ${digits.length} characters, a number that no base64url has: some are missing, or one is too many`,
      });
    }
    complete = false;
    digits = digits.slice(0, -1);
  }
  return { bytes: fromBase64(digits) ?? new Uint8Array(0), faults, complete };
}
