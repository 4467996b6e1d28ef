import { type Certificate, fromBase64, randomUuid, readCertificate } from '@certgrant/core';
import type { KeyCredential } from '../directory/entities.ts';
import { keyCredential } from '../directory/key-credential.ts';
import type { Services } from '../services.ts';
import { badRequest, GraphError } from './graph-error.ts';
import { objectIn, optionalText } from './request.ts';

/**
 * Reads the `keyCredentials` of a request, which replace all that were there.
 *
 * @param present what was there: an entry with a known `keyId` and no `key` keeps its certificate
 */
export function readKeyCredentials(
  entries: readonly unknown[],
  present: readonly KeyCredential[],
  { platform }: Services,
): Promise<readonly KeyCredential[]> {
  return Promise.all(
    entries.map((entry) => readKeyCredential(objectIn(entry, 'A key credential'), present, () => randomUuid(platform))),
  );
}

async function readKeyCredential(
  entry: Readonly<Record<string, unknown>>,
  present: readonly KeyCredential[],
  newId: () => string,
): Promise<KeyCredential> {
  const keyId = optionalText(entry, 'keyId')?.toLowerCase();
  const known = present.find((each) => each.keyId === keyId);
  const key = optionalText(entry, 'key') ?? known?.key;
  if ((entry.type ?? 'AsymmetricX509Cert') !== 'AsymmetricX509Cert' || (entry.usage ?? 'Verify') !== 'Verify') {
    throw badRequest("Key credential type must be 'AsymmetricX509Cert' and its usage 'Verify'.");
  }
  if (key === undefined) throw badRequest("New key credentials must have the property 'key'.");
  const certificate = readKey(key);
  const credential = await keyCredential(certificate, {
    keyId: keyId ?? newId(),
    displayName: optionalText(entry, 'displayName') ?? known?.displayName,
    customKeyIdentifier: optionalText(entry, 'customKeyIdentifier') ?? known?.customKeyIdentifier,
    startDateTime: readDate(entry, 'startDateTime') ?? known?.startDateTime,
    endDateTime: readDate(entry, 'endDateTime') ?? known?.endDateTime,
  });
  requireValidity(credential, certificate);
  return credential;
}

function readKey(key: string): Certificate {
  const der = fromBase64(key.replace(/\s+/g, ''));
  try {
    if (der !== undefined) return readCertificate(der);
  } catch (cause) {
    throw badRequest('Key credential is not a valid X.509 certificate.', cause);
  }
  throw badRequest('Key credential is not base64.');
}

function readDate(entry: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const text = optionalText(entry, name);
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw badRequest(`Invalid value specified for property '${name}' of resource.`);
  return new Date(time).toISOString();
}

/** A credential does not outlive its certificate. */
function requireValidity({ startDateTime, endDateTime }: KeyCredential, { notAfter }: Certificate): void {
  const end = Date.parse(endDateTime);
  if (end <= notAfter.getTime() && Date.parse(startDateTime) < end) return;
  throw new GraphError(400, 'KeyCredentialsInvalidEndDate', 'Key credential end date is invalid.');
}
