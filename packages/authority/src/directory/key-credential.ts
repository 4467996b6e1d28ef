import { type Certificate, fromBase64, readCertificate, thumbprints, toBase64 } from '@certgrant/core';
import type { RegisteredCertificate } from '../checks/assertion-context.ts';
import { registeredCertificateOf } from '../checks/registered-certificate.ts';
import type { KeyCredential } from './entities.ts';

/** What may be chosen about a key credential beside its certificate. */
export interface KeyCredentialDetails {
  readonly keyId: string;
  readonly displayName?: string | null | undefined;
  readonly customKeyIdentifier?: string | undefined;
  /** ISO 8601; by default the certificate's own validity. */
  readonly startDateTime?: string | undefined;
  readonly endDateTime?: string | undefined;
}

/** The key credential for a certificate. */
export async function keyCredential(certificate: Certificate, details: KeyCredentialDetails): Promise<KeyCredential> {
  const { x5t } = await thumbprints(certificate);
  return {
    keyId: details.keyId,
    displayName: details.displayName ?? certificate.subject,
    customKeyIdentifier: details.customKeyIdentifier ?? toBase64(fromBase64(x5t) ?? new Uint8Array()),
    startDateTime: details.startDateTime ?? certificate.notBefore.toISOString(),
    endDateTime: details.endDateTime ?? certificate.notAfter.toISOString(),
    key: toBase64(certificate.der),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  };
}

/** A key credential in the form that assertions are checked against. */
export async function registeredCertificate(credential: KeyCredential): Promise<RegisteredCertificate> {
  const certificate = readCertificate(fromBase64(credential.key) ?? new Uint8Array());
  const registered = await registeredCertificateOf(certificate, credential.keyId);
  return {
    ...registered,
    // The credential may end before the certificate, never later.
    start: Math.max(Date.parse(credential.startDateTime), registered.start),
    end: Math.min(Date.parse(credential.endDateTime), registered.end),
  };
}
