import { readBase64UrlPart } from './base64url-part.ts';

/** A token as it stands in a text: joined where the text breaks it, not decoded. */
export interface ScannedToken {
  readonly token: string;
  /** Where it begins and where the text goes on after it. */
  readonly start: number;
  readonly end: number;
}

/**
 * Where a JOSE header begins: base64url of `{` and then a quotation mark, white space or `}`.
 *
 * Before it stands nothing that could belong to it, save an escape that ends in a letter or digit (`%20`, `\n`).
 */
const beginning = /(?<=%[0-9A-F]{2}|\\[nrt]|(?<![\w-]|[\w-]\.))e(?:yJ|yA|w[o0k]|30)/gi;

/** As far as one piece of a token can go: damaged characters belong to it, what ends a word does not. */
const piece = /[^\s"'`,;:&<>()[\]{}|\\#?]+/y;
const tokenPiece = /^[\w.+/-]+={0,2}$/;
const plainWord = /^[A-Z]?[a-z]*[.-]?$/;

/** A break inside a token: a line that goes on after indentation or the marks of quoted mail, an escaped line break. */
const lineBreak = /(?:[ \t]*\\?\r?\n[ \t]*(?:[>|][ \t]*)*|(?:\\r)?\\n)/y;
const anySpace = /[ \t]+/y;
/** What may stand after the last piece of a token that goes over several lines. */
const endOfPiece = /[ \t]*(?:$|\r?\n|\\|["'`,;&<>)\]}|])/y;

const maxTokens = 50;

/** Finds what begins like a token, whole or damaged, in the order of the text. */
export function scanTokens(text: string): ScannedToken[] {
  const found: ScannedToken[] = [];
  // Nothing but pieces of tokens: then spaces are breaks as well.
  const spacesBreak = /^[\w.\s>|=+/-]*$/.test(text);
  beginning.lastIndex = 0;
  for (let hit = beginning.exec(text); hit !== null && found.length < maxTokens; hit = beginning.exec(text)) {
    // The pattern ignores case for the escapes' sake; the beginning itself does not.
    if (!/^e(?:yJ|yA|w[o0k]|30)$/.test(hit[0])) continue;
    const scanned = scanToken(text, hit.index, spacesBreak);
    found.push(scanned);
    beginning.lastIndex = scanned.end;
  }
  return found;
}

/** Reads one token that begins at `start`. */
export function scanToken(text: string, start: number, spacesBreak = false): ScannedToken {
  let end = matchAt(piece, text, start).length + start;
  let token = text.slice(start, end);
  let line = token.length + start - (text.lastIndexOf('\n', start - 1) + 1);
  for (;;) {
    const joint = matchAt(lineBreak, text, end);
    const gap = joint === '' && spacesBreak ? matchAt(anySpace, text, end) : joint;
    if (gap === '') break;
    const next = matchAt(piece, text, end + gap.length);
    const after = end + gap.length + next.length;
    if (!goesOn(token, next, line) || !follows(text, after, spacesBreak)) break;
    // A line that ends in "=" is broken as quoted-printable breaks lines (RFC 2045 §6.7).
    token = token.replace(/=$/, '') + next;
    line = next.length;
    end = after;
  }
  return { token: withoutFullStop(token), start, end };
}

function follows(text: string, at: number, spacesBreak: boolean): boolean {
  return (
    matchAt(endOfPiece, text, at) !== '' || at === text.length || (spacesBreak && matchAt(anySpace, text, at) !== '')
  );
}

/** Whether `next`, which stands on the line after `token`, is its continuation. */
function goesOn(token: string, next: string, line: number): boolean {
  if (!tokenPiece.test(next)) return false;
  const dots = count(token, '.');
  if (isBeginning(next) && (dots >= 2 || count(next, '.') >= 2)) return false;
  const [header = '', , signature = ''] = token.split('.');
  if (dots < 2) return !plainWord.test(next) || next.length < 4;
  if (dots > 2) return !plainWord.test(next);
  const missing = expectedSignature(header).find((length) => length >= signature.length);
  if (missing === signature.length) return false;
  if (missing === signature.length + next.length) return true;
  // A line that was broken for its length is at least as long as the one it goes on in.
  return !plainWord.test(next) && line >= next.length && line >= 16;
}

/** How many characters a signature can have: those of RSA keys from 1024 to 8192 bits where nothing else is known. */
function expectedSignature(header: string): readonly number[] {
  const alg = /"alg"\s*:\s*"([A-Za-z0-9]{1,10})"/.exec(
    String.fromCharCode(...readBase64UrlPart(header.slice(0, 4000)).bytes),
  )?.[1];
  if (alg === 'ES256' || alg === 'EdDSA' || alg === 'HS512' || alg === 'Ed25519') return [86];
  if (alg === 'ES384') return [128];
  if (alg === 'ES512') return [176];
  if (alg === 'HS256') return [43];
  if (alg === 'HS384') return [64];
  return [171, 342, 512, 683, 1366];
}

export function isBeginning(text: string): boolean {
  return /^e(?:yJ|yA|w[o0k]|30)/.test(text);
}

/** A sentence may end after a token; a token itself ends in a full stop only when its signature is empty. */
function withoutFullStop(token: string): string {
  let whole = token;
  while (whole.endsWith('.') && count(whole, '.') > 2) whole = whole.slice(0, -1);
  return whole;
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
