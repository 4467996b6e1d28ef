import {
  addKey,
  type Credential,
  createProof,
  findKeyHolder,
  GraphClient,
  isCertgrantError,
  type KeyHolder,
  listKeys,
  type Platform,
  removeKey,
  TokenClient,
  thumbprints,
} from '@certgrant/core';
import { graphScope } from '../graph-scope.ts';
import type { RotationServer } from './world.ts';

/** Whom a rotation speaks to. */
export interface ServerOptions {
  readonly tenant: string;
  readonly clientId: string;
  readonly authority: string;
  readonly graphUrl: string;
  readonly platform: Partial<Platform>;
  /** For one token, or one request of Graph, with all attempts, in milliseconds. */
  readonly deadline: number | undefined;
  readonly signal: AbortSignal;
}

/** Entra ID and Graph, or a local authority. Nothing here needs a permission: an application may roll its own keys. */
export function rotationServer(options: ServerOptions): RotationServer {
  const { tenant, clientId, authority, graphUrl, platform, deadline, signal } = options;
  const target = { scope: graphScope(graphUrl) };
  const clients = new Map<string, TokenClient>();
  const clientOf = async (credential: Credential): Promise<TokenClient> => {
    const { sha256 } = await thumbprints(credential.certificate);
    const limits = deadline === undefined ? {} : { deadline, timeout: deadline };
    const client =
      clients.get(sha256) ?? new TokenClient({ tenant, clientId, authority, credential, platform, ...limits });
    clients.set(sha256, client);
    return client;
  };
  const graph = (credential: Credential): GraphClient =>
    new GraphClient({
      graphUrl,
      platform,
      deadline,
      accessToken: async () => (await (await clientOf(credential)).getToken(target, { signal })).accessToken,
    });
  const holder = (objectId: string): KeyHolder => ({ type: 'applications', objectId });
  const proof = (objectId: string, credential: Credential): Promise<string> =>
    createProof({ credential, objectId, platform });
  return {
    async requestToken(by) {
      await (await clientOf(by)).getToken(target, { forceRefresh: true, signal });
    },
    findObjectId: (by) =>
      unlessForbidden(
        findKeyHolder(graph(by), { type: 'applications', appId: clientId, signal }).then((found) => found.objectId),
      ),
    listKeys: (objectId, by) => unlessForbidden(listKeys(graph(by), holder(objectId), { signal })),
    async addKey(objectId, { certificate, keyId }, by) {
      const options = { certificate, keyId, proof: await proof(objectId, by), signal };
      return (await addKey(graph(by), holder(objectId), options)).keyId;
    },
    removeKey: async (objectId, keyId, by) =>
      removeKey(graph(by), holder(objectId), { keyId, proof: await proof(objectId, by), signal }),
  };
}

/** Reading needs a permission that rolling keys does not: without it things go on without what would have been read. */
async function unlessForbidden<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (thrown) {
    if (isCertgrantError(thrown) && 'status' in thrown && thrown.status === 403) return undefined;
    throw thrown;
  }
}
