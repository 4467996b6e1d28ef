import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyFiles, password } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { fingerprint } from '../support/openssl.ts';
import { certgrant, type Surroundings } from '../support/run.ts';

const files = keyFiles();
const tenant = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const clientId = '6731de76-14a6-49ae-97bc-6eba6914391e';
const identity = ['--tenant', tenant, '--client-id', clientId];

async function assertion(extra: readonly string[], surroundings: Surroundings = {}) {
  const outcome = await certgrant(['assertion', ...identity, ...extra], surroundings);
  expect(outcome.stderr).toBe('');
  const [header = '', claims = '', signature = ''] = outcome.stdout.trim().split('.');
  const parse = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { ...outcome, header: parse(header), claims: parse(claims), signed: `${header}.${claims}`, signature };
}

describe('certgrant assertion', () => {
  test('assertion prints one JWT for the token endpoint of the tenant, signed PS256 with x5t#S256', async () => {
    const { stdout, header, claims, signed, signature } = await assertion(['--cert', files.pem]);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const sha256 = Buffer.from(fingerprint(files.cer, 'sha256'), 'hex').toString('base64url');
    expect(header).toEqual({ alg: 'PS256', typ: 'JWT', 'x5t#S256': sha256 });
    expect(claims).toMatchObject({
      aud: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
      iss: clientId,
      sub: clientId,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(claims.exp - claims.nbf).toBe(600);
    const key = { key: createPublicKey(readFileSync(files.cer)), padding: 6, saltLength: 32 };
    expect(verifySignature('sha256', Buffer.from(signed), key, Buffer.from(signature, 'base64url'))).toBe(true);
  });

  test.each([
    [['--alg', 'RS256'], { alg: 'RS256', x5t: expect.any(String) }],
    [['--profile', 'adfs'], { alg: 'RS256', x5t: expect.any(String) }],
    [['--profile', 'generic', '--kid', 'key-1'], { alg: 'PS256', kid: 'key-1', 'x5t#S256': expect.any(String) }],
    [['--x5c'], { alg: 'PS256', x5c: [expect.any(String)] }],
  ])('assertion %j writes the header that it asks for', async (extra, expected) => {
    const { header } = await assertion(['--cert', files.pem, ...extra]);
    expect(header).toMatchObject(expected);
  });

  test.each([
    [[], `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`],
    [['--v1'], `https://login.microsoftonline.com/${tenant}/oauth2/token`],
    [['--audience', 'issuer'], `https://login.microsoftonline.com/${tenant}/v2.0`],
    [['--audience', 'https://as.example.com/token'], 'https://as.example.com/token'],
    [['--cloud', 'usgov'], `https://login.microsoftonline.us/${tenant}/oauth2/v2.0/token`],
    [['--authority', 'https://localhost:8443/'], `https://localhost:8443/${tenant}/oauth2/v2.0/token`],
  ])('assertion %j is for %s', async (extra, audience) => {
    expect((await assertion(['--cert', files.pem, ...extra])).claims.aud).toBe(audience);
  });

  test.each([
    ['90', 90],
    ['90s', 90],
    ['5m', 300],
    ['1h', 3600],
  ])('assertion --lifetime %s is good for %d seconds', async (lifetime, seconds) => {
    const { claims } = await assertion(['--cert', files.pem, '--lifetime', lifetime]);
    expect(claims.exp - claims.nbf).toBe(seconds);
  });

  test('assertion takes the certificate from standard input, from a variable, in base64, and with the key apart', async () => {
    const pem = readFileSync(files.pem);
    await assertion(['--cert', '-'], { stdin: pem });
    await assertion(['--cert', 'env:DAEMON'], { env: { DAEMON: pem.toString() } });
    const pfx = readFileSync(files.pfx).toString('base64');
    await assertion(['--cert', 'env:DAEMON', '--password-env', 'P'], { env: { DAEMON: pfx, P: password } });
    await assertion(['--cert', files.cer, '--key', files.key]);
    await assertion(['--cert', files.cer, '--key', '-'], { stdin: readFileSync(files.key) });
  });

  test('assertion takes all that it needs from the environment of the Azure SDKs', async () => {
    const env = {
      AZURE_TENANT_ID: 'contoso.com',
      AZURE_CLIENT_ID: clientId,
      AZURE_CLIENT_CERTIFICATE_PATH: files.pfx,
      AZURE_CLIENT_CERTIFICATE_PASSWORD: password,
      AZURE_AUTHORITY_HOST: 'login.microsoftonline.us',
      AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: 'True',
    };
    const { code, stdout } = await certgrant(['assertion'], { env });
    expect(code).toBe(0);
    const [header, claims] = stdout.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(header).toContain('x5c');
    expect(claims).toContain('https://login.microsoftonline.us/contoso.com/oauth2/v2.0/token');
  });

  test('assertion prefers an option to the environment', async () => {
    const env = { AZURE_TENANT_ID: 'other.example', AZURE_CLIENT_CERTIFICATE_PATH: '/nowhere' };
    expect((await assertion(['--cert', files.pem], { env })).claims.aud).toContain(tenant);
  });

  test('assertion --json says what to put into the form and when it ends', async () => {
    const at = Date.UTC(2026, 0, 1);
    const { code, stdout } = await certgrant(['assertion', ...identity, '--cert', files.pem, '--json'], {
      platform: { now: () => at },
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      expires_on: at / 1000 + 600,
    });
  });

  describe('the password', () => {
    const encrypted = ['--cert', files.pfx];

    test.each([
      ['\n', 'with a line break'],
      ['\r\n', 'with a line break of Windows'],
      ['', 'without one'],
    ])('assertion reads it from a file that ends in %j', async (ending) => {
      const cwd = temporaryFolder();
      writeFileSync(join(cwd, 'secret'), password + ending);
      await assertion([...encrypted, '--password-file', 'secret'], { cwd });
    });

    test('assertion asks for it on a terminal, again when it was wrong, three times at most', async () => {
      const second = await certgrant(['assertion', ...identity, ...encrypted], { answers: ['wrong', password] });
      expect([second.code, second.questions.length]).toEqual([0, 2]);
      expect(second.stderr).toBe('That is not the password.\n');
      const never = await certgrant(['assertion', ...identity, ...encrypted], { answers: ['a', 'b', 'c'] });
      expect([never.code, never.questions.length, never.stdout]).toEqual([1, 3, '']);
      expect(never.stderr).toContain('error: ');
    });

    test('assertion says how to give it where nobody sits at a terminal', async () => {
      const { code, stderr } = await certgrant(['assertion', ...identity, '--cert', files.encryptedPem]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: .+\nhint: Give --password-file FILE or --password-env NAME/);
    });

    test('assertion does not ask for what is not needed', async () => {
      const { code, questions } = await certgrant(['assertion', ...identity, '--cert', files.pem], { answers: [] });
      expect([code, questions]).toEqual([0, []]);
    });
  });

  test.each<[readonly string[], string, Surroundings?]>([
    [['--client-id', clientId], 'tenant: none is given'],
    [
      ['--tenant', 'common', '--client-id', clientId],
      'tenant: common stands for many tenants, and an application gets its tokens from one',
    ],
    [['--tenant', 'Contoso Ltd', '--client-id', clientId], 'tenant: this is neither a GUID nor a domain name'],
    [['--tenant', 'a/b', '--client-id', clientId], 'tenant: this is neither a GUID nor a domain name'],
    [['--tenant', tenant], 'client id: none is given'],
    [['--tenant', tenant, '--client-id', 'my-daemon'], 'client id: this is not a GUID'],
    [
      [...identity, '--authority', 'http://login.example'],
      '--authority: http to login.example would send the assertion and the token in clear',
    ],
    [[...identity, '--authority', 'login.example'], '--authority: this is not an https URL'],
    [[...identity, '--authority', 'https://u:p@login.example'], '--authority: the URL holds a user name or a password'],
    [
      [...identity, '--authority', 'https://a.example', '--cloud', 'china'],
      'authority: --cloud and --authority are both given',
    ],
    [[...identity, '--lifetime', '0'], '--lifetime: this is not a time between 1 second and 24 hours'],
    [[...identity, '--lifetime', '10 minutes'], '--lifetime: this is not a time between 1 second and 24 hours'],
    [[...identity, '--audience', 'me'], '--audience: this is not a URL'],
    [
      [...identity, '--password-file', 'a', '--password-env', 'b'],
      'password: --password-file and --password-env are both given',
    ],
    [
      [...identity, '--password-env', 'NOPE'],
      'password: the environment variable that --password-env names is not set',
    ],
    [[...identity, '--key', '-', '--cert', '-'], 'read standard input: two options ask for it', { stdin: 'x' }],
  ])('assertion %j is wrong usage', async (argv, message, surroundings) => {
    const extra = argv.includes('--cert') ? [] : ['--cert', files.pem];
    const { code, stdout, stderr } = await certgrant(['assertion', ...argv, ...extra], surroundings);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`^error: ${message.replace(/[.*+?^$|()[\]\\]/g, '\\$&')}\nhint: .+\n$`));
  });

  test('assertion without any certificate says how to get one', async () => {
    const { code, stderr } = await certgrant(['assertion', ...identity]);
    expect([code, stderr]).toEqual([
      2,
      'error: certificate: none is given\nhint: Give --cert FILE or set AZURE_CLIENT_CERTIFICATE_PATH; certgrant cert create makes one\n',
    ]);
  });

  test('assertion warns when it is for an authority without TLS on this machine', async () => {
    const { code, stderr } = await certgrant([
      'assertion',
      ...identity,
      '--cert',
      files.pem,
      '--authority',
      'http://localhost:1',
    ]);
    expect([code, stderr]).toEqual([0, 'warning: localhost:1 is called over http, without encryption\n']);
  });
});
