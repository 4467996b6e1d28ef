import { DerError } from '../lib/der/der-error.ts';
import { DerReader, type Element } from '../lib/der/reader.ts';
import { constructedBit, contextTag, Tag } from '../lib/der/tag.ts';
import { Oid } from './object-identifiers.ts';

/** What an encoded structure is, by its first elements. */
export type DerShape =
  | 'pfx'
  | 'private-key'
  | 'encrypted-private-key'
  | 'certificate'
  | 'certificates'
  | 'public-key'
  | 'certificate-request'
  | 'revocation-list'
  | 'unknown';

/** An OCTET STRING in segments, which BER allows. */
const segmented = Tag.octetString | constructedBit;

/** Recognises a structure without reading all of it; a damaged one is recognised as far as its start goes. */
export function derShape(der: Uint8Array): DerShape {
  try {
    return shapeOf(new DerReader(der).sequence());
  } catch (thrown) {
    if (thrown instanceof DerError) return 'unknown';
    throw thrown;
  }
}

function shapeOf(reader: DerReader): DerShape {
  const first = reader.element();
  const second = reader.nextTag;
  switch (first.tag) {
    case Tag.integer:
      return shapeWithVersion(reader, first);
    case Tag.objectIdentifier:
      return new DerReader(first.raw).oid() === Oid.signedData ? 'certificates' : 'unknown';
    case Tag.sequence:
      if (second === Tag.octetString || second === segmented) return 'encrypted-private-key';
      if (second === Tag.bitString) return 'public-key';
      return second === Tag.sequence ? shapeOfSigned(reader.inside(first)) : 'unknown';
    default:
      return 'unknown';
  }
}

/** Key or PFX: what follows the version tells. */
function shapeWithVersion(reader: DerReader, version: Element): DerShape {
  const second = reader.element();
  const third = reader.nextTag;
  if (second.tag === Tag.octetString) return 'private-key';
  // RSAPublicKey has two numbers, RSAPrivateKey nine.
  if (second.tag === Tag.integer) return third === Tag.integer ? 'private-key' : 'unknown';
  if (second.tag !== Tag.sequence) return 'unknown';
  // PrivateKeyInfo is of version 0 or 1, a PFX of version 3.
  if (third === Tag.octetString || third === segmented) return 'private-key';
  return (version.contents[0] ?? 0) > 1 ? 'pfx' : 'unknown';
}

/** Certificate, certificate request or revocation list, by what is signed (RFC 5280 §4.1 and §5.1, RFC 2986 §4). */
function shapeOfSigned(signed: DerReader): DerShape {
  const tags: number[] = [];
  while (!signed.atEnd && tags.length < 4) tags.push(signed.element().tag);
  const [first, second, third, fourth] = tags;
  if (first === contextTag(0, true)) return 'certificate';
  // A request: version, subject, public key, attributes. A certificate of version 1: serial number, then four sequences.
  if (first === Tag.integer && second === Tag.sequence && third === Tag.sequence) {
    if (fourth === Tag.sequence) return 'certificate';
    return fourth === Tag.utcTime || fourth === Tag.generalizedTime ? 'revocation-list' : 'certificate-request';
  }
  return first === Tag.sequence && second === Tag.sequence ? 'revocation-list' : 'unknown';
}
