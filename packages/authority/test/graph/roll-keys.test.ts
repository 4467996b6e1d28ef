import {
  addKey,
  type Credential,
  createProof,
  findKey,
  findKeyHolder,
  GraphClient,
  importPrivateKey,
  type KeyHolder,
  keyCredentialOf,
  listKeys,
  platformWith,
  type RegisteredKey,
  removeKey,
  replaceKeyCredentials,
  TokenClient,
  thumbprints,
} from '@certgrant/core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Authority, startAuthority } from '../../src/index.ts';
import { fetchOf } from '../support/daemon.ts';
import { identity } from '../support/identity.ts';

/** The functions that roll keys, over a real socket against an authority that checks every proof. */

let authority: Authority;
let present: Credential;
let next: Credential;
let others: Credential;
beforeAll(async () => {
  authority = await startAuthority();
  [present, next, others] = await Promise.all([credential(), credential(), credential()]);
  return () => authority.close();
});

async function credential(days?: { from: number; until: number }): Promise<Credential> {
  const { key, certificate } = await identity('RSA-2048', days);
  const pkcs8 = new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));
  return { privateKey: await importPrivateKey(pkcs8), certificate, chain: [certificate] };
}

let app: { appId: string; objectId: string; servicePrincipalId: string };
let holder: KeyHolder;
let admin: GraphClient;
/** The application itself, without any permission. */
let self: GraphClient;
beforeEach(async () => {
  app = await authority.register({ certificate: present.certificate });
  holder = { type: 'applications', objectId: app.objectId };
  admin = graphOf(async () => authority.adminToken);
  self = graphAs(present);
  await replaceKeyCredentials(admin, holder, { add: [await keyCredentialOf(others.certificate)] });
});

function graphOf(accessToken: () => Promise<string>): GraphClient {
  // The check after a write waits for other writers; here there are none unless the test has some.
  const delay = async (ms: number, signal?: AbortSignal): Promise<void> =>
    ms <= 8000 ? undefined : platformWith(undefined).delay(ms, signal);
  return new GraphClient({ graphUrl: authority.graphUrl, accessToken, platform: { fetch: fetchOf(authority), delay } });
}

function graphAs(credential: Credential): GraphClient {
  const platform = { fetch: fetchOf(authority) };
  const tokens = new TokenClient({
    tenant: authority.tenantId,
    authority: authority.url,
    clientId: app.appId,
    credential,
    platform,
  });
  return graphOf(async () => (await tokens.getToken({ scope: 'https://graph.microsoft.com/.default' })).accessToken);
}

const prints = (keys: readonly RegisteredKey[]): (string | undefined)[] => keys.map(({ thumbprint }) => thumbprint);
const sha1 = async ({ certificate }: Credential): Promise<string> => (await thumbprints(certificate)).sha1;

describe('addKey and removeKey', () => {
  it('let an application without permissions roll its certificate, and leave the keys of others alone', async () => {
    const added = await addKey(self, holder, {
      certificate: next.certificate,
      proof: await createProof({ credential: present, objectId: app.objectId }),
    });
    expect(added.thumbprint).toBe(await sha1(next));
    const keys = await listKeys(admin, holder);
    expect(prints(keys)).toEqual([await sha1(present), await sha1(others), await sha1(next)]);
    expect(findKey(keys, next.certificate)).toMatchObject({ keyId: added.keyId });

    await removeKey(graphAs(next), holder, {
      keyId: findKey(keys, present.certificate)?.keyId ?? '',
      proof: await createProof({ credential: next, objectId: app.objectId, alg: 'PS256' }),
    });
    expect(prints(await listKeys(admin, holder))).toEqual([await sha1(others), await sha1(next)]);
  });
});

describe('findKeyHolder', () => {
  it('finds the object ids of both kinds by the application id', async () => {
    expect(await findKeyHolder(admin, { type: 'applications', appId: app.appId })).toEqual(holder);
    expect(await findKeyHolder(admin, { type: 'servicePrincipals', appId: app.appId.toUpperCase() })).toEqual({
      type: 'servicePrincipals',
      objectId: app.servicePrincipalId,
    });
  });
});

describe('replaceKeyCredentials', () => {
  it('adds one and removes another, and keeps the rest as it was', async () => {
    const before = await listKeys(admin, holder);
    const after = await replaceKeyCredentials(admin, holder, {
      add: [await keyCredentialOf(next.certificate)],
      remove: (key) => key.keyId === findKey(before, present.certificate)?.keyId,
    });
    expect(prints(after)).toEqual([await sha1(others), await sha1(next)]);
    expect(after[0]).toEqual(findKey(before, others.certificate));
  });
});
