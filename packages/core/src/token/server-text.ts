import { maskText } from './trace.ts';

/**
 * Text from a server, fit to stand in a message: on one line, without control characters, without anything that looks
 * like a JWT (some servers repeat what was sent to them), and not longer than `length`.
 */
export function serverText(text: string, length: number): string {
  const line = maskText(text)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
