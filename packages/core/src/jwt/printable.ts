/** Controls, formatting characters that turn the direction of writing or have no width, line separators, lone surrogates. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text with everything that a terminal or a page would act upon, rather than show, written as `\u…`. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) =>
    Array.from({ length: character.length }, (_, at) => escaped(character.charCodeAt(at))).join(''),
  );
}

function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}

/** Characters that take the place of others when a text passes through word processors, mail and chat. */
const strangers: Readonly<Record<string, string>> = {
  ' ': 'a space',
  '\n': 'a line break',
  '\r': 'a line break',
  '\t': 'a tab',
  '\u00a0': 'a no-break space',
  '\u2010': 'a hyphen that is not the ASCII one',
  '\u2011': 'a no-break hyphen',
  '\u2013': 'an en dash, as word processors write for -',
  '\u2014': 'an em dash, as word processors write for --',
  '\u2026': 'an ellipsis: the token was shortened where it was copied from',
  '\u201c': 'a typographic quotation mark',
  '\u201d': 'a typographic quotation mark',
  '\u2018': 'a typographic quotation mark',
  '\u2019': 'a typographic quotation mark',
  '*': '"*": parts of the token may have been masked where it was copied from',
  '%': '"%": the token may still be percent-encoded',
};

/** A character in words: itself where it can be printed, else its code point, with its name where it is a frequent one. */
export function characterInWords(character: string): string {
  const name = strangers[character];
  if (name !== undefined) return name;
  if (/^[!-~]$/.test(character)) return character === '"' ? 'a quotation mark' : `"${character}"`;
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
