import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { bruno, httpYac, newman, postmanCli, type Run, requireClient } from './support/api-clients.ts';
import {
  type ApiWorkshop,
  exportFolder,
  type KeySize,
  keyForms,
  keySizes,
  openApiWorkshop,
  setPostmanVariables,
  type Taken,
  takeRequests,
} from './support/api-workshop.ts';

let workshop: ApiWorkshop;

beforeAll(async () => {
  workshop = await openApiWorkshop();
});
afterAll(() => workshop?.close());
beforeEach(() => takeRequests(workshop.authority));

function run(extra: Partial<Run> = {}): Run {
  return { caFile: workshop.caFile, home: join(workshop.folder, 'home'), ...extra };
}

interface Variant {
  readonly alg: 'PS256' | 'RS256';
  readonly bits: KeySize;
  readonly form: string;
}

const algorithms = ['PS256', 'RS256'] as const;
const forms = Object.keys(keyForms);

const all: readonly Variant[] = algorithms.flatMap((alg) =>
  keySizes.flatMap((bits) => forms.map((form) => ({ alg, bits, form }))),
);

/** For clients that take seconds to start: each algorithm with each size, and each form of a key at least once. */
const some: readonly Variant[] = algorithms.flatMap((alg, row) =>
  keySizes.map((bits, column) => ({ alg, bits, form: forms[(2 * row + column + row) % forms.length] ?? '' })),
);

/** What the token endpoint was sent, and what Graph was. */
async function seen(): Promise<{ readonly tokens: readonly Taken[]; readonly calls: readonly Taken[] }> {
  const requests = await takeRequests(workshop.authority);
  return {
    tokens: requests.filter(({ path }) => path.endsWith('/oauth2/v2.0/token')),
    calls: requests.filter(({ path }) => path.startsWith('/graph/')),
  };
}

function keyOf({ bits, form }: Variant): string {
  return keyForms[form]?.(workshop.identities[bits].keyPem) ?? '';
}

describe.each([newman, postmanCli])('the Postman collection in $name', (client) => {
  test('gets a token and calls Graph: every algorithm, key size, key form and line break', async ({ skip }) => {
    requireClient(client, skip);
    const folder = await exportFolder('postman', {}, workshop);
    const data = all.map((variant) => ({
      alg: variant.alg,
      certificate_pem: workshop.identities[variant.bits].certificatePem,
      private_key_pem: keyOf(variant),
    }));
    writeFileSync(join(folder, 'data.json'), JSON.stringify(data));
    const ended = await client.run(folder, run({ part: 'With the private key', args: ['-d', 'data.json'] }));
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('The API takes the token') });
    const { tokens, calls } = await seen();
    expect(tokens.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect(calls.map(({ status }) => status)).toEqual(all.map(() => 200));
    expect(tokens.map(({ assertion }) => assertion?.header)).toEqual(
      all.map(({ alg }) => ({
        alg,
        typ: 'JWT',
        [alg === 'PS256' ? 'x5t#S256' : 'x5t']: expect.stringMatching(/^[\w-]+$/),
      })),
    );
    expect(new Set(tokens.map(({ assertion }) => JSON.stringify(assertion?.claims))).size).toBe(all.length);
  }, 120_000);

  test('with the key in the environment, a run of everything takes the token of the first folder', async ({ skip }) => {
    requireClient(client, skip);
    const folder = await exportFolder('postman', { withKey: true }, workshop);
    expect(await client.run(folder, run())).toMatchObject({ code: 0 });
    expect((await seen()).tokens.map(({ status }) => status)).toEqual([200]);
  });

  test('takes an assertion that was signed elsewhere', async ({ skip }) => {
    requireClient(client, skip);
    const folder = await exportFolder('postman', {}, workshop);
    setPostmanVariables(folder, { ready_assertion: `${await readyAssertion()}\n` });
    expect(await client.run(folder, run({ part: 'With a ready assertion' }))).toMatchObject({ code: 0 });
    expect((await seen()).tokens.map(({ status }) => status)).toEqual([200]);
  });

  test('fails with what Entra ID says when it is refused, and does not call the API', async ({ skip }) => {
    requireClient(client, skip);
    const folder = await exportFolder('postman', { withKey: true }, workshop);
    setPostmanVariables(folder, { scope: 'https://graph.microsoft.com/User.Read.All' });
    const { code, stdout } = await client.run(folder, run({ part: 'With the private key' }));
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('AADSTS1002012') });
    expect((await seen()).calls).toEqual([]);
  });
});

describe('the Bruno collection', () => {
  test.each(some)('gets a token and calls Graph in safe mode: $alg, $bits bits, $form', async (variant) => {
    const folder = await exportFolder('bruno', variant, workshop);
    const ended = await bruno.run(folder, run({ env: { PRIVATE_KEY_PEM: keyOf(variant) } }));
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('the API takes the token') });
    await expectGranted(variant);
  });

  test('takes the key from .env, where --with-key puts it', async () => {
    const folder = await exportFolder('bruno', { withKey: true }, workshop);
    expect(await bruno.run(folder, run())).toMatchObject({ code: 0 });
    expect((await seen()).tokens.map(({ status }) => status)).toEqual([200]);
  });

  test('takes an assertion that was signed elsewhere', async () => {
    const folder = await exportFolder('bruno', {}, workshop);
    const env = { CLIENT_ASSERTION: await readyAssertion() };
    expect(await bruno.run(folder, run({ part: 'With a ready assertion', env }))).toMatchObject({ code: 0 });
    expect((await seen()).tokens.map(({ status }) => status)).toEqual([200]);
  });
});

describe('the .http files', () => {
  test.each(some)('get a token and call Graph in httpYac: $alg, $bits bits, $form', async (variant) => {
    const folder = await exportFolder('http', variant, workshop);
    writeFileSync(join(folder, 'key.pem'), keyOf(variant), { mode: 0o600 });
    const ended = await httpYac.run(folder, run({ env: { PRIVATE_KEY_FILE: join(folder, 'key.pem') } }));
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('2 succeeded') });
    await expectGranted(variant);
  });

  test('read the key from the file that was given as --cert', async () => {
    const folder = await exportFolder('http', {}, workshop);
    expect(await httpYac.run(folder, run())).toMatchObject({ code: 0 });
  });

  test('take an assertion that was signed elsewhere from .env', async () => {
    const folder = await exportFolder('http', {}, workshop);
    writeFileSync(join(folder, '.env'), `CLIENT_ASSERTION=${await readyAssertion()}\n`);
    const args = ['ready-assertion.http', '-n', 'token', '-o', 'none'];
    expect(await httpYac.run(folder, run({ args }))).toMatchObject({ code: 0 });
    expect((await seen()).tokens.map(({ status }) => status)).toEqual([200]);
  });
});

async function expectGranted({ alg }: Variant): Promise<void> {
  const { tokens, calls } = await seen();
  expect(tokens).toMatchObject([{ status: 200, assertion: { header: { alg } } }]);
  expect(calls).toMatchObject([{ status: 200 }]);
}

async function readyAssertion(): Promise<string> {
  const { createClientAssertion, loadCredential, tokenEndpoint } = await import('@certgrant/core');
  const { authority, clientId, identities } = workshop;
  return createClientAssertion({
    credential: await loadCredential(readFileSync(identities[2048].file)),
    clientId,
    audience: tokenEndpoint(authority.url, authority.tenantId),
  });
}
