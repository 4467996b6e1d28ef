import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, startAuthority } from '@certgrant/authority';
import { createFetch } from '@certgrant/core/node';
import { createRemoteJWKSet, customFetch, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDaemonIdentity } from './support/identities.ts';
import { type Ended, runProgram } from './support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgrant-interop-'));
const daemon = createDaemonIdentity(folder);
const caFile = join(folder, 'authority-ca.pem');
const graph = 'https://graph.microsoft.com';
let authority: Authority;
let clientId: string;

beforeAll(async () => {
  authority = await startAuthority();
  writeFileSync(caFile, authority.ca);
  ({ appId: clientId } = await authority.register({
    displayName: 'daemon',
    certificates: [readFileSync(daemon.certificateFile)],
    permissions: ['User.Read.All'],
  }));
});
afterAll(async () => {
  await authority?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Variant {
  readonly alg: 'PS256' | 'RS256';
  readonly sendChain: boolean;
  readonly kid?: string;
}

const variants: readonly Variant[] = [
  { alg: 'PS256', sendChain: false },
  { alg: 'PS256', sendChain: true },
  { alg: 'RS256', sendChain: false },
  { alg: 'RS256', sendChain: true },
];

function settings(variant: Variant): object {
  const { url, tenantId: tenant } = authority;
  return { ...daemon, ...variant, url, tenant, clientId, caFile, scope: `${graph}/.default` };
}

/** What each client program prints. */
interface Answer {
  readonly accessToken: string;
  /** In milliseconds since 1970. */
  readonly expiresOn: number;
}

function answerOf({ code, stdout, stderr }: Ended): Answer {
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return JSON.parse(stdout);
}

/** The authority's token for the daemon, judged by jose with the keys that the authority publishes. */
async function expectToken({ accessToken, expiresOn }: Answer): Promise<void> {
  const { url, tenantId } = authority;
  const keys = createRemoteJWKSet(new URL(`${url}/${tenantId}/discovery/v2.0/keys`), {
    [customFetch]: createFetch({ ca: [authority.ca] }),
  });
  const { payload, protectedHeader } = await jwtVerify(accessToken, keys, { audience: graph, clockTolerance: 5 });
  expect(protectedHeader).toMatchObject({ alg: 'RS256', typ: 'JWT' });
  expect(payload).toMatchObject({ tid: tenantId, appid: clientId, appidacr: '2', roles: ['User.Read.All'] });
  expect(Math.abs(expiresOn - (payload.exp ?? 0) * 1000)).toBeLessThan(10_000);
}

/** A Node client in a process that trusts the authority's CA from its start. */
function nodeClient(name: string, variant: Variant, node = process.execPath): Promise<Ended> {
  const program = new URL(`./clients/${name}.mjs`, import.meta.url).pathname;
  return runProgram(node, [program, JSON.stringify(settings(variant))], { env: { NODE_EXTRA_CA_CERTS: caFile } });
}

describe('startAuthority', () => {
  test.each(variants)('gives MSAL Node a token: $alg, x5c $sendChain', async (variant) => {
    const answer = answerOf(await nodeClient('msal-node', variant));
    await expectToken(answer);
    expect(answer).toMatchObject({ tokenType: 'Bearer', wasRenewed: true, wasCached: true });
  });

  test.each(variants.filter(({ alg }) => alg === 'PS256'))(
    'gives @azure/identity a token: x5c $sendChain',
    async (variant) => {
      await expectToken(answerOf(await nodeClient('azure-identity', variant)));
    },
  );

  test.each([
    { alg: 'PS256', sendChain: false },
    { alg: 'RS256', sendChain: false },
    { alg: 'PS256', sendChain: false, kid: daemon.sha1 },
  ] as const)('gives openid-client a token: $alg, kid $kid', async (variant) => {
    await expectToken(answerOf(await nodeClient('openid-client', variant)));
  });

  test.each(['PS256', 'RS256'])('gives curl a token for an assertion that openssl signs with %s', async (alg) => {
    const script = new URL('./clients/curl.sh', import.meta.url).pathname;
    const { url, tenantId } = authority;
    const { keyFile, certificateFile } = daemon;
    const scope = `${graph}/.default`;
    const args = [script, url, tenantId, clientId, scope, keyFile, certificateFile, caFile, alg];
    const ended = await runProgram('sh', args);
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const { access_token: accessToken, expires_in, token_type } = JSON.parse(ended.stdout);
    expect(token_type).toBe('Bearer');
    await expectToken({ accessToken, expiresOn: Date.now() + expires_in * 1000 });
  });

  describe.each([
    { client: 'msal_client', module: 'msal', name: 'MSAL Python' },
    { client: 'azure_identity_client', module: 'azure.identity', name: 'azure-identity for Python' },
  ])('with $name', ({ client, module, name }) => {
    // Debian's Python: another one on PATH has not Debian's packages.
    const python = '/usr/bin/python3';

    test.for([false, true])('gives it a token: x5c %s', async (sendChain, { skip }) => {
      const missing = existsSync(python) ? await whyMissing(python, module) : `there is no ${python}`;
      if (missing !== undefined) {
        console.warn(`not run: ${name}: ${missing}`);
        skip(missing);
      }
      const program = new URL(`./clients/${client}.py`, import.meta.url).pathname;
      const variant: Variant = { alg: 'RS256', sendChain };
      await expectToken(answerOf(await runProgram(python, [program, JSON.stringify(settings(variant))])));
    });
  });
});

async function whyMissing(python: string, module: string): Promise<string | undefined> {
  const { code, stderr } = await runProgram(python, ['-c', `import ${module}`]);
  return code === 0 ? undefined : stderr.trim().split('\n').at(-1);
}
