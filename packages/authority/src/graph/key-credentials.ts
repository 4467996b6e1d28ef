import { type Certificate, fromBase64, randomUuid, readCertificate } from '@certgrant/core';
import type { KeyCredential } from '../directory/entities.ts';
import { keyCredential } from '../directory/key-credential.ts';
import { isGuid } from '../lib/identifiers.ts';
import type { Services } from '../services.ts';
import { badRequest, GraphError } from './graph-error.ts';
import { objectIn, optionalArray, optionalDate, optionalText } from './request.ts';

/**
 * Reads the `keyCredentials` of a request, which replace all that were there.
 *
 * @param present what was there: an entry with a known `keyId` and no `key` keeps its certificate
 */
export async function readKeyCredentials(
  entries: readonly unknown[],
  present: readonly KeyCredential[],
  services: Services,
): Promise<readonly KeyCredential[]> {
  const read = await Promise.all(entries.map((entry) => readKeyCredential(entry, present, services)));
  if (new Set(read.map(({ keyId }) => keyId)).size < read.length) {
    throw badRequest("Two key credentials have the same value for the property 'keyId'.");
  }
  return read;
}

/** Reads one key credential. */
export async function readKeyCredential(
  value: unknown,
  present: readonly KeyCredential[],
  { platform }: Services,
): Promise<KeyCredential> {
  const entry = objectIn(value, 'A key credential');
  const keyId = optionalText(entry, 'keyId')?.toLowerCase();
  if (keyId !== undefined && !isGuid(keyId)) {
    throw badRequest("Invalid value specified for property 'keyId' of resource: it must be a GUID.");
  }
  const known = present.find((each) => each.keyId === keyId);
  const key = optionalText(entry, 'key') ?? known?.key;
  if ((entry.type ?? 'AsymmetricX509Cert') !== 'AsymmetricX509Cert' || (entry.usage ?? 'Verify') !== 'Verify') {
    throw badRequest("Key credential type must be 'AsymmetricX509Cert' and its usage 'Verify'.");
  }
  if (key === undefined) throw badRequest("New key credentials must have the property 'key'.");
  const certificate = readKey(key);
  const credential = await keyCredential(certificate, {
    keyId: keyId ?? randomUuid(platform),
    displayName: optionalText(entry, 'displayName') ?? known?.displayName,
    customKeyIdentifier: readIdentifier(entry) ?? known?.customKeyIdentifier,
    startDateTime: optionalDate(entry, 'startDateTime') ?? known?.startDateTime,
    endDateTime: optionalDate(entry, 'endDateTime') ?? known?.endDateTime,
  });
  requireValidity(credential, certificate);
  return credential;
}

/** A secret is made by the directory and told once, so that nobody sends one. */
export function refusePasswords(body: Readonly<Record<string, unknown>>): void {
  if (!optionalArray(body, 'passwordCredentials')?.length) return;
  throw badRequest("Property 'passwordCredentials' cannot be written: use addPassword and removePassword.");
}

/** An ASN.1 INTEGER, with which a PFX (RFC 7292 §4) and every form of a private key begin inside their SEQUENCE. */
const integer = 0x02;

function readKey(key: string): Certificate {
  const der = fromBase64(key.replace(/\s+/g, ''));
  const text = der === undefined ? key : new TextDecoder().decode(der);
  if (der === undefined || text.includes('-----BEGIN')) {
    if (text.includes('PRIVATE KEY-----')) throw withPrivateKey();
    throw badRequest("Key credential is not base64 of a certificate's DER: leave the lines of PEM out.");
  }
  try {
    return readCertificate(der);
  } catch (cause) {
    if (isPrivate(der)) throw withPrivateKey();
    throw badRequest('Key credential is not a valid X.509 certificate.', cause);
  }
}

function isPrivate(der: Uint8Array): boolean {
  const [sequence, length = 0] = der;
  // A length of 128 and more is written in that many bytes of its own (X.690 §8.1.3.5).
  const content = length < 0x80 ? 2 : 2 + (length & 0x7f);
  return sequence === 0x30 && der[content] === integer;
}

/** The key must not stay on the way to a server, so the message says what to do about it. */
function withPrivateKey(): GraphError {
  return badRequest(
    'Key credential holds a private key: send the certificate alone, and take another key if this one has left its machine.',
  );
}

/** Edm.Binary: base64; hexadecimal digits are base64 too, and count as such. */
function readIdentifier(entry: Readonly<Record<string, unknown>>): string | undefined {
  const text = optionalText(entry, 'customKeyIdentifier');
  if (text === undefined || fromBase64(text) !== undefined) return text;
  throw badRequest("Invalid value specified for property 'customKeyIdentifier' of resource: it must be base64.");
}

/** A credential is good for a part of its certificate's validity. */
function requireValidity({ startDateTime, endDateTime }: KeyCredential, { notBefore, notAfter }: Certificate): void {
  const [start, end] = [Date.parse(startDateTime), Date.parse(endDateTime)];
  if (end > notAfter.getTime() || start >= end) {
    throw new GraphError(400, 'KeyCredentialsInvalidEndDate', 'Key credential end date is invalid.');
  }
  if (start < notBefore.getTime()) {
    throw new GraphError(400, 'KeyCredentialsInvalidStartDate', 'Key credential start date is invalid.');
  }
}
