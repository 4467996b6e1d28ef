/** Text for people: safe to print, coloured, wrapped, aligned. */

/** Text from a file, a server or a token, made safe for a terminal: what could steer it is shown as an escape. */
export function printable(text: string): string {
  // Control characters, and the marks that turn the writing direction: both can make a terminal show something else.
  // Here and not above: V8 reads `\p{…}` when it meets it, which every command would pay for.
  const unprintable = /(?![\n\t])[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
  return text.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

export interface Paint {
  readonly bold: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

/** Colours for a stream that has them; elsewhere the text as it is. */
export function paintFor({ hasColours }: { readonly hasColours: boolean }): Paint {
  const style = (open: number, close: number) => (text: string) =>
    hasColours ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { bold: style(1, 22), faint: style(2, 22), red: style(31, 39), green: style(32, 39), yellow: style(33, 39) };
}

/** Breaks text at spaces; a word longer than a line stands alone. */
export function wrap(text: string, columns: number, indent = ''): string {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
        lines.push(line);
        line = word;
      } else {
        line = line === '' ? word : `${line} ${word}`;
      }
    }
    lines.push(line);
  }
  return lines.map((line) => (line === '' ? '' : indent + line)).join('\n');
}

/** Pairs as two columns, the second one wrapped under itself. */
export function twoColumns(
  rows: readonly (readonly [string, string])[],
  columns: number,
  { indent = '  ', widest = 30 }: { readonly indent?: string; readonly widest?: number } = {},
): string {
  const left = Math.min(widest, Math.max(0, ...rows.map(([label]) => label.length)));
  const hang = ' '.repeat(indent.length + left + 2);
  return rows
    .map(([label, text]) => {
      const wrapped = wrap(text, columns, hang).slice(hang.length);
      return label.length > left
        ? `${indent}${label}\n${hang}${wrapped}`
        : `${indent}${label.padEnd(left)}  ${wrapped}`.trimEnd();
    })
    .join('\n');
}
