import { engine } from '#engine';
import { type Bytes, toBase64Url, toHex } from '../lib/text-encoding.ts';
import type { Certificate } from './certificate.ts';

/** The four ways in which a certificate's thumbprint is written. */
export interface Thumbprints {
  /** SHA-1 of the DER in upper-case hexadecimal, 40 characters: what portals show. */
  readonly sha1: string;
  /** SHA-256 of the DER in upper-case hexadecimal, 64 characters. */
  readonly sha256: string;
  /** The same SHA-1 bytes in base64url, 27 characters (RFC 7515 §4.1.7). */
  readonly x5t: string;
  /** The same SHA-256 bytes in base64url, 43 characters (RFC 7515 §4.1.8). */
  readonly 'x5t#S256': string;
}

const known = new WeakMap<Certificate, Promise<Thumbprints>>();

/**
 * The thumbprints of a certificate: hashes of its DER, nothing inside it. They are computed once for each object.
 *
 * @returns SHA-1 and SHA-256 in hexadecimal, and in base64url as `x5t` and `x5t#S256` (RFC 7515 §4.1.7, §4.1.8)
 * @example
 * const { sha1, 'x5t#S256': x5tS256 } = await thumbprints(certificate);
 */
export function thumbprints(certificate: Certificate): Promise<Thumbprints> {
  let found = known.get(certificate);
  if (found === undefined) {
    found = computeThumbprints(certificate);
    known.set(certificate, found);
  }
  return found;
}

async function computeThumbprints(certificate: Certificate): Promise<Thumbprints> {
  const [sha1, sha256] = await Promise.all([thumbprint(certificate, 'SHA-1'), thumbprint(certificate, 'SHA-256')]);
  return { sha1: toHex(sha1), sha256: toHex(sha256), x5t: toBase64Url(sha1), 'x5t#S256': toBase64Url(sha256) };
}

/** One of the two hashes, for who needs no other form of it. */
export function thumbprint({ der }: Certificate, algorithm: 'SHA-1' | 'SHA-256'): Promise<Bytes> {
  return engine.digest(algorithm, der);
}
