import {
  CertgrantError,
  type Certificate,
  type FoundKey,
  isCertgrantError,
  type KeyFileContents,
  orderChain,
  type SelectionOptions,
  selectCredential,
} from '@certgrant/core';

/** The private key and the certificate that are meant, of all that are in a file. */
export interface ChosenPair {
  readonly key: FoundKey | undefined;
  /** The certificate first, then each issuer of the one before it; empty where there is no certificate. */
  readonly chain: readonly Certificate[];
  /** `null` when one of the two is missing. */
  readonly keyMatches: boolean | null;
  /** Why this one, in words. */
  readonly reason: string | undefined;
}

/** The pair that {@link selectCredential} takes; where none fits, the first key and the certificate that issued no other. */
export async function choosePair(contents: KeyFileContents, options: SelectionOptions): Promise<ChosenPair> {
  const certificates = contents.certificates.map(({ certificate }) => certificate);
  const [key] = contents.privateKeys;
  if (key !== undefined && certificates.length > 0) {
    try {
      const selection = await selectCredential(contents, options);
      return { ...selection, keyMatches: true };
    } catch (thrown) {
      if (!isCertgrantError(thrown) || thrown.code !== 'KEY_MISMATCH') throw thrown;
    }
  }
  const leaf = leafAmong(certificates);
  if (leaf === undefined) return { key, chain: [], keyMatches: null, reason: undefined };
  return {
    key,
    chain: orderChain(leaf, certificates),
    keyMatches: key === undefined ? null : false,
    reason: certificates.length === 1 ? undefined : 'the first that issued no other',
  };
}

/**
 * The certificate of a file, for what needs no private key.
 *
 * @throws {CertgrantError} `CERTIFICATE_MISSING`
 */
export async function chooseCertificate(contents: KeyFileContents): Promise<Certificate> {
  const {
    chain: [certificate],
  } = await choosePair(contents, {});
  if (certificate !== undefined) return certificate;
  throw new CertgrantError('CERTIFICATE_MISSING', 'read certificate: there is none in the file', {
    fix: 'Give the file with the certificate: CER, PEM or PFX',
  });
}

/** Without a key to go by: the certificate that no other one names as its issuer. */
function leafAmong(certificates: readonly Certificate[]): Certificate | undefined {
  const isIssuer = (candidate: Certificate): boolean =>
    certificates.some((other) => other !== candidate && Buffer.compare(other.issuerDer, candidate.subjectDer) === 0);
  return certificates.find((certificate) => !isIssuer(certificate)) ?? certificates[0];
}
