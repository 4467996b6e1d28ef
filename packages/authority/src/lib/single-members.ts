/**
 * Whether an object in JSON text names each of its own members once.
 *
 * JSON.parse keeps the last of two members with one name, other parsers the first; a JWS that can be read in two ways
 * must be refused (RFC 7515 §4). The text must have been parsed already, so that only its shape matters here.
 */
export function hasSingleMembers(json: string): boolean {
  const names = new Set<string>();
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
    else if (character === '"') {
      const end = endOfString(json, at);
      if (depth === 1 && isName(json, end)) {
        const name: unknown = JSON.parse(json.slice(at, end));
        if (typeof name !== 'string' || names.has(name)) return false;
        names.add(name);
      }
      at = end - 1;
    }
  }
  return true;
}

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === '\\') at++;
    else if (json[at] === '"') return at + 1;
  }
  return json.length;
}

/** A string is a member's name when a colon comes next. */
function isName(json: string, from: number): boolean {
  let at = from;
  while (at < json.length && /\s/.test(json.charAt(at))) at++;
  return json[at] === ':';
}
