import { type Platform, platformWith } from '@certgrant/core';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Services } from '../../src/services.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { processKeys, type SigningKeys, storedKeys } from '../../src/tokens/signing-key.ts';
import { verifyAccessToken } from '../../src/tokens/verify-access-token.ts';
import { base, type TestAuthority, testAuthority } from '../support/authority.ts';
import { identity } from '../support/identity.ts';
import { draft, send, tokenParts } from '../support/token-request.ts';

const overlap = 3600;
/** How long a key stays after its last signature, in milliseconds: the overlap, and five minutes for other clocks. */
const published = (overlap + 300) * 1000;

let now: number;
let platform: Platform;
let store: MemoryStore;
let keys: SigningKeys;

beforeEach(() => {
  now = Date.now();
  platform = platformWith({ now: () => now });
  store = new MemoryStore();
  keys = storedKeys(store, { platform, overlap });
});

const kids = async (of: SigningKeys = keys): Promise<string[]> => (await of.all()).map(({ kid }) => kid);
const daemon = identity();

async function authorityWith(
  changes: Partial<Services> = {},
): Promise<{ authority: TestAuthority; token: () => Promise<string> }> {
  const authority = await testAuthority({ platform, signingKeys: keys, ...changes });
  const { certificate } = await daemon;
  const { appId } = await authority.register({ certificate, secret: true });
  const token = async (): Promise<string> => {
    const { body } = await send(authority, await draft(authority.tenantId, appId, await daemon));
    return String(body.access_token);
  };
  return { authority, token };
}

describe('rotateSigningKey', () => {
  it('signs with a new key, while tokens of the old one stay good and it stays published', async () => {
    const { authority, token } = await authorityWith();
    const before = await token();
    const [old] = await kids();
    const made = await keys.rotateSigningKey();
    const after = await token();
    expect(await kids()).toEqual([made, old]);
    const kidOf = (text: string): unknown => tokenParts({ body: { access_token: text } } as never).header.kid;
    expect([kidOf(before), kidOf(after)]).toEqual([old, made]);
    const jwks = await (await authority.app.respond(new Request(`${base}/common/discovery/v2.0/keys`))).json();
    expect(jwks.keys.map(({ kid }: { kid: string }) => kid)).toEqual([made, old]);
    for (const each of [before, after]) {
      await jwtVerify(each, createLocalJWKSet(jwks));
      expect(await verifyAccessToken(each, keys, Math.floor(now / 1000))).toBeDefined();
    }
  });

  it('publishes the old key until every token of it has expired, and no longer', async () => {
    const { token } = await authorityWith();
    const before = await token();
    const seconds = Math.floor(now / 1000);
    const made = await keys.rotateSigningKey();
    now += published - 1;
    expect(await kids()).toHaveLength(2);
    now += 1;
    expect(await kids()).toEqual([made]);
    // By its claims alone it would still be good then.
    expect(await verifyAccessToken(before, keys, seconds)).toBeUndefined();
  });

  it('is kept: the next start has the same keys, but not the private one that signs no more', async () => {
    const [old] = await kids();
    const [first] = JSON.parse((await store.readValue('signing-keys')) ?? '');
    const made = await keys.rotateSigningKey();
    const kept = (await store.readValue('signing-keys')) ?? '';
    expect(kept).not.toContain(first.pkcs8);
    const next = storedKeys(store, { platform, overlap });
    expect(await kids(next)).toEqual([made, old]);
    expect((await next.current()).kid).toBe(made);
    now += published;
    expect(await kids(next)).toEqual([made]);
    const newest = await next.rotateSigningKey();
    expect(await kids(storedKeys(store, { platform, overlap }))).toEqual([newest, made]);
  });

  it('twice at the same time makes two keys, one after the other', async () => {
    const [old] = await kids();
    const { writeValue } = store;
    let writes = 0;
    let second = (): void => {};
    const both = new Promise<void>((resolve) => {
      second = resolve;
    });
    store.writeValue = async (name, value) => {
      // The first is still being written when the second would be, if it did not wait for it.
      if (++writes === 1) await Promise.race([both, new Promise((resolve) => setTimeout(resolve, 500))]);
      else second();
      return writeValue.call(store, name, value);
    };
    const made = await Promise.all([keys.rotateSigningKey(), keys.rotateSigningKey()]);
    expect(await kids()).toEqual([made[1], made[0], old]);
  });

  it('that cannot be kept changes nothing, and the next one can', async () => {
    const before = await kids();
    const { writeValue } = store;
    store.writeValue = () => Promise.reject(new Error('disk full'));
    await expect(keys.rotateSigningKey()).rejects.toThrow('disk full');
    await keys.settled();
    expect(await kids()).toEqual(before);
    store.writeValue = writeValue;
    expect(await kids()).not.toContain(await keys.rotateSigningKey());
  });

  it('of one authority leaves those of others in the process alone', async () => {
    const [one, other] = [1, 2].map(() => processKeys({ platform, overlap }));
    const before = await kids(other);
    await one?.rotateSigningKey();
    expect(await kids(other)).toEqual(before);
    expect(await kids(one)).toHaveLength(2);
  });
});

describe('what the authority publishes', () => {
  it('holds no private key, no secret and no hash of one, before a rotation and after it', async () => {
    const { authority } = await authorityWith();
    const { tenantId, services } = authority;
    const stored: string[] = [];
    const texts: string[] = [];
    await keys.current();
    for (let round = 0; round < 2; round++) {
      stored.push((await store.readValue('signing-keys')) ?? '');
      const paths = [
        ...['common', tenantId].flatMap((tenant) => [`${tenant}/discovery/v2.0/keys`, `${tenant}/discovery/keys`]),
        ...[`${tenantId}/v2.0`, tenantId, 'common/v2.0', 'common'].map(
          (at) => `${at}/.well-known/openid-configuration`,
        ),
        `common/discovery/instance?api-version=1.1&authorization_endpoint=${base}/common/oauth2/v2.0/authorize`,
        'graph/v1.0/applications?$select=keyCredentials,passwordCredentials',
        'graph/v1.0/applications',
        'graph/v1.0/servicePrincipals',
      ];
      for (const path of paths) {
        const headers = path.startsWith('graph') ? { Authorization: `Bearer ${services.adminToken}` } : {};
        const response = await authority.app.respond(new Request(`${base}/${path}`, { headers }));
        expect([path, response.status]).toEqual([path, 200]);
        texts.push(await response.text());
      }
      await keys.rotateSigningKey();
    }
    // Of RFC 7518 §6.2.2, §6.3.2 and §6.4.1, and our own.
    const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'pkcs8', 'secretText', 'secretHash'];
    const privateKeys = stored.flatMap((text) => JSON.parse(text).flatMap(({ pkcs8 = [] }) => pkcs8));
    expect(privateKeys).toHaveLength(2);
    for (const text of texts) {
      expect(membersOf(JSON.parse(text)).filter((name) => secretMembers.includes(name))).toEqual([]);
      for (const key of privateKeys) expect(text).not.toContain(key.slice(100, 200));
      expect(text).not.toContain('PRIVATE KEY');
    }
    const jwks = JSON.parse(texts.at(0) ?? '');
    for (const key of jwks.keys) {
      expect(Object.keys(key).toSorted()).toEqual(['e', 'issuer', 'kid', 'kty', 'n', 'use', 'x5c', 'x5t']);
    }
  });
});

/** Graph names `secretText` with null wherever it shows a secret. */
function membersOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.entries(value).filter(([, member]) => member !== null);
  return [...own.map(([name]) => name), ...Object.values(value).flatMap(membersOf)];
}
