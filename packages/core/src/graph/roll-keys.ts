import type { Certificate } from '../certificate/certificate.ts';
import type { GraphClient } from './graph-client.ts';
import { keyCredentialOf } from './key-credential.ts';
import { type KeyHolder, pathOf } from './key-holder.ts';
import { type RegisteredKey, readRegisteredKey } from './registered-key.ts';

/** What a key is added with. */
export interface AddKeyOptions {
  /** The new certificate; its private key is not needed. */
  readonly certificate: Certificate;
  /**
   * A GUID for the new key; by default Graph chooses one. With an id of one's own the request can be repeated when its answer was
   * lost: a second key of the same id is refused.
   */
  readonly keyId?: string | undefined;
  /** Of {@link createProof}, with a credential that is registered already. */
  readonly proof: string;
  readonly signal?: AbortSignal | undefined;
}

/** What a key is removed with. */
export interface RemoveKeyOptions {
  readonly keyId: string;
  /** Of {@link createProof}, with a credential that is registered; it may be the one that is removed. */
  readonly proof: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Adds a certificate by proof of possession (learn.microsoft.com/graph/api/application-addkey). The other keys stay.
 *
 * An application needs no permission for its own keys. After a timeout or a broken connection nobody knows whether it
 * was done; then {@link listKeys}, or a token request with the new certificate, tells.
 *
 * @param client with an access token of the application itself
 * @returns the key as it is registered, with its `keyId`
 * @throws {GraphError} when Graph refuses; every fault of the proof is `Authentication_MissingOrMalformed`
 * @throws {CertgrantError} what the network does, `RESPONSE_…`
 * @example
 * const { keyId } = await addKey(graph, holder, { certificate, proof: await createProof({ credential, objectId }) });
 */
export async function addKey(
  client: GraphClient,
  holder: KeyHolder,
  { certificate, keyId, proof, signal }: AddKeyOptions,
): Promise<RegisteredKey> {
  const action = 'add key';
  const keyCredential = { ...(await keyCredentialOf(certificate)), ...(keyId === undefined ? {} : { keyId }) };
  const body = { keyCredential, passwordCredential: null, proof };
  const added = await client.post(`${pathOf(holder, action)}/addKey`, body, {
    action,
    proof: { jwt: proof, objectId: holder.objectId },
    signal,
  });
  return readRegisteredKey(added, action, certificate.der);
}

/**
 * Removes a key by proof of possession (learn.microsoft.com/graph/api/application-removekey). The other keys stay.
 *
 * @param client with an access token of the application itself
 * @returns nothing, once Graph has removed it; Entra ID may take some minutes until no token is given for it any more
 * @throws {GraphError} when Graph refuses, also when the key is not there
 * @throws {CertgrantError} what the network does
 * @example
 * await removeKey(graph, holder, { keyId, proof: await createProof({ credential: next, objectId }) });
 */
export async function removeKey(
  client: GraphClient,
  holder: KeyHolder,
  { keyId, proof, signal }: RemoveKeyOptions,
): Promise<void> {
  const action = 'remove key';
  await client.call(
    `${pathOf(holder, action)}/removeKey`,
    { keyId, proof },
    { action, proof: { jwt: proof, objectId: holder.objectId }, signal },
  );
}
