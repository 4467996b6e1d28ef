import { CertgrantError, type Certificate, fromBase64, readCertificate } from '@certgrant/core';

/** A certificate as programs have it: read, as DER, or as PEM (text or bytes; the first certificate in it counts). */
export type CertificateInput = Certificate | Uint8Array | string;

/**
 * Reads a certificate in any of these forms.
 *
 * @throws {CertgrantError} `FORMAT_MALFORMED`; `CERTIFICATE_MISSING` when there is none in the text
 */
export function certificateFrom(input: CertificateInput): Certificate {
  if (typeof input === 'string') return fromPem(input);
  if (!(input instanceof Uint8Array)) return input;
  // DER begins with a SEQUENCE, PEM with a dash or with words.
  return input[0] === 0x30 ? readCertificate(input) : fromPem(new TextDecoder().decode(input));
}

function fromPem(text: string): Certificate {
  const [, body] = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]*)-----END/.exec(text) ?? [];
  const der = body === undefined ? undefined : fromBase64(body.replace(/\s+/g, ''));
  if (der !== undefined) return readCertificate(der);
  throw new CertgrantError('CERTIFICATE_MISSING', 'read certificate: there is none in it', {
    fix: 'Give the certificate as DER or as PEM, with its BEGIN CERTIFICATE line',
  });
}
