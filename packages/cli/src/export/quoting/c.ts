/**
 * A text as a string literal of C, as its UTF-8 bytes.
 *
 * Bytes beyond printable ASCII are octal escapes of three digits, which end by themselves, where a hexadecimal one would
 * swallow the digits after it; a question mark is escaped because of trigraphs (C17 §5.2.1.1, §6.4.4.4).
 *
 * @param text any text without a NUL, which would end the string
 */
export function cString(text: string): string {
  const characters = [...new TextEncoder().encode(text)].map((byte) => {
    const character = String.fromCharCode(byte);
    if (/["\\?]/.test(character)) return `\\${character}`;
    return /[ -~]/.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`;
  });
  return `"${characters.join('')}"`;
}
