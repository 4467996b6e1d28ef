import type { ServerResponse } from 'node:http';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Credential } from '../../src/keyfile/credential.ts';
import type { ReloadableCredential } from '../../src/token/credential-source.ts';
import { makeCredential } from './support/certificates.ts';
import { assertionOf, entraClient, requestTimeout, scope, sendToken } from './support/client.ts';
import { TestClock } from './support/clock.ts';
import { sendJson, startServer, type TestServer } from './support/server.ts';

let old: Credential;
let next: Credential;
const open: TestServer[] = [];

beforeAll(async () => {
  [old, next] = await Promise.all([makeCredential(), makeCredential()]);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** A credential that is another one after the first reload. */
class Replaced implements ReloadableCredential {
  reloads = 0;
  #present: Credential = old;
  readonly #newer: () => Credential;

  constructor(newer: () => Credential = () => next) {
    this.#newer = newer;
  }

  load(): Credential {
    return this.#present;
  }

  reload(): Credential {
    this.reloads++;
    this.#present = this.#newer();
    return this.#present;
  }
}

type Answer = number | 'token' | 'busy' | 'invalid_client';

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'token') sendToken(response, 'a.b.c');
  else if (answer === 'busy') sendJson(response, 503, {});
  else if (answer === 'invalid_client') sendJson(response, 401, { error: 'invalid_client' });
  else {
    const error_description = `AADSTS${answer}: No.`;
    sendJson(response, 401, { error: 'invalid_client', error_description, error_codes: [answer] });
  }
}

async function serve(...answers: Answer[]): Promise<TestServer> {
  let turn = 0;
  const server = await startServer((_, response) => send(response, answers[turn++] ?? 'token'));
  open.push(server);
  return server;
}

const printsOf = ({ requests }: TestServer): readonly unknown[] =>
  requests.map((request) => assertionOf(request).header['x5t#S256']);

describe('TokenClient reloads the certificate', () => {
  test.each([700027, 700024, 7000214, 1000502, 7000274, 7000277, 'invalid_client'] as const)(
    'after %s, and tries again with the new one',
    async (refused) => {
      const server = await serve(refused);
      const source = new Replaced();
      await entraClient(server.url, old, new TestClock(), { credential: source }).getToken({ scope });
      const [first, second] = printsOf(server);
      expect(server.requests).toHaveLength(2);
      expect(second).not.toBe(first);
      expect(source.reloads).toBe(1);
    },
  );

  test.each([7000215, 700016, 700023, 50012])('not after AADSTS%i', async (refused) => {
    const server = await serve(refused);
    const source = new Replaced();
    const asked = entraClient(server.url, old, new TestClock(), { credential: source }).getToken({ scope });
    await expect(asked).rejects.toMatchObject({ aadsts: `AADSTS${refused}` });
    expect([server.requests.length, source.reloads]).toEqual([1, 0]);
  });

  test('once for a token, even where the server is busy in between', async () => {
    const clock = new TestClock();
    const server = await serve(700027, 'busy', 700027, 'token');
    const source = new Replaced();
    const asked = entraClient(server.url, old, clock, { credential: source }).getToken({ scope });
    const refused = expect(asked).rejects.toMatchObject({ aadsts: 'AADSTS700027' });
    clock.advance(await clock.delayOf((milliseconds) => milliseconds !== requestTimeout));
    await refused;
    expect([server.requests.length, source.reloads]).toEqual([3, 1]);
  });

  test('and drops the assertions that the old one signed', async () => {
    const server = await serve('token', 700027, 'token', 'token');
    const client = entraClient(server.url, old, new TestClock(), { credential: new Replaced() });
    await client.getToken({ scope });
    await client.getToken({ scope }, { forceRefresh: true });
    await client.getToken({ scope }, { forceRefresh: true });
    const [first, second, third, fourth] = server.requests.map((request) => assertionOf(request).jwt);
    expect([second, fourth]).toEqual([first, third]);
    expect(third).not.toBe(first);
  });
});

describe('TokenClient signs a new assertion with the same certificate', () => {
  test('after 700024 to one that it had sent before, and gives up when that is refused too', async () => {
    const server = await serve('token', 700024, 700024, 'token');
    const source = new Replaced(() => old);
    const client = entraClient(server.url, old, new TestClock(), { credential: source });
    await client.getToken({ scope });
    await expect(client.getToken({ scope }, { forceRefresh: true })).rejects.toMatchObject({ aadsts: 'AADSTS700024' });
    expect(server.requests).toHaveLength(3);
    const [first, second, third] = server.requests.map((request) => assertionOf(request).jwt);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
});
