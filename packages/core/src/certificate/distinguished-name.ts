import { CertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';
import { DerReader, type Element } from '../lib/der/reader.ts';
import { Tag } from '../lib/der/tag.ts';
import { element, oid, sequence, setOf, utf8String } from '../lib/der/writer.ts';
import { type Bytes, fromHex, toHex, utf8 } from '../lib/text-encoding.ts';
import { type AttributeSyntax, attributeTypeByName, attributeTypeByOid } from './attribute-types.ts';
import { escapeInvisible, readText } from './directory-string.ts';

/**
 * Prints an encoded Name (RFC 5280 §4.1.2.4) as RFC 4514 says: most specific part first, special characters escaped.
 * What has no name or is no text is printed as `1.2.3=#hex` of its DER.
 *
 * @throws {DerError}
 */
export function printDistinguishedName(reader: DerReader): string {
  const parts: string[] = [];
  const name = reader.sequence();
  while (!name.atEnd) parts.unshift(printRelativeName(name.set()));
  return parts.join(',');
}

/** One RelativeDistinguishedName: attributes joined by `+`. RFC 4514 leaves their order free; this one is openssl's. */
function printRelativeName(attributes: DerReader): string {
  const parts: string[] = [];
  while (!attributes.atEnd) {
    const attribute = attributes.sequence();
    const type = attribute.oid();
    const value = attribute.element();
    attribute.end();
    parts.unshift(printAttribute(type, value));
  }
  if (parts.length === 0) throw new DerError('a part of a distinguished name is empty');
  return parts.join('+');
}

function printAttribute(type: string, value: Element): string {
  const known = attributeTypeByOid(type);
  const text = known === undefined ? undefined : readText(value);
  return `${known?.name ?? type}=${text === undefined ? `#${toHex(value.raw)}` : escapeValue(text)}`;
}

/** RFC 4514 §2.4. */
function escapeValue(text: string): string {
  const characters = [...text];
  const last = characters.length - 1;
  const isSpecial = (character: string, index: number): boolean =>
    '"+,;<>\\'.includes(character) ||
    (index === 0 && ' #'.includes(character)) ||
    (index === last && character === ' ');
  return escapeInvisible(characters.map((each, index) => (isSpecial(each, index) ? `\\${each}` : each)).join(''));
}

/**
 * Encodes a distinguished name that a person wrote (RFC 4514), such as `CN=my-daemon,O=Contoso` or `CN="Contoso, Ltd"`.
 *
 * Spaces around separators, quoted values and `;` as a separator are read as well (RFC 2253 §4). Text is written as
 * UTF8String, except where RFC 5280 wants PrintableString (C, serialNumber, dnQualifier) or IA5String (DC, emailAddress).
 *
 * @throws {CertgrantError} `USAGE` when the text is no distinguished name
 */
export function encodeDistinguishedName(text: string): Bytes {
  const parts = new NameScanner(text).relativeNames();
  return sequence(...parts.reverse().map((attributes) => setOf(...attributes)));
}

class NameScanner {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Each a list of encoded attributes, in the order of the text. */
  relativeNames(): Bytes[][] {
    const names: Bytes[][] = [];
    this.#skipSpaces();
    if (this.#position === this.#text.length) return names;
    let separator: string | undefined;
    do {
      const attributes: Bytes[] = [];
      do {
        attributes.push(this.#attribute());
        separator = this.#text[this.#position++];
      } while (separator === '+');
      names.push(attributes);
    } while (separator !== undefined);
    return names;
  }

  #attribute(): Bytes {
    const type = this.#type();
    this.#skipSpaces();
    const next = this.#text[this.#position];
    if (next === '#') return sequence(oid(type.oid), this.#hexValue());
    const value = next === '"' ? this.#quotedValue() : this.#plainValue();
    return sequence(oid(type.oid), encodeValue(type.written, type.oid, value));
  }

  #type(): { oid: string; written: string } {
    const equals = this.#text.indexOf('=', this.#position);
    const written = (equals < 0 ? this.#text.slice(this.#position) : this.#text.slice(this.#position, equals)).trim();
    if (equals < 0) {
      throw unreadable(
        `"${shorten(written)}" has no "="`,
        'Write the subject as CN=my-daemon or CN=my-daemon,O=Contoso',
      );
    }
    if (written.startsWith('/')) {
      throw unreadable(
        'it begins with "/"',
        'Write the parts with commas and the most specific first: CN=my-daemon,O=Contoso',
      );
    }
    this.#position = equals + 1;
    const dotted = /^(?:oid\.)?([012](?:\.(?:0|[1-9]\d{0,14}))+)$/i.exec(written)?.[1];
    const found = dotted ?? attributeTypeByName(written)?.oid;
    if (found === undefined || !isObjectIdentifier(found)) {
      throw unreadable(
        `"${shorten(written)}" is no attribute that is known`,
        'Use CN, O, OU, L, ST, C, DC, UID, emailAddress, serialNumber or an object identifier',
      );
    }
    return { oid: found, written };
  }

  /** `#` and the hexadecimal of one whole element. */
  #hexValue(): Bytes {
    const hex = /^#((?:[0-9A-Fa-f]{2})+)\s*(?=[,;+]|$)/.exec(this.#text.slice(this.#position));
    const bytes = fromHex(hex?.[1] ?? '');
    try {
      const reader = new DerReader(bytes);
      reader.element();
      reader.end();
    } catch {
      throw unreadable(
        'a value that begins with "#" is not the hexadecimal of one DER element',
        'Write \\# where a number sign is meant',
      );
    }
    this.#position += hex?.[0].length ?? 0;
    return bytes;
  }

  #quotedValue(): string {
    const octets: number[] = [];
    this.#position++;
    while (this.#text[this.#position] !== '"') {
      if (this.#position >= this.#text.length)
        throw unreadable('a quotation mark is not closed', 'Close it, or write \\" for the character itself');
      this.#character(octets);
    }
    this.#position++;
    this.#skipSpaces();
    if (!/^[,;+]?$/.test(this.#text.charAt(this.#position))) {
      throw unreadable('something follows a closed quotation mark', 'Separate the parts with commas');
    }
    return decode(octets);
  }

  #plainValue(): string {
    const octets: number[] = [];
    let significant = 0;
    while (this.#position < this.#text.length && !/[,;+]/.test(this.#text.charAt(this.#position))) {
      const plainSpace = this.#text[this.#position] === ' ';
      this.#character(octets);
      if (!plainSpace) significant = octets.length;
    }
    // Spaces at the end count only when they are escaped.
    return decode(octets.slice(0, significant));
  }

  /** One character, escaped or not, as UTF-8. */
  #character(octets: number[]): void {
    const rest = this.#text.slice(this.#position, this.#position + 3);
    if (rest.startsWith('\\')) {
      const pair = /^\\([0-9A-Fa-f]{2})/.exec(rest)?.[1];
      if (pair !== undefined) {
        octets.push(Number.parseInt(pair, 16));
        this.#position += 3;
        return;
      }
      if (!/^\\[ "#+,;<=>\\]/.test(rest)) throw unreadable('a backslash escapes nothing', 'Write \\\\ for a backslash');
      this.#position++;
    }
    const character = String.fromCodePoint(this.#text.codePointAt(this.#position) ?? 0);
    octets.push(...utf8(character));
    this.#position += character.length;
  }

  #skipSpaces(): void {
    while (this.#text[this.#position] === ' ') this.#position++;
  }
}

function decode(octets: readonly number[]): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(octets));
  } catch (cause) {
    throw unreadable('its escaped octets are not UTF-8', 'Write the characters themselves, not their codes', cause);
  }
}

/** X.690 §8.19.4: under the roots 0 and 1 the second arc ends at 39. No identifier in use is near 100 characters. */
function isObjectIdentifier(dotted: string): boolean {
  const [root, second] = dotted.split('.').map(Number);
  return dotted.length <= 100 && second !== undefined && (root === 2 || second < 40);
}

const alphabets: Readonly<Record<Exclude<AttributeSyntax, 'utf8'>, { pattern: RegExp; tag: number; words: string }>> = {
  printable: {
    pattern: /^[A-Za-z0-9 '()+,\-./:=?]*$/,
    tag: Tag.printableString,
    words: "letters, digits and ' ( ) + , - . / : = ?",
  },
  ia5: { pattern: /^[^\u0080-\u{10ffff}]*$/u, tag: Tag.ia5String, words: 'ASCII characters' },
};

function encodeValue(written: string, type: string, value: string): Bytes {
  if (value === '') throw unreadable(`${written} has no value`, `Give ${written} a value or leave it out`);
  const { syntax = 'utf8', maximum = 32_768, name = written } = attributeTypeByOid(type) ?? {};
  if (name === 'C' && !/^[A-Za-z]{2}$/.test(value)) {
    throw unreadable('C is not a country code', 'Write the two letters of ISO 3166, such as C=DE');
  }
  if ([...value].length > maximum) {
    throw unreadable(
      `${name} is longer than ${maximum} characters (RFC 5280, appendix A)`,
      `Shorten ${name}; longer names can go into the subject alternative names`,
    );
  }
  if (syntax === 'utf8') return utf8String(value);
  const { pattern, tag, words } = alphabets[syntax];
  if (!pattern.test(value)) throw unreadable(`${name} holds a character that it may not`, `Use ${words} in ${name}`);
  return element(tag, utf8(value));
}

function unreadable(what: string, fix: string, cause?: unknown): CertgrantError {
  return new CertgrantError('USAGE', `read distinguished name: ${what}`, { fix, cause });
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
