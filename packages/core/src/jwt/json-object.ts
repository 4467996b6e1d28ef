import { characterInWords, printable } from './printable.ts';

/** What is wrong with the JSON of a header or a payload, and where. */
export interface JsonFault {
  readonly code: 'not-json' | 'not-an-object' | 'truncated' | 'duplicate-member';
  /** Offset into the text. */
  readonly at: number;
  /** What is wrong, to follow "The header " and the like. */
  readonly problem: string;
}

export interface JsonReading {
  /** The members before the first fault; `undefined` where the text is not an object at all. */
  readonly members: Record<string, unknown> | undefined;
  readonly faults: readonly JsonFault[];
}

/** No honest token nests its claims this deep; the reader would run out of stack far beyond it. */
const maxDepth = 200;
/** More would tell nothing new. */
const maxDuplicates = 20;

/**
 * Reads a JSON object (RFC 8259) as far as it goes.
 *
 * `JSON.parse` gives nothing of a text that breaks off, words its errors differently in each runtime and lets the last
 * of two members with one name win; a decoder has to show what was readable, where it broke, and both members
 * (RFC 7519 §4: claim names must be unique).
 */
export function readJsonObject(text: string): JsonReading {
  const reader = new Reader(text);
  try {
    reader.readDocument();
  } catch (thrown) {
    if (!(thrown instanceof Broken)) throw thrown;
    return { members: reader.top, faults: [...reader.duplicates, thrown.fault] };
  }
  return { members: reader.top, faults: reader.duplicates };
}

class Broken extends Error {
  readonly fault: JsonFault;
  constructor(fault: JsonFault) {
    super(fault.problem);
    this.fault = fault;
  }
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What may stand in a string as it is: anything but C0 controls, the quotation mark and the backslash. */
const plainText = /[ !#-[\]-\uffff]+/y;
const hexDigits = /[0-9A-Fa-f]{4}/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  readonly duplicates: JsonFault[] = [];
  /** The members of the outermost object, filled as they are read. */
  top: Record<string, unknown> | undefined;
  readonly #text: string;
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readDocument(): void {
    this.#skipSpace();
    if (this.#text[this.#position] !== '{') {
      if (this.#isOtherJson()) throw this.#broken('not-an-object', 'is JSON but not an object');
      throw this.#broken('not-json', this.#text === '' ? 'is empty' : 'is not JSON');
    }
    this.top = {};
    this.#readObject(this.top);
    this.#skipSpace();
    if (this.#position < this.#text.length) {
      const rest = this.#text.length - this.#position;
      throw this.#broken(
        'not-json',
        `goes on for ${rest} ${rest === 1 ? 'character' : 'characters'} after its JSON ends`,
      );
    }
  }

  #isOtherJson(): boolean {
    try {
      JSON.parse(this.#text);
      return true;
    } catch {
      return false;
    }
  }

  #readValue(): unknown {
    this.#skipSpace();
    const character = this.#text[this.#position];
    if (character === '"') return this.#readString();
    if (character === '{') return this.#readObject({});
    if (character === '[') return this.#readArray();
    for (const [literal, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.#text.startsWith(literal, this.#position)) {
        this.#position += literal.length;
        return value;
      }
    }
    const digits = this.#match(number);
    if (digits !== undefined) return Number(digits);
    throw this.#expected('a value');
  }

  #readObject(members: Record<string, unknown>): Record<string, unknown> {
    this.#enter();
    this.#skipSpace();
    if (this.#take('}')) return this.#leave(members);
    for (;;) {
      this.#skipSpace();
      const nameAt = this.#position;
      if (this.#text[nameAt] !== '"') throw this.#expected('a member name in quotation marks');
      const name = this.#readString();
      this.#skipSpace();
      if (!this.#take(':')) throw this.#expected('":"');
      const value = this.#readValue();
      if (Object.hasOwn(members, name) && this.duplicates.length < maxDuplicates) {
        this.duplicates.push({
          code: 'duplicate-member',
          at: nameAt,
          problem: `has the member "${printable(name)}" more than once: readers disagree on which one counts`,
        });
      }
      // Not an assignment: that would set the prototype for a member named __proto__.
      Object.defineProperty(members, name, { value, writable: true, enumerable: true, configurable: true });
      this.#skipSpace();
      if (this.#take('}')) return this.#leave(members);
      if (!this.#take(',')) throw this.#expected('"," or "}"');
    }
  }

  #readArray(): unknown[] {
    this.#enter();
    const items: unknown[] = [];
    this.#skipSpace();
    if (this.#take(']')) return this.#leave(items);
    for (;;) {
      items.push(this.#readValue());
      this.#skipSpace();
      if (this.#take(']')) return this.#leave(items);
      if (!this.#take(',')) throw this.#expected('"," or "]"');
    }
  }

  #readString(): string {
    this.#position++;
    let value = '';
    for (;;) {
      value += this.#match(plainText) ?? '';
      if (this.#take('"')) return value;
      if (!this.#take('\\')) throw this.#expected('the end of a string');
      const marker = this.#text[this.#position];
      if (marker === 'u') {
        this.#position++;
        const digits = this.#match(hexDigits);
        if (digits === undefined) throw this.#expected('four hexadecimal digits');
        value += String.fromCharCode(Number.parseInt(digits, 16));
      } else {
        const character = marker === undefined ? undefined : escapes[marker];
        if (character === undefined) throw this.#expected('an escape that JSON knows');
        this.#position++;
        value += character;
      }
    }
  }

  #enter(): void {
    this.#position++;
    if (++this.#depth > maxDepth) throw this.#broken('not-json', `nests its JSON deeper than ${maxDepth} levels`);
  }

  #leave<Value>(value: Value): Value {
    this.#depth--;
    return value;
  }

  #take(character: string): boolean {
    if (this.#text[this.#position] !== character) return false;
    this.#position++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  #skipSpace(): void {
    this.#match(/[ \t\n\r]*/y);
  }

  #expected(what: string): Broken {
    const found = this.#text.codePointAt(this.#position);
    if (found === undefined) {
      return this.#broken(
        'truncated',
        `breaks off after ${this.#position} characters of JSON, where ${what} should follow`,
      );
    }
    const character = characterInWords(String.fromCodePoint(found));
    return this.#broken(
      'not-json',
      `has broken JSON: its character ${this.#position + 1} should be ${what} and is ${character}`,
    );
  }

  #broken(code: JsonFault['code'], problem: string): Broken {
    return new Broken({ code, at: this.#position, problem });
  }
}
