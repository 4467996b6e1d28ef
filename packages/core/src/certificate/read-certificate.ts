import { DerError } from '../lib/der/der-error.ts';
import { DerReader, type Element } from '../lib/der/reader.ts';
import { contextTag, Tag } from '../lib/der/tag.ts';
import { toBigInt } from '../lib/text-encoding.ts';
import type { Certificate } from './certificate.ts';
import { printDistinguishedName } from './distinguished-name.ts';
import { readExtensions } from './extensions.ts';
import { readingDer } from './malformed.ts';
import { readSubjectPublicKeyInfo } from './read-public-key.ts';
import { readValidity } from './validity.ts';

/**
 * Reads an X.509 certificate (RFC 5280 §4.1).
 *
 * The structure must be right to the last octet; versions 1 to 3, extensions and algorithms that certgrant does not
 * know are fine. Nothing is verified: neither the signature nor the times.
 *
 * @param der the certificate as DER, and nothing after it; the bytes are copied
 * @returns its fields, and the DER
 * @throws {CertgrantError} `FORMAT_MALFORMED`
 * @example
 * const { subject, notAfter } = readCertificate(await readFile('my-daemon.cer'));
 */
export function readCertificate(der: Uint8Array): Certificate {
  const fix = 'Export the certificate again as DER (.cer) or PEM, and check that the file arrived whole';
  return readingDer('read certificate', fix, () => {
    const file = new DerReader(new Uint8Array(der));
    const whole = file.expect(Tag.sequence);
    file.end();
    const certificate = file.inside(whole);
    const toBeSigned = certificate.sequence();
    const signatureAlgorithm = certificate.sequence();
    signatureAlgorithm.oid();
    certificate.bitString();
    certificate.end();
    return { der: whole.raw, ...readToBeSigned(toBeSigned) };
  });
}

/** TBSCertificate (RFC 5280 §4.1.2). */
function readToBeSigned(reader: DerReader): Omit<Certificate, 'der'> {
  readVersion(reader.optionalExplicit(0));
  const serialNumber = printSerialNumber(reader.integerBytes());
  reader.sequence().oid();
  const issuer = reader.expect(Tag.sequence);
  const { notBefore, notAfter } = readValidity(reader);
  const subject = reader.expect(Tag.sequence);
  const publicKey = readSubjectPublicKeyInfo(reader);
  // issuerUniqueID and subjectUniqueID, of version 2: nobody uses them.
  reader.optional(contextTag(1, false));
  reader.optional(contextTag(2, false));
  const extensionsField = reader.optionalExplicit(3);
  const extensions = readExtensions(extensionsField);
  extensionsField?.end();
  reader.end();
  return {
    subject: nameOf(subject),
    issuer: nameOf(issuer),
    subjectDer: subject.raw,
    issuerDer: issuer.raw,
    serialNumber,
    notBefore,
    notAfter,
    publicKey,
    ...extensions,
  };
}

/** 0, 1 and 2 stand for versions 1, 2 and 3. Extensions belong to version 3; they are read wherever they are. */
function readVersion(field: DerReader | undefined): void {
  const version = field?.smallInteger() ?? 0;
  if (version > 2) throw new DerError('a version of X.509 that does not exist');
  field?.end();
}

function nameOf(name: Element): string {
  return printDistinguishedName(new DerReader(name.raw));
}

/**
 * Upper-case hexadecimal of the magnitude, as openssl prints it. RFC 5280 §4.1.2.2 wants the number positive and says
 * that readers should bear negative ones, which have a minus sign here.
 */
function printSerialNumber(contents: Uint8Array): string {
  const value = toBigInt(contents);
  const negative = ((contents[0] ?? 0) & 0x80) !== 0;
  const magnitude = negative ? (1n << BigInt(contents.length * 8)) - value : value;
  const hex = magnitude.toString(16).toUpperCase();
  return `${negative ? '-' : ''}${hex.length % 2 === 1 ? '0' : ''}${hex}`;
}
