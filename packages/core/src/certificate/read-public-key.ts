import { DerError } from '../lib/der/der-error.ts';
import { DerReader } from '../lib/der/reader.ts';
import { Tag } from '../lib/der/tag.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import type { PublicKey } from './certificate.ts';
import { readingDer } from './malformed.ts';

/** RFC 5480 §2.1.1.1, RFC 5639 and SEC 2; the names that RFC 7518 and RFC 8812 register where they do. */
const curves: Readonly<Record<string, { name: string; bits: number }>> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', bits: 256 },
  '1.3.132.0.34': { name: 'P-384', bits: 384 },
  '1.3.132.0.35': { name: 'P-521', bits: 521 },
  '1.3.132.0.10': { name: 'secp256k1', bits: 256 },
  '1.3.132.0.33': { name: 'P-224', bits: 224 },
  '1.2.840.10045.3.1.1': { name: 'P-192', bits: 192 },
};

/** RFC 8410 §3. */
const edwardsAndMontgomery: Readonly<Record<string, { type: string; bits: number }>> = {
  '1.3.101.110': { type: 'X25519', bits: 255 },
  '1.3.101.111': { type: 'X448', bits: 448 },
  '1.3.101.112': { type: 'Ed25519', bits: 255 },
  '1.3.101.113': { type: 'Ed448', bits: 448 },
};

/**
 * Reads a public key: a SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) as DER.
 *
 * A key of an unknown algorithm is read too; its type is then the algorithm's object identifier.
 *
 * @param spki the DER, and nothing after it; the bytes are copied
 * @returns its type, its size in bits, and the curve of an EC key
 * @throws {CertgrantError} `FORMAT_MALFORMED`
 * @example
 * const { type, bits } = readPublicKey(keyPair.spki);
 */
export function readPublicKey(spki: Uint8Array): PublicKey {
  return readingDer('read public key', 'Export the public key again, as SubjectPublicKeyInfo', () => {
    const reader = new DerReader(new Uint8Array(spki));
    const key = readSubjectPublicKeyInfo(reader);
    reader.end();
    return key;
  });
}

/** The same at the current position of `reader`; throws a `DerError`. */
export function readSubjectPublicKeyInfo(reader: DerReader): PublicKey {
  const { raw: spki, algorithm, parameters, publicKey } = readParts(reader);
  switch (algorithm) {
    case '1.2.840.113549.1.1.1': // RFC 8017 appendix A.1
      return { type: 'RSA', bits: rsaBits(publicKey), spki };
    case '1.2.840.113549.1.1.10':
      return { type: 'RSA-PSS', bits: rsaBits(publicKey), spki };
    case '1.2.840.10045.2.1': // RFC 5480 §2.1.1
      return { type: 'EC', ...readCurve(parameters, publicKey), spki };
    case '1.2.840.10040.4.1': // RFC 3279 §2.3.2: the prime is the first parameter, or inherited
      return { type: 'DSA', bits: parameters.nextTag === Tag.sequence ? bitLength(parameters.sequence()) : 0, spki };
    default:
      return { ...(edwardsAndMontgomery[algorithm] ?? { type: algorithm, bits: 0 }), spki };
  }
}

/** The key inside a SubjectPublicKeyInfo, without the algorithm: what key identifiers are the hash of. */
export function subjectPublicKey(spki: Uint8Array): Bytes {
  return readParts(new DerReader(spki)).publicKey;
}

function readParts(reader: DerReader): { raw: Bytes; algorithm: string; parameters: DerReader; publicKey: Bytes } {
  const whole = reader.expect(Tag.sequence);
  const inside = reader.inside(whole);
  const parameters = inside.sequence();
  const algorithm = parameters.oid();
  const publicKey = inside.bitString();
  inside.end();
  return { raw: whole.raw, algorithm, parameters, publicKey };
}

function rsaBits(publicKey: Bytes): number {
  return bitLength(new DerReader(publicKey).sequence());
}

/** Of the non-negative INTEGER that comes next. */
function bitLength(reader: DerReader): number {
  const bytes = reader.integerBytes();
  if (((bytes[0] ?? 0) & 0x80) !== 0) throw new DerError('a modulus is negative');
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (bytes.length - first) * 8 - Math.clz32(bytes[first] ?? 0) + 24;
}

function readCurve(parameters: DerReader, point: Bytes): { bits: number; curve?: string } {
  // Uncompressed, a point is 04 X Y; compressed, 02 X or 03 X (SEC 1 §2.3.3).
  const fieldBits = (point[0] === 4 ? (point.length - 1) / 2 : point.length - 1) * 8;
  // The parameters may spell out the whole curve, which RFC 5480 forbids and old files do.
  if (parameters.nextTag !== Tag.objectIdentifier) return { bits: fieldBits };
  const identifier = parameters.oid();
  const known = curves[identifier];
  return known === undefined ? { bits: fieldBits, curve: identifier } : { bits: known.bits, curve: known.name };
}
