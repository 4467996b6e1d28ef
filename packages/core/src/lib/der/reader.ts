import type { Bytes } from '../text-encoding.ts';
import { DerError } from './der-error.ts';
import { constructedBit, contextTag, Tag } from './tag.ts';

/** One element of BER or DER (X.690 §8.1). */
export interface Element {
  /** The identifier octet: class, constructed bit and number. */
  readonly tag: number;
  /** The contents octets; for the indefinite form without the end-of-contents octets. */
  readonly contents: Bytes;
  /** The whole element as it stands in the input. */
  readonly raw: Bytes;
}

/** No honest key file comes near these; a hostile one runs into them before it costs anything. */
const limits = { depth: 200, elements: 20_000 };

interface Budget {
  elements: number;
}

/**
 * Reads elements one after the other, as DER (X.690 §10) and as the BER that real tools write into PKCS#12 files:
 * indefinite lengths and OCTET STRINGs in segments.
 *
 * A method that names a type returns its value and moves on, or throws a {@link DerError} at something else.
 */
export class DerReader {
  readonly #bytes: Bytes;
  readonly #depth: number;
  readonly #budget: Budget;
  #position = 0;

  constructor(bytes: Uint8Array, depth = 0, budget: Budget = { elements: limits.elements }) {
    if (depth > limits.depth) throw new DerError('nested too deeply');
    this.#bytes = bytes as Bytes;
    this.#depth = depth;
    this.#budget = budget;
  }

  /** The identifier octet of the next element, or `undefined` at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#position];
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  /** What has not been read yet. */
  get rest(): Bytes {
    return this.#bytes.subarray(this.#position);
  }

  /** Any element. */
  element(): Element {
    if (--this.#budget.elements < 0) throw new DerError('too many elements');
    const start = this.#position;
    const header = readHeader(this.#bytes, start);
    const from = start + header.length;
    if (header.contentsLength !== undefined) {
      const to = from + header.contentsLength;
      if (to > this.#bytes.length) throw new DerError('an element is longer than what is left of the file');
      this.#position = to;
      return { tag: header.tag, contents: this.#bytes.subarray(from, to), raw: this.#bytes.subarray(start, to) };
    }
    // Indefinite length: the contents are elements up to the end-of-contents octets 00 00.
    const inner = new DerReader(this.#bytes.subarray(from), this.#depth + 1, this.#budget);
    while (!(inner.#bytes[inner.#position] === 0 && inner.#bytes[inner.#position + 1] === 0)) inner.element();
    const to = from + inner.#position;
    this.#position = to + 2;
    return {
      tag: header.tag,
      contents: this.#bytes.subarray(from, to),
      raw: this.#bytes.subarray(start, this.#position),
    };
  }

  /** The next element, which must have this identifier octet. */
  expect(tag: number): Element {
    const found = this.nextTag;
    if (found !== tag) {
      const seen = found === undefined ? 'the end' : `tag 0x${found.toString(16).padStart(2, '0')}`;
      throw new DerError(`expected tag 0x${tag.toString(16).padStart(2, '0')} and found ${seen}`);
    }
    return this.element();
  }

  /** The next element if it has this identifier octet. */
  optional(tag: number): Element | undefined {
    return this.nextTag === tag ? this.element() : undefined;
  }

  /** A reader over the contents of `element`, one level deeper. */
  inside(element: Element): DerReader {
    return new DerReader(element.contents, this.#depth + 1, this.#budget);
  }

  sequence(): DerReader {
    return this.inside(this.expect(Tag.sequence));
  }

  set(): DerReader {
    return this.inside(this.expect(Tag.set));
  }

  /** `[number] EXPLICIT`, if it comes next. */
  optionalExplicit(number: number): DerReader | undefined {
    const element = this.optional(contextTag(number, true));
    return element === undefined ? undefined : this.inside(element);
  }

  explicit(number: number): DerReader {
    return this.inside(this.expect(contextTag(number, true)));
  }

  boolean(): boolean {
    const { contents } = this.expect(Tag.boolean);
    if (contents.length !== 1) throw new DerError('a BOOLEAN is not one octet long');
    return contents[0] !== 0;
  }

  /** The contents octets of an INTEGER: two's complement, big endian. */
  integerBytes(): Bytes {
    const { contents } = this.expect(Tag.integer);
    if (contents.length === 0) throw new DerError('an INTEGER is empty');
    return contents;
  }

  /** A non-negative INTEGER that fits a JavaScript number: versions, counts, key lengths. */
  smallInteger(): number {
    const bytes = this.integerBytes();
    if (((bytes[0] ?? 0) & 0x80) !== 0) throw new DerError('an INTEGER that counts is negative');
    let value = 0;
    for (const byte of bytes) value = value * 256 + byte;
    if (!Number.isSafeInteger(value)) throw new DerError('an INTEGER that counts is too large');
    return value;
  }

  /** An OBJECT IDENTIFIER in dotted form. */
  oid(): string {
    return decodeOid(this.expect(Tag.objectIdentifier).contents);
  }

  null(): void {
    this.expect(Tag.null);
  }

  /** An OCTET STRING, in one piece or in segments (X.690 §8.7). */
  octetString(): Bytes {
    return this.octets(Tag.octetString);
  }

  /** The octets of a string type that may be tagged implicitly: `tag` names its primitive form. */
  octets(tag: number): Bytes {
    if (this.nextTag !== (tag | constructedBit)) return this.expect(tag).contents;
    const segments: Bytes[] = [];
    const inner = this.inside(this.element());
    while (!inner.atEnd) segments.push(inner.octetString());
    return concatenate(segments);
  }

  /** A BIT STRING whose length is a multiple of eight bits: a key or a signature. */
  bitString(): Bytes {
    const { contents } = this.expect(Tag.bitString);
    if (contents[0] !== 0) throw new DerError('a BIT STRING does not end at an octet');
    return contents.subarray(1);
  }

  /** Nothing may follow. */
  end(): void {
    if (!this.atEnd) throw new DerError('unexpected data after the last element');
  }
}

interface Header {
  readonly tag: number;
  /** Of the identifier and length octets. */
  readonly length: number;
  /** `undefined` for the indefinite form. */
  readonly contentsLength: number | undefined;
}

function readHeader(bytes: Uint8Array, start: number): Header {
  const tag = bytes[start];
  const first = bytes[start + 1];
  if (tag === undefined || first === undefined) throw new DerError('the file ends in the middle of an element');
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag number above 30');
  if (first < 0x80) return { tag, length: 2, contentsLength: first };
  if (first === 0x80) {
    if ((tag & constructedBit) === 0) throw new DerError('a primitive element of indefinite length');
    return { tag, length: 2, contentsLength: undefined };
  }
  const count = first & 0x7f;
  if (count > 6) throw new DerError('a length of more than six octets');
  let contentsLength = 0;
  for (let i = 0; i < count; i++) {
    const octet = bytes[start + 2 + i];
    if (octet === undefined) throw new DerError('the file ends in the middle of a length');
    contentsLength = contentsLength * 256 + octet;
  }
  return { tag, length: 2 + count, contentsLength };
}

function decodeOid(contents: Uint8Array): string {
  if (contents.length === 0 || contents.length > 64) throw new DerError('an OBJECT IDENTIFIER of impossible length');
  const arcs: number[] = [];
  let arc = 0;
  for (const octet of contents) {
    arc = arc * 128 + (octet & 0x7f);
    if (!Number.isSafeInteger(arc)) throw new DerError('an OBJECT IDENTIFIER with an impossible arc');
    if ((octet & 0x80) === 0) {
      arcs.push(arc);
      arc = 0;
    }
  }
  if (((contents.at(-1) ?? 0) & 0x80) !== 0) {
    throw new DerError('an OBJECT IDENTIFIER that ends in the middle of an arc');
  }
  // The first two arcs share one number (X.690 §8.19.4).
  const [head = 0, ...tail] = arcs;
  const root = Math.min(2, Math.floor(head / 40));
  return [root, head - root * 40, ...tail].join('.');
}

export function concatenate(parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
