import { engine } from '#engine';
import type { Certificate } from '../certificate/certificate.ts';
import { CertgrantError } from '../errors.ts';
import { isRecord } from '../lib/http.ts';
import { type Bytes, fromBase64, toHex } from '../lib/text-encoding.ts';
import type { GraphClient, GraphObject } from './graph-client.ts';
import { type KeyHolder, pathOf } from './key-holder.ts';

/** A key credential that is registered on an application or a service principal. */
export interface RegisteredKey {
  readonly keyId: string;
  /** `AsymmetricX509Cert` for a certificate; a service principal also has others, for SAML. */
  readonly type: string;
  /** `Verify` for a certificate that the application signs in with. */
  readonly usage: string;
  readonly displayName: string | undefined;
  readonly startDateTime: Date | undefined;
  readonly endDateTime: Date | undefined;
  /** The certificate's DER; `undefined` where Graph did not send it. */
  readonly der: Bytes | undefined;
  /**
   * The SHA-1 of the DER in upper-case hexadecimal, as portals show it. It is computed: `customKeyIdentifier` may be
   * anything that the one who uploaded the certificate wrote.
   */
  readonly thumbprint: string | undefined;
  /** The key credential as Graph sent it. */
  readonly entry: GraphObject;
}

/**
 * The key credentials of an application or a service principal (learn.microsoft.com/graph/api/resources/keycredential).
 *
 * @param holder whose keys, by its object id
 * @returns the keys in Graph's order, each with the thumbprint of its certificate
 * @throws {GraphError} when Graph refuses: it needs Application.Read.All, or to be asked by an owner
 * @throws {CertgrantError} what the network does, `RESPONSE_…`
 * @example
 * for (const { keyId, thumbprint } of await listKeys(graph, holder)) console.log(keyId, thumbprint);
 */
export async function listKeys(
  client: GraphClient,
  holder: KeyHolder,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly RegisteredKey[]> {
  const action = 'read keys';
  // Graph sends the certificates themselves only to who selects the keys of one object.
  const path = `${pathOf(holder, action)}?$select=keyCredentials`;
  const { keyCredentials } = await client.get(path, { action, permission: 'Application.Read.All', signal });
  if (!Array.isArray(keyCredentials)) throw unreadable(action);
  return Promise.all(keyCredentials.map((entry) => readRegisteredKey(entry, action)));
}

/**
 * The key among those of {@link listKeys} that is this certificate, byte by byte.
 *
 * @returns `undefined` when none is, or Graph did not send its certificate
 * @example
 * const isThere = findKey(await listKeys(graph, holder), certificate) !== undefined;
 */
export function findKey(keys: readonly RegisteredKey[], { der }: Certificate): RegisteredKey | undefined {
  return keys.find((key) => key.der?.length === der.length && key.der.every((byte, index) => byte === der[index]));
}

/** Reads one key credential of an answer; `sent` is the certificate where the answer leaves it out. */
export async function readRegisteredKey(value: unknown, action: string, sent?: Bytes): Promise<RegisteredKey> {
  if (!isRecord(value) || typeof value.keyId !== 'string') throw unreadable(action);
  const { keyId, type, usage, displayName, startDateTime, endDateTime, key } = value;
  const der = typeof key === 'string' ? fromBase64(key) : sent;
  return {
    keyId,
    type: typeof type === 'string' ? type : '',
    usage: typeof usage === 'string' ? usage : '',
    displayName: typeof displayName === 'string' ? displayName : undefined,
    startDateTime: dateOf(startDateTime),
    endDateTime: dateOf(endDateTime),
    der,
    thumbprint: der === undefined ? undefined : toHex(await engine.digest('SHA-1', der)),
    entry: value,
  };
}

function dateOf(value: unknown): Date | undefined {
  const date = new Date(typeof value === 'string' ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function unreadable(action: string): CertgrantError {
  return new CertgrantError('RESPONSE_UNEXPECTED', `${action}: Graph answered without the key credentials`, {
    fix: 'Check that the URL is the one of Microsoft Graph',
  });
}
