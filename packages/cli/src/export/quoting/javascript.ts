/**
 * A text as a string literal of JavaScript that any engine reads back unchanged, in single quotes.
 *
 * Everything beyond printable ASCII is an escape, so that neither the encoding of the file nor an editor matters; so is what
 * begins or ends a placeholder of a tool (`{{`) or a script element.
 *
 * @param text any text
 */
export function javascriptString(text: string): string {
  const escaped = text.replaceAll(/[^ -~]|['\\`]|\$(?=\{)|\{(?=\{)|\}(?=\})|<(?=[/!])/g, escapeSequence);
  return `'${escaped}'`;
}

function escapeSequence(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  if (character === '\n') return '\\n';
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
