/** The codes that there are. */
export interface Vocabulary {
  isKnown(code: number): boolean;
  /** The names of OAuth and Graph errors. */
  readonly names: readonly string[];
}

/** A place where a text names an error. */
export interface Hit {
  readonly code: number | string;
  readonly at: number;
  readonly end: number;
  /** Whether it is a code as it begins a message: `AADSTS700027: …`. */
  readonly hasMessage: boolean;
}

/** A code, perhaps broken at the edge of a terminal; then `:` follows its second part. */
const aadsts = /(?<![A-Za-z0-9])AADSTS(\d{4,9})(?!\d)(:)?(?:[ \t]{0,8}\n[ \t]{0,8}(\d{1,5}):)?/gi;

/** Where programs write numbers alone: the answer's list, the look-up page, MSAL Node's text and property. */
const mentions = [
  /\berror_?codes["']?\s{0,5}[:=]\s{0,5}\[([\d,\s"']{4,200})\]/gi,
  /\bError\(s\): {0,2}([\d, ]{4,100})/g,
  /[?&]code=(\d{4,9})(?![\w.-])/g,
  /\berrorNo["']?\s{0,3}[:=]\s{0,3}["']?(\d{4,9})(?!\d)/g,
];

/** A text that is nothing but codes. */
const codesAlone = /^\s{0,20}(?:AADSTS ?|#)?\d{4,9}(?:[\s,;]{1,5}(?:AADSTS ?|#)?\d{4,9}){0,20}\s{0,20}$/i;

/** Every place of a clean text that names an error, in its order. */
export function hitsIn(text: string, { isKnown, names }: Vocabulary): readonly Hit[] {
  if (text.length < 1000 && codesAlone.test(text)) {
    return Array.from(text.matchAll(/\d{4,9}/g), ({ 0: digits, index }) => hit(Number(digits), index, digits));
  }
  const hits: Hit[] = [];
  for (const { 0: whole, 1: digits = '', 2: colon, 3: more = '', index } of text.matchAll(aadsts)) {
    const isBroken = colon === undefined && more !== '' && !isKnown(Number(digits)) && isKnown(Number(digits + more));
    const end = index + (isBroken ? whole.length : 'AADSTS'.length + digits.length + (colon ?? '').length);
    const hasMessage = isBroken || colon !== undefined;
    hits.push({ code: Number(isBroken ? digits + more : digits), at: index, end, hasMessage });
  }
  for (const pattern of mentions) {
    for (const { 0: whole, 1: list = '', index } of text.matchAll(pattern)) {
      for (const [digits] of list.matchAll(/\d{4,9}/g)) hits.push(hit(Number(digits), index, whole));
    }
  }
  for (const { 0: name, index } of text.matchAll(new RegExp(`(?<![\\w-])(?:${names.join('|')})(?![\\w-])`, 'g'))) {
    hits.push(hit(name, index, name));
  }
  return hits.toSorted((a, b) => a.at - b.at);
}

function hit(code: number | string, at: number, text: string): Hit {
  return { code, at, end: at + text.length, hasMessage: false };
}
