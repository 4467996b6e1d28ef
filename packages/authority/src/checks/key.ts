import { type Bytes, fromBase64, toHex } from '@certgrant/core';
import { type EntraError, entraError } from '../entra-error.ts';
import type { AssertionContext, RegisteredCertificate } from './assertion-context.ts';
import { misreadThumbprint } from './misread-thumbprint.ts';

type Header = Readonly<Record<string, unknown>>;

/**
 * The registered certificates that the header may mean.
 *
 * `x5t`, `x5t#S256` and `kid` each may name one; `x5c` counts where none of them is given, by its first certificate.
 * Thumbprints are compared as bytes, whatever base64 they are written in. Without any hint all are meant, and the
 * signature decides.
 */
export function findCandidates(
  header: Header,
  certificates: readonly RegisteredCertificate[],
): readonly RegisteredCertificate[] {
  const { kid, x5t, x5c, 'x5t#S256': x5tS256 } = header;
  if (x5t !== undefined || x5tS256 !== undefined || kid !== undefined) {
    const [sha1, sha256] = [canonical(x5t), canonical(x5tS256)];
    return certificates.filter(
      (certificate) =>
        certificate.thumbprints.x5t === sha1 ||
        certificate.thumbprints['x5t#S256'] === sha256 ||
        isKeyId(kid, certificate),
    );
  }
  if (x5c === undefined) return certificates;
  const leaf = leafOf(x5c);
  return leaf === undefined ? [] : certificates.filter(({ der }) => sameBytes(der, leaf));
}

/** The key that signed is registered on the application. */
export function checkKey({ assertion, clientId, certificates, candidates }: AssertionContext): EntraError | undefined {
  if (candidates.length > 0) return undefined;
  const { header } = assertion;
  const print = statedThumbprint(header);
  const fragments = ['Reason - The key was not found.'];
  if (print !== undefined) fragments.push(thumbprintFragment(print));
  fragments.push(whereKeysAre(clientId));
  const sentence = 'The certificate with which the client assertion was signed is not registered on the application.';
  const misread = misreadThumbprint(header);
  const hint = misread === undefined ? '' : ` The header's ${misread}.`;
  return entraError(700027, `${sentence}${hint} [${fragments.join(', ')}]`, {
    expected:
      certificates.map(({ thumbprints }) => thumbprints.sha1).join(', ') ||
      'a certificate registered on the application',
    received: misread ?? print ?? 'no thumbprint of a certificate',
  });
}

/** Whether the header names the certificate by its SHA-1 thumbprint: as `x5t`, or as `kid` in any form. */
export function isNamedBySha1({ x5t, kid }: Header, candidates: readonly RegisteredCertificate[]): boolean {
  if (x5t !== undefined) return true;
  if (typeof kid !== 'string') return false;
  const name = canonical(kid);
  return candidates.some(({ thumbprints }) => thumbprints.sha1 === kid.toUpperCase() || thumbprints.x5t === name);
}

/** The thumbprint of the key, as programs read it from the message. */
export function thumbprintFragment(thumbprint: string): string {
  return `Thumbprint of key used by client: '${thumbprint}'`;
}

export function whereKeysAre(clientId: string): string {
  return `Microsoft Graph shows the configured keys at /v1.0/applications(appId='${clientId}')?$select=keyCredentials`;
}

/** What the header states as thumbprint, in upper-case hexadecimal. */
function statedThumbprint(header: Header): string | undefined {
  return thumbprintIn(header['x5t#S256']) ?? thumbprintIn(header.x5t);
}

function thumbprintIn(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > 200) return undefined;
  const bytes = fromBase64(value);
  return bytes === undefined ? undefined : toHex(bytes);
}

/** Unpadded base64url, from any of the four forms. */
function canonical(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  // Most clients write it so already.
  return /^[\w-]*$/.test(value) ? value : value.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** `kid` is free text; these are the names that a certificate has. */
function isKeyId(kid: unknown, { keyId, thumbprints: { sha1, sha256, ...prints } }: RegisteredCertificate): boolean {
  if (typeof kid !== 'string' || kid.length > 200) return false;
  if ([sha1, sha256, keyId.toUpperCase()].includes(kid.toUpperCase())) return true;
  return [prints.x5t, prints['x5t#S256']].includes(canonical(kid) ?? '');
}

/** The first certificate of `x5c`, an array (RFC 7515 §4.1.6) or, as MSAL.NET writes it, a string. */
function leafOf(x5c: unknown): Bytes | undefined {
  const first: unknown = Array.isArray(x5c) ? x5c[0] : x5c;
  return typeof first === 'string' ? fromBase64(first.replace(/\s+/g, '')) : undefined;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
