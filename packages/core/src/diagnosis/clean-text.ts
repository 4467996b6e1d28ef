/*
 * Every pattern here is bounded or cannot match in two ways, so that the time it takes grows with the text and not faster:
 * logs come from anywhere.
 */

/** Colours and other terminal control (ECMA-48 §5.4). */
const terminalControl = new RegExp(`${String.fromCharCode(27)}(?:\\[[0-?]{0,40}[ -/]{0,8}[@-~]|[@-Z\\\\^_])`, 'g');

/** What JSON, Python and shells write for characters, also escaped several times over: `\r\n`, `\\n`, `\u0027`, `\"`. */
const escapes = /(?<!\\)\\{1,7}(?:([rnt"'/])|u(00[0-9a-f]{2}))/gi;

const entities = /&(?:#39|#x27|quot|lt|gt|amp);/g;
const entityText: Readonly<Record<string, string>> = {
  '&#39;': "'",
  '&#x27;': "'",
  '&quot;': '"',
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
};

/** The left edge of the box that Terraform draws around an error, and of quoted mail. */
const leftEdge = /^[ \t]{0,20}[│╷╵>|](?: ?[>|]){0,5}/gm;

/** A description in the query of a redirect. */
const percentEncoded = /AADSTS\d{4,9}(?:%3a|:(?=[+%]))[^\s"<>&]{0,4000}/gi;

/** The text as the server wrote it, as far as that can be had back: without colours, escapes and frames. */
export function cleanText(text: string): string {
  return text
    .replace(terminalControl, '')
    .replace(escapes, (_, letter: string | undefined, hex: string | undefined) => unescaped(letter, hex))
    .replace(entities, (entity) => entityText[entity] ?? entity)
    .replace(percentEncoded, percentDecoded)
    .replace(leftEdge, '')
    .replace(/\r\n?/g, '\n');
}

function unescaped(letter: string | undefined, hex: string | undefined): string {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  switch (letter) {
    case 'r':
    case 'n':
    case 'R':
    case 'N':
      return '\n';
    case 't':
    case 'T':
      return ' ';
    default:
      return letter ?? '';
  }
}

function percentDecoded(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
