import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, startAuthority } from '@certgrant/authority';
import { type Explanation, explainText } from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDaemonIdentity } from './support/identities.ts';
import { certgrant, runProgram } from './support/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgrant-explain-'));
const daemon = createDaemonIdentity(folder);
const stranger = createDaemonIdentity(folder, 'stranger');
const caFile = join(folder, 'authority-ca.pem');
const scope = 'https://graph.microsoft.com/.default';
let authority: Authority;
let clientId: string;

beforeAll(async () => {
  authority = await startAuthority();
  writeFileSync(caFile, authority.ca);
  const certificates = [readFileSync(daemon.certificateFile)];
  ({ appId: clientId } = await authority.register({ displayName: 'daemon', certificates }));
});
afterAll(async () => {
  await authority?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A mistake in a client's settings, and what explain must make of it. */
interface Mistake {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly code: string;
  readonly cause: string;
}

const mistakes: readonly Mistake[] = [
  {
    name: 'a certificate that is not registered',
    settings: { keyFile: stranger.keyFile, prints: { thumbprintSha256: stranger.sha256 }, sha1: stranger.sha1 },
    code: 'AADSTS700027',
    cause: 'certificate-not-registered',
  },
  {
    name: 'a private key of another certificate',
    settings: { keyFile: stranger.keyFile },
    code: 'AADSTS700027',
    cause: 'private-key-mismatch',
  },
  {
    name: 'a client id of no application',
    settings: { clientId: '11111111-2222-4333-8444-555555555555' },
    code: 'AADSTS700016',
    cause: 'client-id-wrong',
  },
  {
    name: 'a scope without /.default',
    settings: { scope: 'https://graph.microsoft.com/User.Read' },
    code: 'AADSTS1002012',
    cause: 'scope-without-default',
  },
  {
    name: 'an API that is not in the tenant',
    settings: { scope: 'api://nobody/.default' },
    code: 'AADSTS500011',
    cause: 'resource-misspelt',
  },
];

/** Mistakes that only MSAL Node's settings allow. */
const mistakesWithThumbprints: readonly Mistake[] = [
  {
    name: 'a SHA-256 thumbprint where the SHA-1 one belongs',
    settings: { prints: { thumbprint: daemon.sha256 } },
    code: 'AADSTS700027',
    cause: 'sha256-under-x5t',
  },
  {
    name: 'a SHA-1 thumbprint where the SHA-256 one belongs',
    settings: { prints: { thumbprintSha256: daemon.sha1 } },
    code: 'AADSTS700027',
    cause: 'sha1-under-x5t-s256',
  },
  {
    name: 'the hexadecimal text of the thumbprint, encoded once more',
    settings: { prints: { thumbprint: Buffer.from(daemon.sha1).toString('hex') } },
    code: 'AADSTS700027',
    cause: 'thumbprint-is-hex-text',
  },
];

function settingsWith(mistake: Mistake): string {
  const { url, tenantId: tenant } = authority;
  const prints = { thumbprintSha256: daemon.sha256 };
  const right = { ...daemon, prints, url, tenant, clientId, caFile, scope, sendChain: false };
  return JSON.stringify({ ...right, ...mistake.settings });
}

function expectExplained(explanations: readonly Explanation[], { code, cause }: Mistake): void {
  expect(explanations).toHaveLength(1);
  const [explanation] = explanations;
  expect([explanation?.code, explanation?.causes[0]?.id]).toEqual([code, cause]);
  expect(explanation?.facts).toMatchObject({ correlationId: expect.any(String), timestamp: expect.any(String) });
}

describe('explainText names the mistake in', () => {
  test.each([...mistakes, ...mistakesWithThumbprints])('what MSAL Node throws: $name', async (mistake) => {
    const program = new URL('./clients/msal-node-failing.mjs', import.meta.url).pathname;
    const env = { NODE_EXTRA_CA_CERTS: caFile };
    const { code, stderr } = await runProgram(process.execPath, [program, settingsWith(mistake)], { env });
    expect(code).toBe(3);
    expectExplained(await explainText(stderr), mistake);
    expect(JSON.stringify(await explainText(stderr))).not.toMatch(/eyJ/);
  });

  test.for(mistakes)('what MSAL Python answers: $name', async (mistake, { skip }) => {
    // Debian's Python: another one on PATH has not Debian's packages.
    const python = '/usr/bin/python3';
    const probe = existsSync(python) ? await runProgram(python, ['-c', 'import msal']) : undefined;
    if (probe?.code !== 0) {
      const missing = probe?.stderr.trim().split('\n').at(-1) ?? `there is no ${python}`;
      console.warn(`not run: MSAL Python: ${missing}`);
      skip(missing);
    }
    const program = new URL('./clients/msal_client.py', import.meta.url).pathname;
    const { code, stderr } = await runProgram(python, [program, settingsWith(mistake)]);
    expect(code).toBe(1);
    expectExplained(await explainText(stderr), mistake);
  });

  test('what certgrant token prints, through the built command line', async () => {
    const { url, tenantId } = authority;
    const line = ['token', '--tenant', tenantId, '--client-id', clientId, '--cert', stranger.pemFile, '--scope', scope];
    const refused = await certgrant([...line, '--authority', url, '--ca', caFile], folder);
    expect(refused.stderr).toMatch(/^error: .+\ncause: likely: .+\nhint: .+\n$/);
    const { code, stdout } = await certgrant(['explain', '--json'], folder, { input: refused.stderr });
    expect([code, JSON.parse(stdout)[0].causes[0].id]).toEqual([0, 'certificate-not-registered']);
  });
});
