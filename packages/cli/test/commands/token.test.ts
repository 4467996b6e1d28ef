import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testAuthority } from '../support/authority.ts';
import { keyFiles } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { certgrant } from '../support/run.ts';

const files = keyFiles();
const authority = testAuthority();
const scope = 'https://graph.microsoft.com/.default';
let clientId = '';
let client: readonly string[] = [];
let env: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  const argv = ['--name', 'daemon', '--cert', files.cer, '--permission', 'User.Read.All', '--json'];
  const { graphUrl, url, tenantId } = authority.running;
  const graph = ['--graph', graphUrl, '--access-token-file', authority.adminTokenFile, '--ca', authority.caFile];
  const { code, stdout, stderr } = await certgrant(['app', 'register', ...argv, ...graph]);
  expect([code, stderr]).toEqual([0, '']);
  clientId = JSON.parse(stdout).appId;
  const server = ['--authority', url, '--ca', authority.caFile];
  client = ['--tenant', tenantId, '--client-id', clientId, '--cert', files.pem, ...server];
});

beforeEach(() => {
  env = { XDG_CACHE_HOME: temporaryFolder() };
});

const token = (...extra: readonly string[]) => certgrant(['token', ...client, ...extra], { env });

function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}

describe('certgrant token', () => {
  test('token prints the access token alone, with the roles that were granted', async () => {
    const { code, stdout, stderr } = await token('--scope', scope);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(claimsOf(stdout)).toMatchObject({ aud: 'https://graph.microsoft.com', roles: ['User.Read.All'] });
  });

  test.each([
    ['RS256', ['--alg', 'RS256']],
    ['the audience issuer', ['--audience', 'issuer']],
    ['the profile adfs', ['--profile', 'adfs']],
    ['the profile generic', ['--profile', 'generic']],
    ['the chain', ['--x5c']],
    ['a short lifetime', ['--lifetime', '2m']],
  ])('token gets one with %s', async (_, extra) => {
    expect((await token('--scope', scope, ...extra)).code).toBe(0);
  });

  test('token --v1 asks the v1 endpoint for a resource', async () => {
    const { code, stdout, stderr } = await token('--v1', '--resource', 'https://graph.microsoft.com', '--trace');
    expect(code).toBe(0);
    expect(stderr).toMatch(/POST .*\/oauth2\/token\n/);
    expect(claimsOf(stdout)).toMatchObject({ aud: 'https://graph.microsoft.com' });
  });

  test('token --json has the shape that programs rely on, and says where the token came from', async () => {
    const first = JSON.parse((await token('--scope', scope, '--json')).stdout);
    expect(first).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'Bearer',
      expires_in: expect.toSatisfy((seconds: number) => seconds > 3500 && seconds <= 3600),
      expires_on: expect.toSatisfy((seconds: number) => Math.abs(seconds - Date.now() / 1000 - 3599) < 60),
      source: 'network',
    });
    const second = JSON.parse((await token('--scope', scope, '--output', 'json')).stdout);
    expect(second).toMatchObject({ access_token: first.access_token, source: 'cache' });
    const third = JSON.parse((await token('--scope', scope, '--json', '--refresh')).stdout);
    expect(third.source).toBe('network');
  });

  test('token keeps what it got sealed: nothing readable in it, and nobody else may look', async () => {
    const { stdout } = await token('--scope', scope);
    const folder = join(env.XDG_CACHE_HOME ?? '', 'certgrant');
    const [name = ''] = readdirSync(folder);
    const content = readFileSync(join(folder, name), 'latin1');
    expect(content).not.toContain(stdout.trim().slice(0, 20));
    expect(content).not.toContain(stdout.trim().split('.')[1]?.slice(0, 40));
    if (process.platform !== 'win32') expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  });

  test('token --no-cache keeps nothing', async () => {
    expect((await token('--scope', scope, '--no-cache')).code).toBe(0);
    expect(readdirSync(env.XDG_CACHE_HOME ?? '')).toEqual([]);
  });

  test('token --output header is a line for curl', async () => {
    const { stdout } = await token('--scope', scope, '--output', 'header');
    expect(stdout).toMatch(/^Authorization: Bearer [\w.-]+\n$/);
  });

  test.skipIf(process.platform === 'win32')('token --output env is safe for a shell to evaluate', async () => {
    const { stdout } = await token('--scope', scope, '--output', 'env');
    const shell = 'eval "$1"; sh -c \'printf "%s %s" "$ACCESS_TOKEN" "$ACCESS_TOKEN_EXPIRES_ON"\'';
    const printed = execFileSync('sh', ['-c', shell, 'sh', stdout], { encoding: 'utf8' });
    expect(printed).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+ \d{10}$/);
  });

  test('token --trace shows the exchange on standard error, without the assertion and the token', async () => {
    const { stdout, stderr } = await token('--scope', scope, '--trace');
    expect(stderr).toMatch(/^> POST https:\/\/localhost:\d+\/.*\/oauth2\/v2\.0\/token$/m);
    expect(stderr).toContain('>   grant_type=client_credentials');
    expect(stderr).toMatch(/^< 200 after \d+ ms$/m);
    expect(stderr).not.toContain(stdout.trim());
    expect(stderr).not.toContain(stdout.trim().split('.')[2]);
    expect(stderr).not.toMatch(/eyJ[\w-]+\.eyJ/);
  });

  test('token --issuer discovers the endpoint of any server that publishes one', async () => {
    const { url, tenantId } = authority.running;
    const argv = ['--issuer', `${url}/${tenantId}/v2.0`, '--client-id', clientId, '--cert', files.pem];
    const { code, stdout, stderr } = await certgrant(
      ['token', ...argv, '--scope', scope, '--ca', authority.caFile, '--trace', '--profile', 'entra'],
      { env },
    );
    expect(code).toBe(0);
    expect(stderr).toContain('.well-known/openid-configuration');
    expect(claimsOf(stdout)).toMatchObject({ roles: ['User.Read.All'] });
  });

  test('token passes on what the authority says when it refuses, with its code', async () => {
    const { url, tenantId } = authority.running;
    const other = ['--tenant', tenantId, '--client-id', clientId, '--cert', files.otherCer, '--key', files.otherKey];
    const line = ['token', ...other, '--authority', url, '--ca', authority.caFile, '--scope', scope];
    const plain = await certgrant(line, { env });
    expect([plain.code, plain.stdout]).toEqual([1, '']);
    expect(plain.stderr).toMatch(
      /^error: .*AADSTS700027.*\ncause: likely: .+ is not among those registered.*\nhint: Compare .+\n$/,
    );
    const json = await certgrant([...line, '--json'], { env });
    expect([json.code, json.stdout]).toEqual([1, '']);
    expect(JSON.parse(json.stderr).error).toMatchObject({
      code: 'TOKEN_REFUSED',
      aadsts: 'AADSTS700027',
      message: expect.any(String),
      fix: expect.any(String),
      causes: expect.arrayContaining([
        expect.objectContaining({ id: 'certificate-not-registered', likelihood: 'likely' }),
      ]),
    });
  });

  test.each([
    [[], 'scope: none is given', 'Write --scope https://graph.microsoft.com/.default'],
    [['--scope', 'User.Read.All'], '--scope: it does not end', 'Write --scope https://graph.microsoft.com/.default;'],
    [
      ['--scope', 'https://graph.microsoft.com/User.Read'],
      '--scope: it does not end',
      'Write --scope https://graph.microsoft.com/.default;',
    ],
    [
      ['--scope', 'https://graph.microsoft.com'],
      '--scope: it does not end',
      'Write --scope https://graph.microsoft.com/.default;',
    ],
    [['--scope', 'api://my-api/Data.Read'], '--scope: it does not end', 'Write --scope api://my-api/.default;'],
    [
      ['--scope', 'https://vault.azure.net/'],
      '--scope: it does not end',
      'Write --scope https://vault.azure.net/.default;',
    ],
    [['--scope', 'a/.default b/.default'], '--scope: there is more than one', 'Ask for a token for each resource'],
    [
      ['--resource', 'https://graph.microsoft.com'],
      '--resource: the v2 endpoint takes none',
      'Write --scope https://graph.microsoft.com/.default, or add --v1',
    ],
    [['--v1'], '--v1: the resource is missing', 'Write --resource https://graph.microsoft.com'],
    [['--v1', '--scope', scope], '--scope: the v1 endpoint takes none', 'Write --resource URI instead'],
    [
      ['--issuer', 'https://as.example', '--scope', 'x'],
      '--tenant: it has no meaning beside --issuer',
      'Give --issuer or --tenant',
    ],
    [['--scope', scope, '--json', '--output', 'env'], '--json: --output asks for another form', 'Give one of them'],
    [['--scope', scope, '--claims', '{'], '--claims: this is not a JSON object', 'Give the claims of the challenge'],
  ])('token %j is wrong usage', async (extra, message, fix) => {
    const { code, stdout, stderr } = await token(...extra);
    expect([code, stdout.includes('eyJ')]).toEqual([2, false]);
    if (extra.includes('--json')) {
      expect(JSON.parse(stderr).error).toMatchObject({ code: 'USAGE', message, fix });
    } else {
      expect(stderr.startsWith(`error: ${message}`), stderr).toBe(true);
      expect(stderr).toContain(`hint: ${fix}`);
    }
  });
});
