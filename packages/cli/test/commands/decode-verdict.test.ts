import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certgrant, type Outcome } from '../support/run.ts';

const tenant = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const clientId = '6731de76-14a6-49ae-97bc-6eba6914391e';
const proofAudience = '00000002-0000-0000-c000-000000000000';
const cwd = mkdtempSync(join(tmpdir(), 'certgrant-verdict-'));
let assertion: string;

beforeAll(async () => {
  for (const name of ['daemon', 'other']) await certgrant(['cert', 'create', '--subject', `CN=${name}`], { cwd });
  const identity = ['--tenant', tenant, '--client-id', clientId];
  assertion = (await certgrant(['assertion', ...identity, '--cert', 'daemon.pem'], { cwd })).stdout.trim();
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const decode = (argv: readonly string[], stdin: string): Promise<Outcome> =>
  certgrant(['decode', ...argv], { cwd, stdin });

interface Judged {
  readonly kind: string;
  readonly verdict: {
    readonly refused: boolean;
    readonly code?: string;
    readonly explanation?: { causes: { id: string }[] };
  };
  readonly checks: readonly { readonly id: string; readonly status: string }[];
}

async function judged(argv: readonly string[], stdin: string): Promise<Judged> {
  const { code, stdout, stderr } = await decode([...argv, '--json'], stdin);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

function unsigned(header: object, claims: object): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode(header)}.${encode(claims)}.${'A'.repeat(342)}`;
}

describe('certgrant decode of a client assertion', () => {
  test('says that nothing would be refused, and every check, for people and for programs', async () => {
    const { code, stdout } = await decode(['--cert', 'daemon.cer'], assertion);
    expect(code).toBe(0);
    expect(stdout).toContain('What Entra ID would answer\n  Nothing here would be refused.');
    expect(stdout).toMatch(/\n {2}passed {3}signature: /);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('not checked: only the authority knows');
    const { kind, verdict, checks } = await judged(['--cert', 'daemon.cer'], assertion);
    expect([kind, verdict.refused]).toEqual(['client-assertion', false]);
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'size passed',
      'form passed',
      'typ passed',
      'algorithm passed',
      'required-claims passed',
      'issuer-and-subject passed',
      'key passed',
      'certificate-validity passed',
      'signature passed',
      'audience passed',
      'times passed',
      'jti passed',
      'lifetime passed',
      'registration skipped',
    ]);
  });

  test('says the answer, the cause and what to do', async () => {
    const { code, stdout } = await decode(['--tenant', randomUUID()], assertion);
    expect(code).toBe(0);
    expect(stdout).toContain('Refused with AADSTS700023, invalid_client');
    expect(stdout).toMatch(/Cause: \w+: aud names another tenant/);
    expect(stdout).toContain('What to do: ');
    expect(stdout).toMatch(/FAILED {3}audience: AADSTS700023/);
  });

  test.each([
    ['--tenant', [randomUUID()], 'AADSTS700023'],
    ['--cloud', ['china'], 'AADSTS700023'],
    ['--authority', ['https://localhost:8443'], 'AADSTS700023'],
    ['--client-id', [randomUUID()], 'AADSTS700021'],
    ['--cert', ['other.cer'], 'AADSTS700027'],
  ])('holds it against %s', async (option, values, code) => {
    expect((await judged([option, ...values], assertion)).verdict.code).toBe(code);
  });

  test('takes nothing from the environment, which is of this machine and not of the token', async () => {
    const env = {
      AZURE_TENANT_ID: randomUUID(),
      AZURE_CLIENT_ID: randomUUID(),
      AZURE_AUTHORITY_HOST: 'https://x.example',
    };
    const { stdout } = await certgrant(['decode', '--json'], { stdin: assertion, env });
    expect(JSON.parse(stdout).verdict.refused).toBe(false);
  });

  test('judges one with a mistake in its names for what it is', async () => {
    const aud = `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`;
    const exp = Math.floor(Date.now() / 1000) + 600;
    const header = { alg: 'PS256', 'x5t#S256': createHash('sha256').digest('base64url') };
    const { kind, verdict } = await judged([], unsigned(header, { aud, iss: clientId, sub: 'me', exp }));
    expect([kind, verdict.code]).toEqual(['client-assertion', 'AADSTS50048']);
  });

  test('judges a token as what it is said to be', async () => {
    const token = unsigned({ alg: 'PS256' }, { iss: clientId });
    expect((await judged([], token)).verdict).toBeUndefined();
    expect(await judged(['--as', 'client-assertion'], token)).toMatchObject({
      kind: 'client-assertion',
      verdict: { code: 'AADSTS50027' },
    });
  });

  test('judges a damaged one as far as it goes, and still ends with 1', async () => {
    const { code, stdout } = await decode([], assertion.slice(0, assertion.lastIndexOf('.') + 1));
    expect(code).toBe(1);
    expect(stdout).toContain('Refused with AADSTS50027');
  });

  test('says that an option has no meaning for a token that is not judged', async () => {
    const token = unsigned({ alg: 'RS256' }, { aud: 'x', appid: clientId, tid: tenant });
    const { code, stderr } = await decode(['--cert', 'daemon.cer'], token);
    expect([code, stderr]).toEqual([0, expect.stringContaining('warning: --cert has no meaning here')]);
  });

  test('says what is wrong with the certificate that is given', async () => {
    const { code, stderr } = await decode(['--cert', 'nowhere.cer'], assertion);
    expect([code, stderr]).toEqual([1, expect.stringContaining('nowhere.cer: there is no such file')]);
  });

  test('does not let the token steer the terminal through the verdict', async () => {
    const token = unsigned(
      { alg: 'PS256', typ: '\u001b[2J\u202e' },
      { iss: '\u001b[2J', sub: '\u202e', aud: '\u001b[31m' },
    );
    const { stdout } = await decode(['--as', 'client-assertion'], token);
    expect(stdout).toContain('Checks');
    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });
});

describe('certgrant decode of a proof of possession', () => {
  test('says what Graph would answer, and which rule is broken', async () => {
    const now = Math.floor(Date.now() / 1000);
    const token = unsigned({ alg: 'RS256', kid: 'k' }, { aud: proofAudience, iss: tenant, nbf: now, exp: now + 3600 });
    const { stdout } = await decode([], token);
    expect(stdout).toContain('What Microsoft Graph would answer\n  Refused by Microsoft Graph with');
    const { kind, verdict, checks } = await judged(['--object-id', tenant], token);
    expect([kind, verdict.refused]).toEqual(['proof', true]);
    expect(verdict.explanation?.causes[0]?.id).toBe('proof-lifetime-too-long');
    expect(checks.filter(({ status }) => status === 'failed').map(({ id }) => id)).toEqual(['lifetime']);
    expect((await judged(['--object-id', clientId], token)).checks).toContainEqual(
      expect.objectContaining({ id: 'issuer', status: 'failed' }),
    );
  });

  test('sees the padding of one that another tool wrote', async () => {
    const now = Math.floor(Date.now() / 1000);
    const encode = (part: object): string =>
      Buffer.from(JSON.stringify(part)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
    const head = encode({ alg: 'RS256', x5t: 'abcd' });
    const body = encode({ aud: proofAudience, iss: tenant, nbf: now, exp: now + 60, z: '' });
    expect(head + body).toContain('=');
    const { stdout } = await decode(['--json'], `${head}.${body}.${'A'.repeat(342)}`);
    expect(JSON.parse(stdout).verdict.explanation.causes[0].id).toBe('proof-padded');
  });
});
