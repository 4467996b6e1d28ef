import { cleanText } from './clean-text.ts';
import { type Hit, hitsIn, type Vocabulary } from './error-hits.ts';
import { keyReason } from './evidence.ts';
import type { ErrorFacts } from './explanation.ts';
import { readFacts } from './read-facts.ts';
import { safeText } from './safe-text.ts';

/** An error that stands in a text. */
export interface FoundError {
  /** The number of an AADSTS code, or the name of an OAuth or Graph error. */
  readonly code: number | string;
  /** What the server said, on one line; masked. Empty where only the code stands there. */
  readonly message: string;
  readonly facts: ErrorFacts;
  readonly occurrences: number;
}

/** How much of a text is looked at together, and how much of it is kept for what follows, in characters. */
const blockLength = 1 << 18;
const overlap = 1 << 13;

/** As far as one error goes, with the identifiers after it. */
const longestRecord = 4000;
/** Entra ID's longest messages, with their links, stay below this. */
const longestMessage = 1500;
/** The members of one answer are not farther apart than this. */
const widestGap = 800;

/** Enough for any honest log; a text made of nothing but codes is cut short here. */
const mostErrors = 200;

/** Where a new line of a log, or a new JSON document, begins; not a timestamp that was wrapped onto a line of its own. */
const newEntry =
  /(?<!\bTimestamp["':\s]{0,6}|\d{4}-\d\d-\d\d[ \t]{0,3})\n(?:[^\w\n]{0,6}\d{4}-\d\d-\d\d|[^\w\n]{0,6}\d\d:\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:|\{"|\S{0,12}(?:TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b)/;

/** What ends a message: the identifiers, the end of the member, the next entry, a stack, an empty line. */
const messageEnd =
  /\b(?:Trace ID|Correlation ID|Timestamp)["']?: | - (?:Correlation ID|Trace ID): |"\s?[,}\]]|'\s?[,}]\s?['"]error|\n\s{1,20}at \S|\n[ \t]{0,20}\n/;

/** Collects the errors of a text that comes in pieces; what it keeps does not grow with the text. */
export class ErrorFinder {
  readonly #vocabulary: Vocabulary;
  readonly #localTime: number | undefined;
  readonly #found = new Map<string, FoundError>();
  #rest = '';

  constructor(vocabulary: Vocabulary, localTime?: number) {
    this.#vocabulary = vocabulary;
    this.#localTime = localTime;
  }

  add(piece: string): void {
    for (let at = 0; at < piece.length; at += blockLength) {
      this.#rest += piece.slice(at, at + blockLength);
      if (this.#rest.length < blockLength) continue;
      const wanted = this.#rest.length - overlap;
      const lineEnd = this.#rest.lastIndexOf('\n', wanted);
      const cut = lineEnd > wanted - overlap ? lineEnd : wanted;
      const head = cleanText(this.#rest.slice(0, cut));
      this.#rest = this.#rest.slice(cut);
      this.#read(head + cleanText(this.#rest), head.length);
    }
  }

  /** What was found, in the order of the text. */
  end(): readonly FoundError[] {
    const text = cleanText(this.#rest);
    this.#rest = '';
    this.#read(text, text.length);
    const all = [...this.#found.values()];
    // A bare code says nothing that the same code with a message does not say.
    return all.filter(
      ({ code, message }) => message !== '' || !all.some((other) => other.code === code && other.message !== ''),
    );
  }

  /** @param end hits from here on are read with the next block */
  #read(text: string, end: number): void {
    const hits = hitsIn(text, this.#vocabulary).filter(({ at }) => at < end);
    for (const record of recordsOf(hits, text)) for (const error of this.#errorsOf(record, text)) this.#keep(error);
  }

  #errorsOf({ hits, end }: Record, text: string): readonly FoundError[] {
    const line = text.slice(hits[0]?.at, end).replace(/\s+/g, ' ');
    const name = hits.find(({ code }) => typeof code === 'string')?.code;
    const facts = readFacts(line, this.#localTime);
    const numbers = hits.filter(({ code }) => typeof code === 'number');
    // Beside a number the name of the OAuth error says nothing more.
    const telling = numbers.length > 0 ? numbers : hits;
    const codes = [...new Set(telling.map(({ code }) => code))];
    return codes.map((code) => {
      const messages = telling.filter((hit) => hit.code === code).map((hit) => messageOf(hit, hits, text, end));
      const message = messages.reduce((longest, one) => (one.length > longest.length ? one : longest), '');
      const error = typeof name === 'string' && name !== code ? { error: name } : {};
      return { code, message, facts: { ...error, ...facts }, occurrences: 1 };
    });
  }

  #keep(error: FoundError): void {
    const { thumbprint, applicationId, tenant } = error.facts;
    const key = JSON.stringify([
      error.code,
      error.message === '',
      keyReason(error.message),
      thumbprint,
      applicationId,
      tenant,
    ]);
    const known = this.#found.get(key);
    if (known !== undefined) this.#found.set(key, { ...known, occurrences: known.occurrences + 1 });
    else if (this.#found.size < mostErrors) this.#found.set(key, error);
  }
}

/** One answer of a server: a code, or several nested ones, with what stands around them. */
interface Record {
  readonly hits: readonly Hit[];
  readonly end: number;
}

function recordsOf(hits: readonly Hit[], text: string): readonly Record[] {
  const groups: Hit[][] = [];
  for (const hit of hits) {
    const group = groups.at(-1);
    if (group !== undefined && belongsTo(group, hit, text)) group.push(hit);
    else groups.push([hit]);
  }
  return groups.map((group, index) => {
    const start = group[0]?.at ?? 0;
    const lastEnd = group.at(-1)?.end ?? start;
    const farthest = Math.min(start + longestRecord, groups[index + 1]?.[0]?.at ?? text.length, text.length);
    const after = newEntry.exec(text.slice(lastEnd, farthest));
    return { hits: group, end: after === null ? Math.max(farthest, lastEnd) : lastEnd + after.index };
  });
}

function belongsTo(group: readonly Hit[], hit: Hit, text: string): boolean {
  const [first, last] = [group[0], group.at(-1)];
  if (first === undefined || last === undefined) return false;
  if (hit.at - last.end > widestGap || hit.end - first.at > longestRecord) return false;
  if (newEntry.test(text.slice(last.end, hit.at))) return false;
  const before = group.findLast(({ hasMessage }) => hasMessage);
  // Nested codes stand on one line; one on another line is an error of its own.
  return !hit.hasMessage || before === undefined || !text.slice(before.end, hit.at).includes('\n');
}

function messageOf(hit: Hit, hits: readonly Hit[], text: string, end: number): string {
  const next = hits.find(({ at, hasMessage }) => at > hit.at && hasMessage)?.at ?? end;
  const from = hit.hasMessage ? hit.end : describedAt(text, hit, end);
  if (from === undefined) return '';
  const until = Math.min(from + longestMessage, hit.hasMessage ? next : end);
  const rest = text.slice(from, until);
  const stop = messageEnd.exec(rest);
  return safeText(stop === null ? rest : rest.slice(0, stop.index), longestMessage);
}

/** Where the description begins of an OAuth or Graph error that is named. */
function describedAt(text: string, { code, end: from }: Hit, end: number): number | undefined {
  if (typeof code === 'number') return undefined;
  const described = /\b(?:error_description|message)["']?\s{0,3}[:=]\s{0,3}["']?/.exec(text.slice(from, end));
  return described === null ? undefined : from + described.index + described[0].length;
}
