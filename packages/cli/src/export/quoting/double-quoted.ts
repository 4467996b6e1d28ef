/** How a language writes, inside double quotes, a character that cannot stand there as it is. */
type Escape = (codePoint: number) => string;

/** Quote, backslash and whatever is beyond printable ASCII are escaped, so that the encoding of the file does not matter. */
function doubleQuoted(text: string, escaped: Escape): string {
  const inside = text.replaceAll(/[^ -~]|["\\]/gu, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    return escaped(character.codePointAt(0) ?? 0);
  });
  return `"${inside}"`;
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

/** `\uXXXX`, and `\UXXXXXXXX` beyond the first plane. */
const long: Escape = (point) => (point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`);

/** `\uXXXX` for each unit of UTF-16. */
const utf16: Escape = (point) =>
  [...String.fromCodePoint(point).split('')].map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`).join('');

/** A text as a string of Python 3 (Language Reference §2.4.1). */
export const pythonString = (text: string): string => doubleQuoted(text, long);

/** A text as an interpreted string literal of Go (specification, "String literals"). */
export const goString = (text: string): string => doubleQuoted(text, long);

/** A text as a regular string literal of C# (ECMA-334 §6.4.5.6). */
export const csharpString = (text: string): string => doubleQuoted(text, utf16);

/**
 * A text as a string literal of Java. Java replaces `\uXXXX` before it looks for the end of a literal (JLS §3.3), so line
 * breaks have escapes of their own, which {@link doubleQuoted} writes.
 */
export const javaString = (text: string): string => doubleQuoted(text, utf16);

/** A text as a quoted template of HCL without a template in it: `${` and `%{` would begin one (HCL §"Template Literals"). */
export const hclString = (text: string): string => doubleQuoted(text, long).replaceAll(/[$%](?=\{)/g, '$&$&');

/** A text as a double-quoted scalar of YAML 1.2 (§7.3.1). */
export const yamlString = (text: string): string => doubleQuoted(text, long);
