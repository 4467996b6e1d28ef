import { describe, expect, test } from 'vitest';
import { testAuthority, writeText } from '../support/authority.ts';
import { keyFiles, password } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { fingerprint } from '../support/openssl.ts';
import { certgrant, type Surroundings } from '../support/run.ts';

const files = keyFiles();
const authority = testAuthority();
const guid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

function register(argv: readonly string[], surroundings: Surroundings = {}) {
  const server = ['--graph', authority.running.graphUrl, '--ca', authority.caFile];
  const token = argv.includes('--access-token-file') ? [] : ['--access-token-file', authority.adminTokenFile];
  return certgrant(['app', 'register', ...server, ...token, ...argv], surroundings);
}

describe('certgrant app register', () => {
  test.each([
    ['a certificate', () => ['--cert', files.cer], {}],
    ['a PEM file with the key', () => ['--cert', files.pem], {}],
    ['a PFX with a password', () => ['--cert', files.pfx], { env: { AZURE_CLIENT_CERTIFICATE_PASSWORD: password } }],
  ] as const)('app register --json registers %s and prints the ids', async (_, cert, surroundings) => {
    const permissions = ['--permission', 'User.Read.All', '--permission', 'Application.ReadWrite.All'];
    const { code, stdout, stderr } = await register(['--name', 'x', ...cert(), ...permissions, '--json'], surroundings);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      appId: guid,
      objectId: guid,
      servicePrincipalId: guid,
      keyId: guid,
      thumbprint: fingerprint(files.cer, 'sha1'),
    });
  });

  test('app register prints the ids for people', async () => {
    const { code, stdout } = await register(['--name', 'x', '--cert', files.cer]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Client id +[0-9a-f-]{36}\nObject id +[0-9a-f-]{36}\nService principal +/);
  });

  test('app register finds the Graph of an authority on this machine below it', async () => {
    const server = ['--authority', authority.running.url, '--ca', authority.caFile];
    const argv = [...server, '--access-token-file', authority.adminTokenFile, '--name', 'x', '--cert', files.cer];
    expect((await certgrant(['app', 'register', ...argv])).code).toBe(0);
  });

  test.each([
    ['app register', ['--name', 'x', '--cert', files.cer]],
    ['app keys list', ['--app-id', '6731de76-14a6-49ae-97bc-6eba6914391e']],
  ])('%s sends an access token that it was given to no host that nobody named', async (command, argv) => {
    const platform = { fetch: () => Promise.reject(new Error('nobody is to be asked')) };
    const token = ['--access-token-file', authority.adminTokenFile];
    for (const [options, env] of [
      [['--authority', 'https://as.example'], {}],
      [[], { AZURE_AUTHORITY_HOST: 'as.example' }],
    ] as const) {
      const { code, stderr } = await certgrant([...command.split(' '), ...argv, ...token, ...options], {
        platform,
        env,
      });
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/^error: graph: none is given.*\nhint: Give --graph URL/),
      ]);
    }
  });

  test('app register takes the access token from standard input', async () => {
    const argv = ['--name', 'x', '--cert', files.cer, '--access-token-file', '-'];
    expect((await register(argv, { stdin: `${authority.running.adminToken}\n` })).code).toBe(0);
  });

  test.each([
    [['--cert', '/x'], 'name: none is given'],
    [['--name', 'x'], 'certificate: none is given'],
    [['--name', 'x', '--cert', '/x', '--graph', 'http://graph.example'], undefined],
  ])('app register %j is wrong usage', async (argv, message) => {
    const { code, stderr } = await certgrant(['app', 'register', ...argv]);
    expect(code).toBe(2);
    expect(stderr).toContain(`error: ${message ?? '--graph: http to graph.example would send'}`);
  });

  test('app register without an access token says where to get one', async () => {
    const { code, stderr } = await certgrant(['app', 'register', '--name', 'x', '--cert', files.cer]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: access token: none is given\nhint: .*adminTokenFile/),
    ]);
  });

  test('app register leaves nothing behind for a permission that is not there, and suggests one', async () => {
    const { code, stdout, stderr } = await register([
      '--name',
      'x',
      '--cert',
      files.cer,
      '--permission',
      'User.Raed.All',
    ]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/User\.Read\.All/);
  });

  test('app register says when the token is refused, and never repeats it', async () => {
    const cwd = temporaryFolder();
    const wrong = writeText(cwd, 'token', 'not-the-admin-token');
    const { code, stdout, stderr } = await register(['--name', 'x', '--cert', files.cer, '--access-token-file', wrong]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: .+\ncause: .+\nhint: .+\n$/);
    expect(stderr).not.toContain('not-the-admin-token');
    const two = writeText(cwd, 'two', 'not-the\nadmin-token');
    const lines = await register(['--name', 'x', '--cert', files.cer, '--access-token-file', two]);
    expect(lines.stderr).toMatch(/^error: read access token: this is not one token on one line\n/);
    expect(lines.stderr).not.toContain('admin-token');
  });

  test('app register says when the file holds no certificate', async () => {
    const { code, stderr } = await register(['--name', 'x', '--cert', files.key]);
    expect([code, stderr.split('\n')[0]]).toEqual([1, 'error: read certificate: there is none in the file']);
  });
});
