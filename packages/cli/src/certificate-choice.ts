import { CertgrantError, type Certificate, type FoundKey, type KeyFileContents } from '@certgrant/core';

/** The private key and the certificate that are meant, of all that are in a file. */
export interface ChosenPair {
  readonly key: FoundKey | undefined;
  readonly certificate: Certificate | undefined;
  /** `null` when one of the two is missing. */
  readonly keyMatches: boolean | null;
}

/** The first key that has its certificate, with it; or else the first key and the certificate that issued no other. */
export function choosePair(keys: readonly FoundKey[], certificates: readonly Certificate[]): ChosenPair {
  for (const key of keys) {
    const certificate = certificates.find((candidate) => isKeyOf(key, candidate));
    if (certificate !== undefined) return { key, certificate, keyMatches: true };
  }
  const [key] = keys;
  const certificate = leafAmong(certificates);
  return { key, certificate, keyMatches: key === undefined || certificate === undefined ? null : false };
}

/**
 * The certificate of a file, for what needs no private key.
 *
 * @throws {CertgrantError} `CERTIFICATE_MISSING`
 */
export function chooseCertificate({ privateKeys, certificates }: KeyFileContents): Certificate {
  const { certificate } = choosePair(
    privateKeys,
    certificates.map((found) => found.certificate),
  );
  if (certificate !== undefined) return certificate;
  throw new CertgrantError('CERTIFICATE_MISSING', 'read certificate: there is none in the file', {
    fix: 'Give the file with the certificate: CER, PEM or PFX',
  });
}

function isKeyOf({ publicKey }: FoundKey, certificate: Certificate): boolean {
  return Buffer.compare(publicKey.spki, certificate.publicKey.spki) === 0;
}

/** Without a key to go by: the certificate that no other one names as its issuer. */
function leafAmong(certificates: readonly Certificate[]): Certificate | undefined {
  const isIssuer = (candidate: Certificate): boolean =>
    certificates.some((other) => other !== candidate && Buffer.compare(other.issuerDer, candidate.subjectDer) === 0);
  return certificates.find((certificate) => !isIssuer(certificate)) ?? certificates[0];
}
