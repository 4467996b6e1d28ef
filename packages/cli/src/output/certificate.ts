import { type Certificate, type PublicKey, thumbprints } from '@certgrant/core';
import { printable } from './text.ts';
import { validityInWords } from './time.ts';

/** A certificate as `--json` shows it; programs rely on these names. */
export interface CertificateJson {
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly x5t: string;
  readonly 'x5t#S256': string;
}

export async function certificateJson(certificate: Certificate): Promise<CertificateJson> {
  const { subject, issuer, serialNumber, notBefore, notAfter } = certificate;
  const { sha1, sha256, x5t, 'x5t#S256': x5tS256 } = await thumbprints(certificate);
  return {
    subject,
    issuer,
    serialNumber,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    sha1,
    sha256,
    x5t,
    'x5t#S256': x5tS256,
  };
}

/** A public key as `--json` shows it. */
export interface KeyJson {
  readonly type: string;
  readonly bits: number;
  /** Lower-case hex, as other tools print fingerprints of keys. */
  readonly spkiSha256: string;
}

export async function keyJson({ type, bits, spki }: PublicKey): Promise<KeyJson> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', spki));
  return { type, bits, spkiSha256: Buffer.from(digest).toString('hex') };
}

export function keyInWords({ type, bits, curve }: PublicKey): string {
  if (curve !== undefined) return `${type} ${curve}`;
  return bits === 0 ? type : `${type}, ${bits} bits`;
}

/** The lines that describe a certificate to a person. */
export async function certificateRows(
  certificate: Certificate,
  now: number,
): Promise<readonly (readonly [string, string])[]> {
  const { sha1, sha256, x5t, 'x5t#S256': x5tS256 } = await thumbprints(certificate);
  return [
    ['Subject', printable(certificate.subject)],
    ['Issuer', certificate.issuer === certificate.subject ? 'itself (self-signed)' : printable(certificate.issuer)],
    ['Serial', certificate.serialNumber],
    ...(certificate.subjectAlternativeNames.length === 0
      ? []
      : [['Other names', printable(certificate.subjectAlternativeNames.join(', '))] as const]),
    ['Validity', validityInWords(certificate, now)],
    ['Key', keyInWords(certificate.publicKey)],
    ['SHA-1', sha1],
    ['SHA-256', sha256],
    ['x5t', x5t],
    ['x5t#S256', x5tS256],
  ];
}
