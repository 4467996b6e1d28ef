import { type Certificate, thumbprints } from '@certgrant/core';
import type { RegisteredCertificate } from './assertion-context.ts';

/** A certificate in the form that assertions are checked against, good for as long as it says itself. */
export async function registeredCertificateOf(certificate: Certificate, keyId: string): Promise<RegisteredCertificate> {
  return {
    keyId,
    der: certificate.der,
    thumbprints: await thumbprints(certificate),
    start: certificate.notBefore.getTime(),
    end: certificate.notAfter.getTime(),
    keyType: certificate.publicKey.type,
    spki: certificate.publicKey.spki,
  };
}
