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
    if (!isBeginning(hit[0])) continue;
    const scanned = scanToken(text, hit.index, spacesBreak);
    found.push(scanned);
    beginning.lastIndex = scanned.end;
  }
  return found;
}

function scanToken(text: string, start: number, spacesBreak: boolean): ScannedToken {
  const first = matchAt(piece, text, start);
  const token = new GrowingToken(first, first.length + start - (text.lastIndexOf('\n', start - 1) + 1));
  let end = start + first.length;
  for (;;) {
    const joint = matchAt(lineBreak, text, end);
    const gap = joint === '' && spacesBreak ? matchAt(anySpace, text, end) : joint;
    if (gap === '') break;
    const next = matchAt(piece, text, end + gap.length);
    const after = end + gap.length + next.length;
    if (!token.goesOnWith(next) || !ends(text, after, spacesBreak)) break;
    token.add(next);
    end = after;
  }
  return { token: withoutFullStop(token.toString()), start, end };
}

/** Whether a piece that ends here could be the last or be broken here, and is not the first word of a sentence. */
function ends(text: string, at: number, spacesBreak: boolean): boolean {
  if (at === text.length || matchAt(endOfPiece, text, at) !== '') return true;
  return spacesBreak && matchAt(anySpace, text, at) !== '';
}

/** The pieces of a token that have been read, and what they tell of the next one. */
class GrowingToken {
  readonly #pieces: string[];
  #dots: number;
  /** The characters after the second dot. */
  #signature: number;
  /** The length of the last line, with what stands before the token in it. */
  #line: number;
  /** Whether the last line is as long as the one before: then it was broken for its length. */
  #lineIsFull = false;
  #signatureLengths: readonly number[] | undefined;

  constructor(first: string, line: number) {
    this.#pieces = [first];
    this.#dots = count(first, '.');
    this.#signature = this.#dots >= 2 ? first.length - 1 - first.lastIndexOf('.') : 0;
    this.#line = line;
  }

  add(next: string): void {
    const dots = count(next, '.');
    const isSignature = this.#dots >= 2 && dots === 0;
    this.#signature = isSignature ? this.#signature + next.length : next.length - 1 - next.lastIndexOf('.');
    this.#dots += dots;
    this.#lineIsFull = next.length === this.#line && next.length >= shortestLine;
    this.#line = next.length;
    // A line that ends in "=" is broken as quoted-printable breaks lines (RFC 2045 §6.7).
    const last = this.#pieces.length - 1;
    this.#pieces[last] = this.#pieces[last]?.replace(/=$/, '') ?? '';
    this.#pieces.push(next);
  }

  /** Whether `next`, which stands on the line after, is this token's continuation. */
  goesOnWith(next: string): boolean {
    if (!tokenPiece.test(next) && !isDamagedPiece(next)) return false;
    if (isBeginning(next) && (this.#dots >= 2 || count(next, '.') >= 2)) return false;
    const isWord = plainWord.test(next);
    if (this.#dots < 2) return !isWord || next.length < 4;
    if (this.#dots > 2) return !isWord;
    this.#signatureLengths ??= expectedSignature(this.#pieces.join('').split('.', 1)[0] ?? '');
    if (this.#signatureLengths.includes(this.#signature + next.length)) return true;
    if (this.#signatureLengths.includes(this.#signature) && !this.#lineIsFull) return false;
    // A line that was broken for its length is at least as long as the one it goes on in.
    return !isWord && this.#line >= next.length && this.#line >= shortestLine;
  }

  toString(): string {
    return this.#pieces.join('');
  }
}

/** Nothing breaks lines shorter than this for their length. */
const shortestLine = 16;

/** A long word with a character or two that do not belong there, for the decoder to point at. */
function isDamagedPiece(text: string): boolean {
  const strangers = text.replaceAll(/[\w.+/-]/g, '').length;
  return text.length >= 20 && strangers <= 2;
}

/** How many characters a signature can have: those of RSA keys from 2048 to 8192 bits where nothing else is known. */
function expectedSignature(header: string): readonly number[] {
  const alg = /"alg"\s*:\s*"([A-Za-z0-9]{1,10})"/.exec(
    String.fromCharCode(...readBase64UrlPart(header.slice(0, 4000)).bytes),
  )?.[1];
  if (alg === 'ES256' || alg === 'EdDSA' || alg === 'HS512' || alg === 'Ed25519') return [86];
  if (alg === 'ES384') return [128];
  if (alg === 'ES512') return [176];
  if (alg === 'HS256') return [43];
  if (alg === 'HS384') return [64];
  return [342, 512, 683, 1366];
}

export function isBeginning(text: string): boolean {
  return /^e(?:yJ|yA|w[o0k]|30)/.test(text);
}

/** A sentence may end after a token; a token itself ends in a full stop only when its signature is empty. */
function withoutFullStop(token: string): string {
  let surplus = count(token, '.') - 2;
  let end = token.length;
  for (; surplus > 0 && token[end - 1] === '.'; surplus--) end--;
  return token.slice(0, end);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
