/** Enough to recognise a value by. */
const usualLength = 200;

/**
 * Something that a caller sent, fit to stand in a message: no longer than it helps, without control characters and
 * halves of characters, which could forge lines of an answer or a log. What is no text is named by its kind.
 */
export function shown(value: unknown, length: number = usualLength): string {
  if (typeof value === 'string') return value.slice(0, length).replace(/[\p{Cc}\p{Cs}]/gu, '\u{fffd}');
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
