import { type Bytes, utf8 } from '../text-encoding.ts';
import { concatenate } from './reader.ts';
import { constructedBit, contextTag, Tag } from './tag.ts';

/** Writes DER (X.690 §10): each function returns one whole element. */

export function element(tag: number, ...contents: readonly Uint8Array[]): Bytes {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  return concatenate([new Uint8Array([tag, ...lengthOctets(length)]), ...contents]);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return [0x80 | octets.length, ...octets];
}

export function sequence(...elements: readonly Uint8Array[]): Bytes {
  return element(Tag.sequence, ...elements);
}

/** SET OF: the elements in the order that DER asks for (X.690 §11.6). */
export function setOf(...elements: readonly Uint8Array[]): Bytes {
  return element(Tag.set, ...[...elements].sort(compareBytes));
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function boolean(value: boolean): Bytes {
  return element(Tag.boolean, new Uint8Array([value ? 0xff : 0]));
}

/** A non-negative INTEGER, from a number or from big-endian bytes of any length. */
export function integer(value: number | Uint8Array): Bytes {
  const magnitude = typeof value === 'number' ? numberOctets(value) : value;
  let start = 0;
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++;
  const trimmed = magnitude.subarray(start);
  const sign = trimmed.length === 0 || ((trimmed[0] ?? 0) & 0x80) !== 0 ? [0] : [];
  return element(Tag.integer, new Uint8Array(sign), trimmed);
}

function numberOctets(value: number): Uint8Array {
  const octets: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256);
  return new Uint8Array(octets);
}

export function oid(dotted: string): Bytes {
  const [root = 0, second = 0, ...tail] = dotted.split('.').map(Number);
  const octets: number[] = [];
  for (const arc of [root * 40 + second, ...tail]) {
    const groups = [arc % 128];
    for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) groups.unshift(0x80 | (rest % 128));
    octets.push(...groups);
  }
  return element(Tag.objectIdentifier, new Uint8Array(octets));
}

export function nullValue(): Bytes {
  return element(Tag.null);
}

export function octetString(bytes: Uint8Array): Bytes {
  return element(Tag.octetString, bytes);
}

export function bitString(bytes: Uint8Array): Bytes {
  return element(Tag.bitString, new Uint8Array([0]), bytes);
}

export function utf8String(text: string): Bytes {
  return element(Tag.utf8String, utf8(text));
}

/** UTF-16, big endian. */
export function bmpString(text: string): Bytes {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit >> 8;
    bytes[2 * i + 1] = unit & 0xff;
  }
  return element(Tag.bmpString, bytes);
}

/** `[number] EXPLICIT`. */
export function explicit(number: number, ...elements: readonly Uint8Array[]): Bytes {
  return element(contextTag(number, true), ...elements);
}

/** `[number] IMPLICIT` around what `inner` holds: its own identifier octet gives way. */
export function implicit(number: number, inner: Uint8Array): Bytes {
  const replaced = new Uint8Array(inner);
  replaced[0] = contextTag(number, ((inner[0] ?? 0) & constructedBit) !== 0);
  return replaced;
}
