import { createSigner } from '../assertion/signer.ts';
import { type Platform, platformWith } from '../platform.ts';
import type { Certificate } from './certificate.ts';
import { createCertificate } from './create-certificate.ts';
import { certificateSignature, type KeyPair } from './key-pair.ts';

/** What a self-signed client certificate is made from. */
export interface SelfSignedCertificateOptions {
  readonly keyPair: KeyPair;
  /** The distinguished name (RFC 4514): `CN=my-daemon`. */
  readonly subject: string;
  /** A positive number; by default 365. */
  readonly validityDays?: number | undefined;
  /** `dns:…`, `uri:…`, `email:…` or `ip:…`. */
  readonly subjectAlternativeNames?: readonly string[] | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

const minute = 60_000;
const day = 24 * 60 * minute;

/**
 * A server whose clock is behind would call a certificate that begins this very moment not yet valid. The end moves
 * with the beginning, so that 365 days stay 365: tenants limit the length.
 */
const backdated = 5 * minute;

/**
 * Makes the certificate of a daemon: self-signed, for digital signatures and client authentication.
 *
 * @returns the certificate; it begins some minutes in the past, for clocks that are behind
 * @throws {CertgrantError} `USAGE` when the subject or an alternative name cannot be read
 * @throws {RangeError} when `validityDays` is not positive or goes beyond the year 9999
 * @example
 * const keyPair = await generateKeyPair('RSA-2048');
 * const certificate = await createSelfSignedCertificate({ keyPair, subject: 'CN=my-daemon' });
 */
export async function createSelfSignedCertificate(options: SelfSignedCertificateOptions): Promise<Certificate> {
  const { keyPair, subject, validityDays = 365, subjectAlternativeNames, platform } = options;
  const notBefore = new Date(platformWith(platform).now() - backdated);
  const notAfter = new Date(notBefore.getTime() + validityDays * day);
  if (!(validityDays > 0) || !(notAfter.getUTCFullYear() <= 9999)) {
    throw new RangeError('create certificate: the number of days is not positive or ends after the year 9999');
  }
  return createCertificate({
    subject,
    publicKey: keyPair.spki,
    issuer: { signer: await createSigner(keyPair.pkcs8, certificateSignature[keyPair.algorithm]), certificate: 'self' },
    notBefore,
    notAfter,
    subjectAlternativeNames,
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: ['clientAuth'],
    platform,
  });
}
