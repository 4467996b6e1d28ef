import {
  addKey,
  type Credential,
  createProof,
  findKey,
  findKeyHolder,
  GraphClient,
  type GraphError,
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
import { type Identity, identity, signJws } from '../support/identity.ts';

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

describe('addKey says what is wrong with a proof, which Graph does not', () => {
  type Claims = Readonly<Record<string, unknown>>;
  interface Proof {
    readonly claims: Claims;
    readonly by?: Identity;
    readonly pad?: boolean;
  }
  const cases: readonly [name: string, change: (good: Claims) => Proof | Promise<Proof>, cause: string][] = [
    [
      'the audience of Microsoft Graph',
      (good) => ({ claims: { ...good, aud: '00000003-0000-0000-c000-000000000000' } }),
      'proof-audience-wrong',
    ],
    [
      'the application id as issuer',
      (good) => ({ claims: { ...good, iss: app.appId } }),
      'proof-issuer-is-not-the-object-id',
    ],
    [
      'a life of over ten minutes',
      (good) => ({ claims: { ...good, exp: Number(good.nbf) + 601 } }),
      'proof-lifetime-too-long',
    ],
    [
      'an end that is past',
      (good) => ({ claims: { ...good, nbf: Number(good.nbf) - 1200, exp: Number(good.nbf) - 601 } }),
      'proof-lifetime-too-long',
    ],
    [
      'the signature of a key that is not registered',
      async (claims) => ({ claims, by: await identity() }),
      'proof-signed-with-unregistered-key',
    ],
    [
      'the signature of a certificate that has expired',
      (claims) => ({ claims, by: expired }),
      'proof-signed-with-unregistered-key',
    ],
    ['padding', (claims) => ({ claims: { ...claims, padded: 'so' }, pad: true }), 'proof-padded'],
    [
      "another application's name, and its key",
      async (good) => {
        const by = await identity();
        const other = await authority.register({ certificate: by.certificate });
        return { claims: { ...good, iss: other.objectId }, by };
      },
      'proof-issuer-is-not-the-object-id',
    ],
  ];
  let registered: Identity;
  let expired: Identity;
  beforeAll(async () => {
    [registered, expired] = await Promise.all([identity(), identity('RSA-2048', { from: -30, until: -1 })]);
  });

  it.each(cases)('it has %s', async (_, change, cause) => {
    const certificates = [registered, expired].map(({ certificate }) => certificate);
    app = await authority.register({ certificates: [present.certificate, ...certificates] });
    const now = Math.floor(Date.now() / 1000);
    const good = { aud: '00000002-0000-0000-c000-000000000000', iss: app.objectId, nbf: now, exp: now + 600 };
    const { claims, by = registered, pad = false } = await change(good);
    const { x5t } = await thumbprints(by.certificate);
    const signed = signJws({ alg: 'RS256', typ: 'JWT', x5t }, claims, by.key, 'RS256');
    const proof = pad ? signed.replace('.', '=.') : signed;
    const holder = { type: 'applications', objectId: app.objectId } as const;
    const thrown = await addKey(graphAs(present), holder, { certificate: next.certificate, proof }).catch(
      (error: unknown) => error,
    );
    expect(thrown).toMatchObject({
      name: 'GraphError',
      code: 'API_REFUSED',
      status: 401,
      graphCode: 'Authentication_MissingOrMalformed',
      explanation: { causes: expect.arrayContaining([expect.objectContaining({ id: cause })]) },
    });
    const { message, fix, explanation } = thrown as GraphError;
    expect(explanation?.causes[0]).toMatchObject({ id: cause, fix });
    expect(JSON.stringify([message, fix, explanation]).includes(proof.split('.')[2] ?? '')).toBe(false);
    expect(await listKeys(admin, holder)).toHaveLength(3);
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

  it('tells at least one of two writers at once that a key is missing, and never neither', async () => {
    const more = await Promise.all([credential(), credential()]);
    const [reads, writes] = [barrier(2), barrier(2)];
    const trusting = fetchOf(authority);
    const platform = {
      // Both have read before either writes, and both have written before either looks.
      fetch: async (url: string, init?: RequestInit) => {
        if (init?.method === 'PATCH') await reads.pass();
        const response = await trusting(url, init);
        if (init?.method === 'GET') reads.arrive();
        if (init?.method === 'PATCH') writes.arrive();
        return response;
      },
      delay: (ms: number, signal?: AbortSignal) =>
        ms <= 8000 ? writes.pass() : platformWith(undefined).delay(ms, signal),
    };
    const accessToken = async (): Promise<string> => authority.adminToken;
    const outcomes = await Promise.allSettled(
      more.map(async ({ certificate }) => {
        const client = new GraphClient({ graphUrl: authority.graphUrl, accessToken, platform });
        return replaceKeyCredentials(client, holder, { add: [await keyCredentialOf(certificate)] });
      }),
    );
    const there = prints(await listKeys(admin, holder));
    expect(there).toEqual(expect.arrayContaining([await sha1(present), await sha1(others)]));
    expect(there).toHaveLength(3);
    const told = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(told).toEqual([
      expect.objectContaining({ code: 'KEYS_CHANGED', fix: expect.stringMatching(/^Look at the/) }),
    ]);
    const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(there[2]).toBe(await sha1(more[winner] ?? present));
  });
});

/** Lets everybody pass once `count` have arrived. */
function barrier(count: number): { arrive(): void; pass(): Promise<void> } {
  let left = count;
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    arrive() {
      left--;
      if (left === 0) open();
    },
    pass: () => opened,
  };
}
