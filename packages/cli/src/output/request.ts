import { type CertificationRequest, isCertgrantError, verifyCertificationRequest } from '@certgrant/core';
import type { Io } from '../io.ts';
import { type KeyJson, keyInWords, keyJson } from './certificate.ts';
import { paintFor, printable, twoColumns } from './text.ts';

/** What `cert inspect --json` prints about a certificate signing request; programs rely on these names. */
interface RequestJson {
  readonly file: string;
  readonly format: 'pem' | 'der';
  /** The public key of the request; there is no certificate yet. */
  readonly key: KeyJson;
  readonly certificates: readonly [];
  readonly keyMatches: null;
  readonly problems: readonly [];
  readonly request: {
    readonly subject: string;
    readonly subjectAlternativeNames: readonly string[];
    readonly keyUsage: readonly string[] | null;
    readonly extendedKeyUsage: readonly string[] | null;
    /** `null` where certgrant cannot check a signature of its kind. */
    readonly signatureValid: boolean | null;
  };
}

export async function describeRequest(
  { file, format }: Pick<RequestJson, 'file' | 'format'>,
  request: CertificationRequest,
  json: boolean,
  { stdout }: Io,
): Promise<void> {
  const { subject, publicKey, subjectAlternativeNames, keyUsage, extendedKeyUsage } = request;
  const signatureValid = await isSignatureValid(request);
  if (json) {
    const document: RequestJson = {
      file,
      format,
      key: await keyJson(publicKey),
      certificates: [],
      keyMatches: null,
      problems: [],
      request: {
        subject,
        subjectAlternativeNames,
        keyUsage: keyUsage ?? null,
        extendedKeyUsage: extendedKeyUsage ?? null,
        signatureValid,
      },
    };
    stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const { bold, red, green } = paintFor(stdout);
  const verdict = {
    true: green('right'),
    false: red('WRONG: not made with this key, or changed since'),
    null: 'of a kind that is not checked',
  };
  const list = (values: readonly string[] | undefined): string => (values ?? ['as the authority decides']).join(', ');
  const rows: (readonly [string, string])[] = [
    ['Format', 'certificate signing request (PKCS#10)'],
    ['Subject', printable(subject)],
    ...(subjectAlternativeNames.length === 0
      ? []
      : [['Other names', printable(subjectAlternativeNames.join(', '))] as const]),
    ['Key', keyInWords(publicKey)],
    ['Key usage', list(keyUsage)],
    ['Extended', list(extendedKeyUsage)],
    ['Signature', verdict[`${signatureValid}`]],
  ];
  stdout.write(`${bold(printable(file))}\n${twoColumns(rows, Number.POSITIVE_INFINITY)}\n`);
}

async function isSignatureValid(request: CertificationRequest): Promise<boolean | null> {
  try {
    return await verifyCertificationRequest(request);
  } catch (thrown) {
    if (isCertgrantError(thrown)) return null;
    throw thrown;
  }
}
