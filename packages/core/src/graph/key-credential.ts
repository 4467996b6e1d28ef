import type { Certificate } from '../certificate/certificate.ts';
import { thumbprints } from '../certificate/thumbprint.ts';
import { fromHex, toBase64 } from '../lib/text-encoding.ts';

/** A certificate as an application carries it (Graph's resource type keyCredential). */
export interface KeyCredential {
  readonly type: 'AsymmetricX509Cert';
  readonly usage: 'Verify';
  /** The certificate's DER in base64. */
  readonly key: string;
  /** The SHA-1 of the DER in base64; hexadecimal would be taken for base64 too and mean another value. */
  readonly customKeyIdentifier: string;
  readonly displayName: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
}

/** What Graph keeps of a name. */
const longestDisplayName = 90;

/**
 * The key credential of a certificate, good for as long as the certificate: Graph refuses a later end.
 *
 * @returns what stands in `keyCredentials` of a request; the private key is no part of it
 * @example
 * const body = { keyCredentials: [await keyCredentialOf(certificate)] };
 */
export async function keyCredentialOf(certificate: Certificate): Promise<KeyCredential> {
  const { sha1 } = await thumbprints(certificate);
  return {
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: toBase64(certificate.der),
    customKeyIdentifier: toBase64(fromHex(sha1)),
    displayName: [...certificate.subject].slice(0, longestDisplayName).join(''),
    startDateTime: certificate.notBefore.toISOString(),
    endDateTime: certificate.notAfter.toISOString(),
  };
}
