import { DerError } from '../lib/der/der-error.ts';
import { DerReader } from '../lib/der/reader.ts';
import { contextTag, Tag } from '../lib/der/tag.ts';
import { boolean, element, implicit, octetString, oid, sequence } from '../lib/der/writer.ts';
import { type Bytes, toHex } from '../lib/text-encoding.ts';
import type { Certificate } from './certificate.ts';
import { encodeGeneralNames, readGeneralNames } from './subject-alternative-name.ts';

/** Object identifiers of the extensions that certgrant reads and writes (RFC 5280 §4.2.1). */
const extensionId = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** The bits of KeyUsage in their order (RFC 5280 §4.2.1.3). */
const keyUsages = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;

/** A name from RFC 5280 §4.2.1.3. */
export type KeyUsage = (typeof keyUsages)[number];

/** RFC 5280 §4.2.1.12. */
const extendedKeyUsages = {
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  emailProtection: '1.3.6.1.5.5.7.3.4',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  OCSPSigning: '1.3.6.1.5.5.7.3.9',
  anyExtendedKeyUsage: '2.5.29.37.0',
} as const;

/** A name from RFC 5280 §4.2.1.12, or an object identifier. */
export type ExtendedKeyUsage = keyof typeof extendedKeyUsages | `${number}.${string}`;

type ReadExtensions = Pick<
  Certificate,
  | 'subjectAlternativeNames'
  | 'keyUsage'
  | 'extendedKeyUsage'
  | 'isCertificateAuthority'
  | 'subjectKeyIdentifier'
  | 'authorityKeyIdentifier'
>;

/**
 * Reads what certgrant needs of the Extensions (RFC 5280 §4.1.2.9); the others are passed over.
 *
 * @param reader at Extensions, or `undefined` when the certificate has none
 * @throws {DerError}
 */
export function readExtensions(reader: DerReader | undefined): ReadExtensions {
  const found = extensionValues(reader);
  const value = <T>(name: keyof typeof extensionId, read: (reader: DerReader) => T): T | undefined => {
    const bytes = found.get(extensionId[name]);
    if (bytes === undefined) return undefined;
    const inside = new DerReader(bytes);
    const result = read(inside);
    inside.end();
    return result;
  };
  return {
    subjectAlternativeNames: value('subjectAlternativeName', readGeneralNames) ?? [],
    keyUsage: value('keyUsage', readKeyUsage),
    extendedKeyUsage: value('extendedKeyUsage', readExtendedKeyUsage),
    isCertificateAuthority: value('basicConstraints', readBasicConstraints) ?? false,
    subjectKeyIdentifier: value('subjectKeyIdentifier', (inside) => toHex(inside.octetString())),
    authorityKeyIdentifier: value('authorityKeyIdentifier', readAuthorityKeyIdentifier),
  };
}

function extensionValues(reader: DerReader | undefined): ReadonlyMap<string, Bytes> {
  const values = new Map<string, Bytes>();
  if (reader === undefined) return values;
  const list = reader.sequence();
  while (!list.atEnd) {
    const extension = list.sequence();
    const identifier = extension.oid();
    if (extension.nextTag === Tag.boolean) extension.boolean();
    const value = extension.octetString();
    extension.end();
    if (values.has(identifier)) throw new DerError('an extension occurs twice');
    values.set(identifier, value);
  }
  return values;
}

function readKeyUsage(reader: DerReader): readonly string[] {
  // The first octet counts the unused bits; bits beyond the known ones mean nothing yet.
  const [unused = 8, ...octets] = reader.expect(Tag.bitString).contents;
  if (unused > 7) throw new DerError('a BIT STRING with an impossible count of unused bits');
  return keyUsages.filter((_, bit) => ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0);
}

function readExtendedKeyUsage(reader: DerReader): readonly string[] {
  const usages: string[] = [];
  const list = reader.sequence();
  while (!list.atEnd) {
    const identifier = list.oid();
    const known = Object.entries(extendedKeyUsages).find(([, value]) => value === identifier);
    usages.push(known?.[0] ?? identifier);
  }
  return usages;
}

function readBasicConstraints(reader: DerReader): boolean {
  const constraints = reader.sequence();
  const isAuthority = constraints.nextTag === Tag.boolean && constraints.boolean();
  if (!constraints.atEnd) constraints.smallInteger();
  constraints.end();
  return isAuthority;
}

function readAuthorityKeyIdentifier(reader: DerReader): string | undefined {
  const identifier = reader.sequence().optional(contextTag(0, false));
  return identifier === undefined ? undefined : toHex(identifier.contents);
}

/** What the extensions of a new certificate say. */
export interface ExtensionsToWrite {
  readonly certificateAuthority: boolean;
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  readonly subjectAlternativeNames: readonly string[];
  readonly subjectKeyIdentifier: Bytes;
  /** Left out of a self-signed certificate, where RFC 5280 §4.2.1.1 allows it. */
  readonly authorityKeyIdentifier: Bytes | undefined;
}

/** Writes Extensions; what is empty is left out. */
export function writeExtensions(options: ExtensionsToWrite): Bytes {
  const { certificateAuthority, keyUsage, extendedKeyUsage, subjectAlternativeNames } = options;
  const { subjectKeyIdentifier, authorityKeyIdentifier } = options;
  const extensions = [
    // cA is DEFAULT FALSE, so DER leaves FALSE out (X.690 §11.5).
    extension('basicConstraints', true, certificateAuthority ? sequence(boolean(true)) : sequence()),
  ];
  if (keyUsage.length > 0) extensions.push(extension('keyUsage', true, writeKeyUsage(keyUsage)));
  if (extendedKeyUsage.length > 0) {
    extensions.push(extension('extendedKeyUsage', false, sequence(...extendedKeyUsage.map(extendedKeyUsageOid))));
  }
  extensions.push(extension('subjectKeyIdentifier', false, octetString(subjectKeyIdentifier)));
  if (authorityKeyIdentifier !== undefined) {
    const identifier = implicit(0, octetString(authorityKeyIdentifier));
    extensions.push(extension('authorityKeyIdentifier', false, sequence(identifier)));
  }
  if (subjectAlternativeNames.length > 0) {
    extensions.push(extension('subjectAlternativeName', false, encodeGeneralNames(subjectAlternativeNames)));
  }
  return sequence(...extensions);
}

function extension(name: keyof typeof extensionId, critical: boolean, value: Bytes): Bytes {
  return sequence(oid(extensionId[name]), ...(critical ? [boolean(true)] : []), octetString(value));
}

/** A named bit list ends at its last bit that is set (X.690 §11.2.2). */
function writeKeyUsage(usages: readonly KeyUsage[]): Bytes {
  const bits = usages.map((usage) => keyUsages.indexOf(usage));
  const last = Math.max(...bits);
  const octets = new Uint8Array((last >> 3) + 1);
  for (const bit of bits) octets[bit >> 3] = (octets[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return element(Tag.bitString, new Uint8Array([7 - (last & 7)]), octets);
}

function extendedKeyUsageOid(usage: ExtendedKeyUsage): Bytes {
  return oid(usage in extendedKeyUsages ? extendedKeyUsages[usage as keyof typeof extendedKeyUsages] : usage);
}
