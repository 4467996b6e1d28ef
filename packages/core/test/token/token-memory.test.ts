import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Credential } from '../../src/keyfile/credential.ts';
import type { TokenClient } from '../../src/token/token-client.ts';
import type { TokenClientOptions } from '../../src/token/token-client-options.ts';
import type { StoredToken, TokenStore } from '../../src/token/token-store.ts';
import { makeCredential } from './support/certificates.ts';
import { entraClient, requestTimeout, scope, sendToken } from './support/client.ts';
import { eventually, TestClock } from './support/clock.ts';
import { type Handler, sendJson, startServer, type TestServer } from './support/server.ts';

let credential: Credential;
const open: TestServer[] = [];

beforeAll(async () => {
  credential = await makeCredential();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

interface Scene {
  readonly server: TestServer;
  readonly clock: TestClock;
  readonly client: TokenClient;
}

/** A client before a server that numbers its tokens. */
async function scene(more: object = {}, options: Partial<TokenClientOptions> = {}): Promise<Scene> {
  let issued = 0;
  return sceneWith((_, response) => sendToken(response, `token-${++issued}`, more), options);
}

async function sceneWith(handler: Handler, options: Partial<TokenClientOptions> = {}): Promise<Scene> {
  const clock = new TestClock();
  const server = await startServer(handler);
  open.push(server);
  return { server, clock, client: entraClient(server.url, credential, clock, options) };
}

describe('TokenClient keeps a token', () => {
  test('and hands out the same promise each time', async () => {
    const { client, server } = await scene();
    expect(await client.getToken({ scope })).toMatchObject({ accessToken: 'token-1', source: 'network' });
    const hit = client.getToken({ scope });
    expect(client.getToken({ scope })).toBe(hit);
    expect(await hit).toMatchObject({ accessToken: 'token-1', source: 'cache' });
    expect(server.requests).toHaveLength(1);
  });

  test('for each scope, resource, version and claims apart', async () => {
    const { client, server } = await scene();
    const claims = '{"access_token":{"xms_cc":{"values":["cp1"]}}}';
    const ask = async (): Promise<readonly string[]> => {
      const tokens = await Promise.all([
        client.getToken({ scope }),
        client.getToken({ scope: 'https://other.example/.default' }),
        client.getToken({ scope }, { claims }),
        client.getToken({ resource: scope, version: 'v1' }),
        client.getToken({ resource: scope, version: 'v1' }, { claims }),
      ]);
      return tokens.map(({ accessToken }) => accessToken);
    };
    const first = await ask();
    expect(new Set(first).size).toBe(5);
    expect(await ask()).toEqual(first);
    expect(server.requests.filter(({ form }) => form.get('claims') === claims)).toHaveLength(2);
  });

  test('that nobody can change for the others', async () => {
    const { client } = await scene();
    expect(Object.isFrozen(await client.getToken({ scope }))).toBe(true);
    expect(Object.isFrozen(await client.getToken({ scope }))).toBe(true);
  });

  test('but not one whose lifetime the server does not state', async () => {
    const { client, server } = await scene({ expires_in: undefined });
    await client.getToken({ scope });
    await client.getToken({ scope });
    expect(server.requests).toHaveLength(2);
  });

  test('unless the caller wants a new one', async () => {
    const { client } = await scene();
    await client.getToken({ scope });
    expect(await client.getToken({ scope }, { forceRefresh: true })).toMatchObject({ accessToken: 'token-2' });
    expect(await client.getToken({ scope })).toMatchObject({ accessToken: 'token-2', source: 'cache' });
  });

  test('and says so when a new one is wanted and not to be had', async () => {
    let down = false;
    const { client } = await sceneWith((_, response) => {
      if (down) sendJson(response, 400, { error: 'unauthorized_client' });
      else sendToken(response, 'token-1');
    });
    await client.getToken({ scope });
    down = true;
    await expect(client.getToken({ scope }, { forceRefresh: true })).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    expect(await client.getToken({ scope })).toMatchObject({ accessToken: 'token-1', source: 'cache' });
  });

  test('within bounds, the oldest going first', async () => {
    let reads = 0;
    const token = { accessToken: 'a', tokenType: 'Bearer', expiresOn: Number.MAX_VALUE, refreshOn: Number.MAX_VALUE };
    const cache: TokenStore = {
      read: () => {
        reads++;
        return token;
      },
      write: () => {},
    };
    const { client } = await scene({}, { cache });
    for (let i = 0; i < 1001; i++) await client.getToken({ scope: `s${i}/.default` });
    await client.getToken({ scope: 's1000/.default' });
    expect(reads).toBe(1001);
    await client.getToken({ scope: 's0/.default' });
    expect(reads).toBe(1002);
  });
});

describe('TokenClient renews a token', () => {
  test.each([
    ['five minutes before it expires', {}, 3299_000],
    ['when the server says, if that is earlier', { expires_in: 86_399, refresh_in: 43_199 }, 43_199_000],
    ['five minutes before it expires, if the server says later', { refresh_in: 3500 }, 3299_000],
    ['after half its life, if that is short', { expires_in: 200 }, 100_000],
    ['not all the time, whatever the server says', { refresh_in: 0 }, 30_000],
  ])('%s', async (_, more, after) => {
    const { client, clock, server } = await scene(more);
    await client.getToken({ scope });
    clock.advance(after - 1);
    await client.getToken({ scope });
    expect(server.requests).toHaveLength(1);
    clock.advance(1);
    // The caller is not kept waiting for it.
    expect(await client.getToken({ scope })).toMatchObject({ accessToken: 'token-1', source: 'cache' });
    const renewed = await eventually(() => (server.requests.length === 2 ? true : undefined));
    expect(renewed).toBe(true);
    await expect.poll(async () => (await client.getToken({ scope })).accessToken).toBe('token-2');
  });

  test('and waits for the new one when the old one has expired', async () => {
    const { client, clock } = await scene();
    await client.getToken({ scope });
    clock.advance(3599_000);
    expect(await client.getToken({ scope })).toMatchObject({ accessToken: 'token-2', source: 'network' });
  });

  test('and hands out the old one when that fails, as long as it is good', async () => {
    let down = false;
    const { client, clock, server } = await sceneWith((_, response) => {
      if (down) sendJson(response, 400, { error: 'unauthorized_client' });
      else sendToken(response, 'token-1');
    });
    await client.getToken({ scope });
    down = true;
    clock.advance(3300_000);
    expect(await client.getToken({ scope })).toMatchObject({ accessToken: 'token-1' });
    await eventually(() => server.requests[1]);
    // In its last moments a caller would rather wait for a better one, and gets the old one when there is none.
    clock.advance(295_000);
    expect(await client.getToken({ scope })).toMatchObject({ accessToken: 'token-1' });
    clock.advance(4000);
    await expect(client.getToken({ scope })).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
  });

  test('and leaves the server alone for a while after a failure', async () => {
    let down = false;
    const { client, clock, server } = await sceneWith((_, response) => {
      if (down) sendJson(response, 400, { error: 'unauthorized_client' });
      else sendToken(response, 'token-1');
    });
    await client.getToken({ scope });
    down = true;
    clock.advance(3300_000);
    // Renewals run one after the other until the first has failed, then none.
    await expect
      .poll(async () => {
        const before = server.requests.length;
        await client.getToken({ scope });
        await new Promise((resolve) => setImmediate(resolve));
        return before === 2 && clock.delays.length === 0;
      })
      .toBe(true);
    clock.advance(29_000);
    await client.getToken({ scope });
    expect(server.requests).toHaveLength(2);
    clock.advance(1000);
    await client.getToken({ scope });
    await eventually(() => server.requests[2]);
  });
});

describe('TokenClient makes one request for many callers', () => {
  test('at the same time', async () => {
    const { client, server } = await scene();
    const tokens = await Promise.all(Array.from({ length: 100 }, () => client.getToken({ scope })));
    expect(new Set(tokens.map(({ accessToken }) => accessToken))).toEqual(new Set(['token-1']));
    expect(server.requests).toHaveLength(1);
  });

  test('and one who leaves does not disturb the others', async () => {
    const answers: (() => void)[] = [];
    const { client, server } = await sceneWith((_, response) => {
      answers.push(() => sendToken(response, 'token-1'));
    });
    const controller = new AbortController();
    const leaving = client.getToken({ scope }, { signal: controller.signal }).catch((thrown: unknown) => thrown);
    const staying = client.getToken({ scope }, { signal: new AbortController().signal });
    await eventually(() => server.requests[0]);
    controller.abort(new Error('enough'));
    expect(await leaving).toMatchObject({ code: 'CANCELLED', cause: controller.signal.reason });
    answers[0]?.();
    expect(await staying).toMatchObject({ accessToken: 'token-1' });
    expect(server.requests).toHaveLength(1);
  });

  test('stops it when all have left, and starts anew for the next', async () => {
    let gone = false;
    const { client, server } = await sceneWith((_, response) => {
      if (server.requests.length > 1) sendToken(response, 'token-2');
      else response.on('close', () => (gone = true));
    });
    const controllers = [new AbortController(), new AbortController()];
    const leaving = controllers.map(({ signal }) => client.getToken({ scope }, { signal }).catch(() => 'left'));
    await eventually(() => server.requests[0]);
    for (const controller of controllers) controller.abort();
    // In the same turn: the work that nobody waits for is still winding up.
    const next = client.getToken({ scope });
    expect(await Promise.all(leaving)).toEqual(['left', 'left']);
    await eventually(() => gone || undefined);
    expect(await next).toMatchObject({ accessToken: 'token-2' });
  });

  test('and all of them get its error', async () => {
    const { client, server } = await sceneWith((_, response) => sendJson(response, 400, { error: 'invalid_scope' }));
    const results = await Promise.allSettled([client.getToken({ scope }), client.getToken({ scope })]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(server.requests).toHaveLength(1);
  });

  test('and asks nothing for a caller who has left already', async () => {
    const { client, server } = await scene();
    await expect(client.getToken({ scope }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(server.requests).toEqual([]);
  });
});

describe('TokenClient looks into its store', () => {
  class MemoryStore implements TokenStore {
    readonly entries = new Map<string, StoredToken>();
    read(key: string): StoredToken | undefined {
      return this.entries.get(key);
    }
    write(key: string, token: StoredToken): void {
      this.entries.set(key, token);
    }
  }

  test('before it asks, and writes what it got', async () => {
    const cache = new MemoryStore();
    const { client, server, clock } = await scene({}, { cache });
    await client.getToken({ scope });
    expect(cache.entries.size).toBe(1);
    const another = entraClient(server.url, credential, clock, { cache });
    expect(await another.getToken({ scope })).toMatchObject({ accessToken: 'token-1', source: 'cache' });
    expect(server.requests).toHaveLength(1);
  });

  test('under a key that tells authorities, tenants, clients and targets apart', async () => {
    const cache = new MemoryStore();
    const { client, server, clock } = await scene({}, { cache });
    await client.getToken({ scope });
    await client.getToken({ scope: 'https://other.example/.default' });
    await client.getToken({ scope }, { claims: '{}' });
    await client.getToken({ resource: scope, version: 'v1' });
    await entraClient(server.url, credential, clock, { cache, tenant: 'other.example' }).getToken({ scope });
    await entraClient(server.url, credential, clock, { cache, clientId: 'other' }).getToken({ scope });
    await entraClient(`${server.url}/base`, credential, clock, { cache }).getToken({ scope });
    expect(cache.entries.size).toBe(7);
  });

  test('not when a new token is wanted', async () => {
    const cache = new MemoryStore();
    const { client, server, clock } = await scene({}, { cache });
    await client.getToken({ scope });
    const another = entraClient(server.url, credential, clock, { cache });
    expect(await another.getToken({ scope }, { forceRefresh: true })).toMatchObject({ accessToken: 'token-2' });
  });

  test('and takes what it finds there when the server fails', async () => {
    const cache = new MemoryStore();
    let down = false;
    const { client, server, clock } = await sceneWith(
      (_, response) => {
        if (down) response.writeHead(400).end();
        else sendToken(response, 'token-1');
      },
      { cache },
    );
    await client.getToken({ scope });
    down = true;
    clock.advance(3400_000);
    const another = entraClient(server.url, credential, clock, { cache });
    expect(await another.getToken({ scope })).toMatchObject({ accessToken: 'token-1', source: 'cache' });
    expect(server.requests).toHaveLength(2);
  });

  test('and does without one that fails', async () => {
    const fail = (): never => {
      throw new Error('broken');
    };
    const { client } = await scene({}, { cache: { read: fail, write: fail } });
    expect(await client.getToken({ scope })).toMatchObject({ accessToken: 'token-1' });
  });
});

describe('TokenClient.cachedToken', () => {
  test('gives what is in memory or in the store, and sends nothing', async () => {
    const cache = new Map<string, StoredToken>();
    const store: TokenStore = { read: (key) => cache.get(key), write: (key, token) => void cache.set(key, token) };
    const { client, server, clock } = await scene({}, { cache: store });
    expect(await client.cachedToken({ scope })).toBeUndefined();
    await client.getToken({ scope });
    const another = entraClient(server.url, credential, clock, { cache: store });
    for (const one of [client, another]) {
      expect(await one.cachedToken({ scope })).toMatchObject({ accessToken: 'token-1', source: 'cache' });
      expect(await one.cachedToken({ scope }, { claims: '{}' })).toBeUndefined();
    }
    expect(server.requests).toHaveLength(1);
  });

  test('gives none that is due to be refreshed, and leaves asking for it to getToken', async () => {
    const cache = new Map<string, StoredToken>();
    const store: TokenStore = { read: (key) => cache.get(key), write: (key, token) => void cache.set(key, token) };
    const { client, server, clock } = await scene({}, { cache: store });
    await client.getToken({ scope });
    clock.advance(3400_000);
    const another = entraClient(server.url, credential, clock, { cache: store });
    for (const one of [client, another]) expect(await one.cachedToken({ scope })).toBeUndefined();
    expect(await another.getToken({ scope })).toMatchObject({ accessToken: 'token-2', source: 'network' });
  });
});

test('TokenClient waits for no answer longer than for the timeout that is set', async () => {
  const { client, clock, server } = await sceneWith(() => {});
  client.getToken({ scope }).catch(() => {});
  await eventually(() => server.requests[0]);
  expect(clock.delays).toEqual([requestTimeout]);
});
