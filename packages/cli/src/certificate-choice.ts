import {
  CertgrantError,
  type Certificate,
  type FoundCertificate,
  type FoundKey,
  isCertgrantError,
  type KeyFileContents,
  orderChain,
  type SelectionOptions,
  selectCredential,
  thumbprints,
} from '@certgrant/core';

/** The private key and the certificate that are meant, of all that are in a file. */
export interface ChosenPair {
  readonly key: FoundKey | undefined;
  readonly certificate: FoundCertificate | undefined;
  /** The certificate first, then each issuer of the one before it; empty where there is no certificate. */
  readonly chain: readonly Certificate[];
  /** `null` when one of the two is missing. */
  readonly keyMatches: boolean | null;
  /** Why this one, in words; `undefined` where there is nothing to choose. */
  readonly reason: string | undefined;
}

/** The pair that {@link selectCredential} takes; where none fits, the first key and the certificate that issued no other. */
export async function choosePair(contents: KeyFileContents, options: SelectionOptions): Promise<ChosenPair> {
  const { privateKeys, certificates } = contents;
  const [key] = privateKeys;
  if (key !== undefined && certificates.length > 0) {
    try {
      const selection = await selectCredential(contents, options);
      return { ...selection, keyMatches: true };
    } catch (thrown) {
      if (!isCertgrantError(thrown) || thrown.code !== 'KEY_MISMATCH') throw thrown;
    }
  }
  const wanted = await wantedCertificates(certificates, options);
  const certificate = leafAmong(wanted);
  if (certificate === undefined) return keyAlone(privateKeys);
  const all = certificates.map((found) => found.certificate);
  const reason = reasonOf(certificates.length, wanted.length, options);
  return {
    key,
    certificate,
    chain: orderChain(certificate.certificate, all),
    keyMatches: key === undefined ? null : false,
    reason: key === undefined ? reason : `no certificate belongs to a private key here; ${reason}`,
  };
}

function keyAlone(privateKeys: readonly FoundKey[]): ChosenPair {
  const [key] = privateKeys;
  const which = privateKeys.length === 1 ? 'the only private key there' : 'the first private key';
  const reason = key === undefined ? undefined : `${which}; no certificate is there`;
  return { key, certificate: undefined, chain: [], keyMatches: null, reason };
}

function reasonOf(count: number, wanted: number, { thumbprint, friendlyName }: SelectionOptions): string {
  if (wanted < count || count === 1) {
    if (thumbprint !== undefined) return 'chosen by its thumbprint';
    if (friendlyName !== undefined) return 'chosen by its friendly name';
  }
  return count === 1 ? 'the only certificate there' : 'the first that issued no other';
}

/** Without a private key, what {@link selectCredential} does with one: those that the options name. */
async function wantedCertificates(
  certificates: readonly FoundCertificate[],
  { thumbprint, friendlyName }: SelectionOptions,
): Promise<readonly FoundCertificate[]> {
  if (certificates.length === 0 || (thumbprint === undefined && friendlyName === undefined)) return certificates;
  const wanted: FoundCertificate[] = [];
  for (const found of certificates) {
    const prints: readonly string[] = Object.values(await thumbprints(found.certificate));
    const hex = thumbprint?.replaceAll(/[^0-9A-Fa-f]/g, '').toUpperCase();
    const hasPrint = hex === undefined || prints.includes(hex) || prints.includes(thumbprint?.trim() ?? '');
    const hasName = friendlyName === undefined || found.friendlyName?.toLowerCase() === friendlyName.toLowerCase();
    if (hasPrint && hasName) wanted.push(found);
  }
  if (wanted.length > 0) return wanted;
  const what = thumbprint === undefined ? 'friendly name' : 'thumbprint';
  throw new CertgrantError('CERTIFICATE_MISSING', `choose certificate: none has the ${what} asked for`, {
    fix: 'certgrant cert inspect FILE shows what is in the file',
  });
}

/** Where the chosen ones stand among the others, counted from 1: what `--json` shows. */
export interface ChoiceJson {
  readonly privateKey: number | null;
  readonly privateKeys: number;
  readonly certificate: number | null;
  readonly certificates: number;
  readonly reason: string | null;
}

export function choiceJson({ key, certificate, reason }: ChosenPair, contents: KeyFileContents): ChoiceJson {
  const { privateKeys, certificates } = contents;
  return {
    privateKey: key === undefined ? null : privateKeys.indexOf(key) + 1,
    privateKeys: privateKeys.length,
    certificate: certificate === undefined ? null : certificates.indexOf(certificate) + 1,
    certificates: certificates.length,
    reason: reason ?? null,
  };
}

/** The same in a line: "private key 1 of 2, certificate 3 of 5: the only certificate whose private key is there". */
export function choiceInWords(choice: ChoiceJson): string {
  const { privateKeys, certificates, reason } = choice;
  const place = (name: string, number: number | null, count: number): string[] =>
    number === null ? [] : [count === 1 ? `the only ${name}` : `${name} ${number} of ${count}`];
  const places = [
    ...place('private key', choice.privateKey, privateKeys),
    ...place('certificate', choice.certificate, certificates),
  ].join(', ');
  const hadChoice = privateKeys > 1 || certificates > 1;
  return hadChoice && reason !== null ? `${places}: ${reason}` : places;
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
function leafAmong(certificates: readonly FoundCertificate[]): FoundCertificate | undefined {
  const isIssuer = (candidate: FoundCertificate): boolean =>
    certificates.some(
      (other) =>
        other !== candidate && Buffer.compare(other.certificate.issuerDer, candidate.certificate.subjectDer) === 0,
    );
  return certificates.find((certificate) => !isIssuer(certificate)) ?? certificates[0];
}
