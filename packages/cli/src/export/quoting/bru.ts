/**
 * A value in a dictionary of Bruno's language (`.bru`). One of several lines stands between `'''`, indented; neither kind has
 * escapes, so what would end it early cannot be written.
 *
 * @param value without `'''`; PEM and form values have none
 */
export function bruValue(value: string): string {
  if (value.includes("'''")) throw new RangeError("write .bru: a value holds '''");
  if (!value.includes('\n')) return value;
  return `'''\n${indented(value.trimEnd(), '    ')}\n  '''`;
}

/** A block of text or script: each line is indented, so that no line of it ends the block. */
export function bruBlock(name: string, text: string): string {
  return `${name} {\n${indented(text.trimEnd(), '  ')}\n}\n`;
}

function indented(text: string, margin: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '' : margin + line))
    .join('\n');
}
