const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const opening = [0x7b, 0x5b];
const closing = [0x7d, 0x5d];

/**
 * Whether an object in JSON text names each of its own members once.
 *
 * JSON.parse keeps the last of two members with one name, other parsers the first; a JWS that can be read in two ways
 * must be refused (RFC 7515 §4). The text must have been parsed already, so that only its shape matters here.
 */
export function hasSingleMembers(json: string): boolean {
  const names = new Set<unknown>();
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (character === quote) {
      const end = endOfString(json, at);
      if (depth === 1 && isName(json, end)) {
        // The same name can be written with and without escapes.
        const name: unknown = JSON.parse(json.slice(at, end));
        if (names.has(name)) return false;
        names.add(name);
      }
      at = end - 1;
    } else if (opening.includes(character)) {
      depth++;
    } else if (closing.includes(character)) {
      depth--;
    }
  }
  return true;
}

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1);
  return end + 1;
}

/** A quote after an odd number of backslashes is part of the string. */
function isEscaped(json: string, at: number): boolean {
  let backslashes = 0;
  while (json.charCodeAt(at - 1 - backslashes) === backslash) backslashes++;
  return backslashes % 2 === 1;
}

/** A string is a member's name when a colon comes next. */
function isName(json: string, from: number): boolean {
  let at = from;
  while (json.charCodeAt(at) <= 0x20) at++;
  return json.charCodeAt(at) === colon;
}
