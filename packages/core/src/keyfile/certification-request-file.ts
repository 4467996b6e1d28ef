import { type CertificationRequest, readCertificationRequest } from '../certificate/certification-request.ts';
import { CertgrantError } from '../errors.ts';
import { fromBase64 } from '../lib/text-encoding.ts';
import { derShape } from './der-shape.ts';
import { readPem } from './pem.ts';
import { decodeText } from './text.ts';
import { pemBlock } from './write-pem.ts';

/**
 * Reads a file with a certification request: PEM (RFC 7468 §7, also with the old label `NEW CERTIFICATE REQUEST`), DER, or
 * base64 without lines around it.
 *
 * @param bytes the file as it is
 * @returns `undefined` when the file holds something else
 * @throws {CertgrantError} `FORMAT_MALFORMED`
 * @example
 * const request = readCertificationRequestFile(await readFile('my-daemon.csr'));
 */
export function readCertificationRequestFile(bytes: Uint8Array): CertificationRequest | undefined {
  const der = derOf(bytes);
  return der === undefined ? undefined : readCertificationRequest(der);
}

/**
 * Writes a certification request as PEM.
 *
 * @returns PEM with the label `CERTIFICATE REQUEST` (RFC 7468 §7)
 * @example
 * await writeFile('my-daemon.csr', writeCertificationRequest(request));
 */
export function writeCertificationRequest({ der }: CertificationRequest): string {
  return pemBlock('CERTIFICATE REQUEST', der);
}

function derOf(bytes: Uint8Array): Uint8Array | undefined {
  if (derShape(bytes) === 'certificate-request') return bytes;
  const text = decodeText(bytes) ?? '';
  if (text.includes('-----BEGIN ')) return blocks(text).find((der) => derShape(der) === 'certificate-request');
  const unwrapped = fromBase64(text.replaceAll(/\s/g, ''));
  return unwrapped !== undefined && derShape(unwrapped) === 'certificate-request' ? unwrapped : undefined;
}

function blocks(text: string): readonly Uint8Array[] {
  try {
    return readPem(text).map(({ der }) => der);
  } catch (thrown) {
    if (thrown instanceof CertgrantError && !text.includes('CERTIFICATE REQUEST')) return [];
    throw thrown;
  }
}
