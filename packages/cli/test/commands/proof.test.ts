import { readFileSync } from 'node:fs';
import type { Registered, Registration } from '@certgrant/authority';
import { beforeAll, describe, expect, test } from 'vitest';
import { testAuthority } from '../support/authority.ts';
import { keyFiles } from '../support/credentials.ts';
import { certgrant, type Outcome } from '../support/run.ts';

const files = keyFiles();
const authority = testAuthority();
const objectId = '2f5b9c1e-6a43-4c0a-9b5e-0d7f3a1c8e24';
let app: Registered;
beforeAll(async () => {
  app = await register({});
});

function register(registration: Registration): Promise<Registered> {
  return authority.running.register({ certificate: readFileSync(files.cer), ...registration });
}

/** With nobody to ask. */
const alone = { platform: { fetch: () => Promise.reject(new Error('nobody is to be asked')) } };
const proof = (...argv: readonly string[]): Promise<Outcome> =>
  certgrant(['proof', '--cert', files.pem, ...argv], alone);

function lookUp(...argv: readonly string[]): Promise<Outcome> {
  const server = ['--graph', authority.running.graphUrl, '--ca', authority.caFile];
  return certgrant(['proof', '--cert', files.pem, ...server, ...argv]);
}

const itself = (): string[] => ['--tenant', authority.running.tenantId, '--authority', authority.running.url];
const byAdmin = (): string[] => ['--access-token-file', authority.adminTokenFile];

function claimsOf({ stdout }: Outcome): Record<string, unknown> {
  return JSON.parse(Buffer.from(stdout.split('.')[1] ?? '', 'base64url').toString());
}

describe('certgrant proof', () => {
  test('proof prints the JWT alone, and asks nobody for it', async () => {
    const made = await proof('--object-id', objectId);
    expect([made.code, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const { nbf, ...claims } = claimsOf(made);
    expect(claims).toEqual({ aud: '00000002-0000-0000-c000-000000000000', iss: objectId, exp: Number(nbf) + 600 });
  });

  test('proof --json has the shape that programs rely on', async () => {
    const { stdout } = await proof('--object-id', objectId, '--json', '--lifetime', '1m');
    const made = JSON.parse(stdout);
    expect(made).toEqual({ proof: expect.any(String), objectId, expires_on: expect.any(Number) });
    expect(claimsOf({ stdout: made.proof } as Outcome)).toMatchObject({
      exp: made.expires_on,
      nbf: made.expires_on - 60,
    });
  });

  test('proof --alg PS256 signs with PS256', async () => {
    const { stdout } = await proof('--object-id', objectId, '--alg', 'PS256');
    expect(JSON.parse(Buffer.from(stdout.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({ alg: 'PS256' });
  });

  test('proof is a proof for certgrant decode, and the certificate verifies it', async () => {
    const { stdout } = await proof('--object-id', objectId);
    const decoded = await certgrant(['decode', '--json'], { stdin: stdout });
    expect(JSON.parse(decoded.stdout)).toMatchObject({ kind: 'proof' });
  });

  test('proof --app-id looks the object id up, of the application or of its service principal', async () => {
    expect(claimsOf(await lookUp('--app-id', app.appId, ...byAdmin()))).toMatchObject({ iss: app.objectId });
    const principal = await lookUp('--app-id', app.appId, ...byAdmin(), '--service-principal');
    expect(claimsOf(principal)).toMatchObject({ iss: app.servicePrincipalId });
  });

  test('proof --app-id asks with a token of its own, if that may read applications', async () => {
    const reader = await register({ permissions: ['Application.Read.All'] });
    expect(claimsOf(await lookUp('--app-id', reader.appId, ...itself()))).toMatchObject({ iss: reader.objectId });
    const { code, stdout, stderr } = await lookUp('--app-id', app.appId, ...itself());
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: find application: Graph answered 403 .*\n.*\nhint: Grant Application\.Read\.All /);
  });

  test('proof says when there is no such application', async () => {
    const { code, stderr } = await lookUp('--app-id', objectId, ...byAdmin());
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: find application: Graph answered 404 /)]);
  });

  test.each<[readonly string[], string]>([
    [[], 'application: neither its object id nor its application id is given'],
    [['--object-id', 'my-daemon'], '--object-id: this is not a GUID'],
    [['--object-id', objectId, '--app-id', objectId], 'application: --object-id and --app-id are both given'],
    [['--object-id', objectId, '--lifetime', '11m'], '--lifetime: this is not a time between 1 second and 10 minutes'],
    [['--object-id', objectId, '--lifetime', '0'], '--lifetime: this is not a time between 1 second and 10 minutes'],
  ])('proof %j is wrong usage', async (argv, message) => {
    const { code, stdout, stderr } = await proof(...argv);
    expect([code, stdout, stderr.split('\n')[0]]).toEqual([2, '', `error: ${message}`]);
  });

  test('proof says that Graph takes none of an EC key', async () => {
    const { code, stderr } = await certgrant(['proof', '--object-id', objectId, '--cert', files.ecPem]);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^error: create proof: .* type EC\nhint: Sign with the RSA/),
    ]);
  });
});
