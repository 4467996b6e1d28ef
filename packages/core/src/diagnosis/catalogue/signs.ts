import { fromBase64, fromHex } from '../../lib/text-encoding.ts';
import type { Evidence, KeyReason } from '../evidence.ts';
import { raises, rulesOut, type Sign } from './entry.ts';

const reasonInWords: Readonly<Record<KeyReason, string>> = {
  'not-found': 'The server found no key for this thumbprint',
  expired: 'The server found the key, and takes it for out of date',
  'signature-mismatch': 'The server found the key, and the signature is not one of it',
  algorithm: 'The server does not take the algorithm',
};

/** The server names its reason in the message: where it names another one, this cause is out. */
export function onlyFor(reason: KeyReason): Sign {
  return rulesOut(
    'The server names another reason',
    (evidence) => evidence.reason !== undefined && evidence.reason !== reason,
  );
}

/** The server names this reason. */
export function raisedBy(reason: KeyReason): Sign {
  return raises(reasonInWords[reason], (evidence) => evidence.reason === reason);
}

/** The thumbprint that the header states under `name`, as bytes; `undefined` where it states none. */
export function headerThumbprint(evidence: Evidence, name: 'x5t' | 'x5t#S256'): Uint8Array | undefined {
  const value = evidence.assertion?.header[name];
  return typeof value === 'string' && value.length <= 400 ? fromBase64(value) : undefined;
}

/** Whether bytes are hexadecimal digits as text: 40 of SHA-1, 64 of SHA-256. */
export function isHexText(bytes: Uint8Array | undefined): boolean {
  if (bytes === undefined || (bytes.length !== 40 && bytes.length !== 64)) return false;
  return /^[0-9A-Fa-f]+$/.test(String.fromCharCode(...bytes));
}

/** The bytes of the thumbprint that the server says the client used. */
export function usedThumbprint({ facts: { thumbprint } }: Evidence): Uint8Array | undefined {
  return thumbprint === undefined ? undefined : fromHex(thumbprint);
}

/** Whether the thumbprint that the server names is one of the certificate at hand; `undefined` where either is missing. */
export function isOwnThumbprint({ facts: { thumbprint }, certificate }: Evidence): boolean | undefined {
  if (thumbprint === undefined || certificate === undefined) return undefined;
  const { sha1, sha256 } = certificate.thumbprints;
  return thumbprint === sha1 || thumbprint === sha256;
}

/** The algorithm in the assertion's header. */
export function algorithmOf({ assertion }: Evidence): string | undefined {
  const alg = assertion?.header.alg;
  return typeof alg === 'string' ? alg : undefined;
}

/** The certificates that the header carries (RFC 7515 §4.1.6), as text; MSAL.NET writes a lone one as a string. */
export function chainOf({ assertion }: Evidence): readonly unknown[] | undefined {
  const x5c = assertion?.header.x5c;
  if (x5c === undefined) return undefined;
  return Array.isArray(x5c) ? x5c : [x5c];
}
