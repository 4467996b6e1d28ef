import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DerError } from '../../src/lib/der/der-error.ts';
import { concatenate, DerReader } from '../../src/lib/der/reader.ts';
import { Tag } from '../../src/lib/der/tag.ts';
import {
  boolean,
  element,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  setOf,
} from '../../src/lib/der/writer.ts';

function derErrorOrNothing(read: () => unknown): void {
  try {
    read();
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(DerError);
  }
}

/** Reads everything that looks constructed, as deep as it goes. */
function walk(reader: DerReader): void {
  while (!reader.atEnd) {
    const read = reader.element();
    if ((read.tag & 0x20) !== 0) walk(reader.inside(read));
  }
}

describe('DerReader', () => {
  it('reads any octets to their end or throws a DerError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => derErrorOrNothing(() => walk(new DerReader(octets)))),
      { numRuns: 2000 },
    );
  });

  it('reads every typed value or throws a DerError', () => {
    const methods = ['boolean', 'integerBytes', 'smallInteger', 'oid', 'octetString', 'bitString', 'sequence'] as const;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(...methods), (octets, method) =>
        derErrorOrNothing(() => new DerReader(octets)[method]()),
      ),
      { numRuns: 2000 },
    );
  });

  it('reads an object identifier as it was written', () => {
    const arc = fc.integer({ min: 0, max: 2 ** 40 });
    const dotted = fc
      .tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 39 }), fc.array(arc, { maxLength: 6 }))
      .map(([root, second, tail]) => [root, second, ...tail].join('.'));
    fc.assert(
      fc.property(dotted, (text) => {
        expect(new DerReader(oid(text)).oid()).toBe(text);
      }),
    );
  });

  it('reads a number as it was written', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(new DerReader(integer(value)).smallInteger()).toBe(value);
      }),
    );
  });

  it('reads octets of any length as they were written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), (octets) => {
        expect(new DerReader(octetString(octets)).octetString()).toEqual(octets);
      }),
      { numRuns: 30 },
    );
  });

  it('puts an OCTET STRING together from segments of either length form', () => {
    const segments = [octetString(new Uint8Array([1, 2])), octetString(new Uint8Array([3]))];
    const definite = element(Tag.octetString | 0x20, ...segments);
    const indefinite = concatenate([new Uint8Array([0x24, 0x80]), ...segments, new Uint8Array(2)]);
    const nested = concatenate([new Uint8Array([0x24, 0x80]), definite, new Uint8Array(2)]);
    for (const octets of [definite, indefinite, nested]) {
      expect(new DerReader(octets).octetString()).toEqual(new Uint8Array([1, 2, 3]));
    }
  });

  it('refuses what is nested too deeply, in either length form', () => {
    const indefinite = new Uint8Array(100_000).map((_, index) => (index % 2 === 0 ? 0x30 : 0x80));
    expect(() => walk(new DerReader(indefinite))).toThrow('nested too deeply');
    let definite: Uint8Array = octetString(new Uint8Array());
    for (let depth = 0; depth < 300; depth++) definite = sequence(definite);
    expect(() => walk(new DerReader(definite))).toThrow('nested too deeply');
  });

  it('refuses more elements than a key file can have', () => {
    const many = sequence(new Uint8Array(60_000).map((_, index) => (index % 2 === 0 ? Tag.null : 0)));
    expect(() => walk(new DerReader(many))).toThrow('too many elements');
  });

  it.each([
    ['an element that is longer than the input', [0x30, 0x03, 0x05, 0x00]],
    ['a length of seven octets', [0x30, 0x87, 0, 0, 0, 0, 0, 0, 1, 0]],
    ['a primitive element of indefinite length', [0x04, 0x80, 0x00, 0x00]],
    ['an indefinite length without its end', [0x30, 0x80, 0x05, 0x00]],
    ['a tag number above 30', [0x3f, 0x81, 0x01, 0x00]],
    ['an element without its length', [0x30]],
  ])('refuses %s', (_, octets) => {
    expect(() => new DerReader(new Uint8Array(octets)).element()).toThrow(DerError);
  });

  it('tells optional and tagged elements by their tags', () => {
    const reader = new DerReader(
      concatenate([explicit(1, boolean(true)), implicit(0, octetString(new Uint8Array([7])))]),
    );
    expect(reader.optionalExplicit(0)).toBeUndefined();
    expect(reader.optionalExplicit(1)?.boolean()).toBe(true);
    expect(reader.octets(0x80)).toEqual(new Uint8Array([7]));
    expect(() => reader.end()).not.toThrow();
  });
});

it('setOf orders its elements as DER asks', () => {
  const [small, large] = [integer(1), integer(300)];
  expect(setOf(large, small)).toEqual(setOf(small, large));
});

/** A tree of elements: octets at the leaves. */
type Tree = Uint8Array | readonly Tree[];
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof({ depthSize: 'small' }, fc.uint8Array({ maxLength: 20 }), fc.array(tie('tree'), { maxLength: 4 })),
}));

function write(value: Tree): Uint8Array {
  return value instanceof Uint8Array ? octetString(value) : sequence(...value.map(write));
}

function readTree(reader: DerReader): Tree {
  if (reader.nextTag !== Tag.sequence) return reader.octetString();
  const inner = reader.sequence();
  const values: Tree[] = [];
  while (!inner.atEnd) values.push(readTree(inner));
  return values;
}

/** The same in BER: each length in one of its forms, each OCTET STRING whole or in segments (X.690 §8.1.3, §8.7.3). */
function writeBer(value: Tree, choose: () => number): Uint8Array {
  if (value instanceof Uint8Array) {
    const cut = choose() % (value.length + 1);
    const segments = [value.subarray(0, cut), value.subarray(cut)].map((part) => berElement(0x04, part, choose));
    return choose() % 2 === 0 ? berElement(0x04, value, choose) : berElement(0x24, concatenate(segments), choose);
  }
  return berElement(0x30, concatenate(value.map((part) => writeBer(part, choose))), choose);
}

function berElement(tag: number, contents: Uint8Array, choose: () => number): Uint8Array {
  const form = choose() % 3;
  if (form === 0 && (tag & 0x20) !== 0) return concatenate([Uint8Array.of(tag, 0x80), contents, new Uint8Array(2)]);
  const { length } = contents;
  if (form === 1) return concatenate([Uint8Array.of(tag, 0x84, 0, 0, length >> 8, length & 0xff), contents]);
  return element(tag, contents);
}

describe('DerReader and a tree of elements', () => {
  it('reads what was written', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const reader = new DerReader(write(value));
        expect(readTree(reader)).toEqual(value);
        expect(reader.atEnd).toBe(true);
      }),
    );
  });

  it('reads the same from every BER form of it', () => {
    fc.assert(
      fc.property(tree, fc.infiniteStream(fc.nat()), (value, choices) => {
        const reader = new DerReader(writeBer(value, () => choices.next().value));
        expect(readTree(reader)).toEqual(value);
        expect(reader.atEnd).toBe(true);
      }),
    );
  });

  it('reads a damaged one to its end or throws a DerError', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(255), (value, place, octet) => {
        const octets = new Uint8Array(write(value));
        octets[place % octets.length] = octet;
        derErrorOrNothing(() => readTree(new DerReader(octets)));
        derErrorOrNothing(() => walk(new DerReader(octets.subarray(0, place % octets.length))));
      }),
      { numRuns: 1000 },
    );
  });
});
