import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckResult } from '@certgrant/core/node';
import { describe, expect, test } from 'vitest';
import { httpServer, tcpServer } from '../support/bad-server.ts';
import {
  answering,
  apps,
  at,
  authority,
  behind,
  daemon,
  expectReport,
  files,
  folder,
  issuedBy,
  pemText,
  run,
  type SetUp,
  throughWith,
} from '../support/doctor.ts';
import { certgrant } from '../support/run.ts';

const checkOf = async (id: CheckResult['id'], setUp: SetUp): Promise<CheckResult> => {
  const found = expectReport(await run(setUp)).find((check) => check.id === id);
  if (found === undefined) throw new Error(`there is no check ${id}`);
  return found;
};

/** What a person gets: the same command without --json. */
const inWords = (more: readonly string[] = [], env: Readonly<Record<string, string>> = {}) =>
  certgrant(
    [
      'doctor',
      ...['--tenant', authority.running.tenantId, '--client-id', apps.healthy, '--cert', files.pem],
      ...['--authority', authority.running.url, '--scope', 'https://graph.microsoft.com/.default'],
      ...more,
    ],
    { env },
  );

describe('certgrant doctor', () => {
  test('prints a line for each check, in the order in which they are made', async () => {
    chmodSync(files.pem, 0o600);
    const { code, stdout, stderr } = await inWords(['--ca', authority.caFile]);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('22 passed, 2 skipped');
    expect(lines.slice(0, -2).every((line) => /^(passed|skipped) {1,2} +[a-z-]+ +\S/.test(line))).toBe(true);
    expect(lines[0]).toMatch(/^passed {3}settings {5}client [0-9a-f]{8}…, tenant [0-9a-f]{8}… at https:/);
    expect(stdout).toMatch(/^skipped {2}proxy {8}no proxy is set$/m);
  });

  test('gives the fix below the failure, says of what depends on it that it was skipped, and where to begin', async () => {
    const { code, stdout } = await inWords();
    expect(code).toBe(1);
    expect(stdout).toMatch(/^failed {3}tls .*not trusted here.*\n {22}fix: Add the CA that issued it with --ca FILE/m);
    expect(stdout).toMatch(/^skipped {2}token {8}it depends on tls, which failed$/m);
    expect(stdout).toMatch(/\n1 failed, .*; begin with tls\n$/);
  });

  test('goes on with what does not depend on a failure', async () => {
    const checks = expectReport(await run({ options: { cert: join(folder, 'nowhere.pem') } }));
    const statuses = Object.fromEntries(checks.map(({ id, status }) => [id, status]));
    expect(statuses).toMatchObject({
      file: 'failed',
      header: 'skipped',
      tls: 'passed',
      issuer: 'passed',
      token: 'skipped',
    });
  });

  test('says of a failure which AADSTS number it is', async () => {
    expect(await checkOf('token', { options: { 'client-id': apps.disabled } })).toMatchObject({
      status: 'failed',
      code: 'AADSTS7000112',
      fix: expect.stringMatching(/enable/i),
    });
  });

  test.each<[string, CheckResult['id'], RegExp, () => SetUp | Promise<SetUp>]>([
    ['a private key that others can read', 'permissions', /mode 0644/, () => ({ options: { cert: readable() } })],
    [
      'a certificate that ends soon',
      'validity',
      /ends in 9 days/,
      async () => ({ options: { cert: await daemon('soon', { until: 9.5 }) } }),
    ],
    [
      'NODE_TLS_REJECT_UNAUTHORIZED=0',
      'environment',
      /trust every server/,
      () => ({ env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' } }),
    ],
    [
      'a client id that an option overrules',
      'environment',
      /AZURE_CLIENT_ID names another/,
      () => ({ env: { AZURE_CLIENT_ID: apps.disabled } }),
    ],
    [
      'a secret beside the certificate',
      'environment',
      /AZURE_CLIENT_SECRET is set/,
      () => ({ env: { AZURE_CLIENT_SECRET: 'letmein' } }),
    ],
    [
      'NODE_EXTRA_CA_CERTS that is not there',
      'authorities',
      /cannot be read/,
      () => ({ env: { NODE_EXTRA_CA_CERTS: '/no/ca' } }),
    ],
    [
      'a clock that is a little wrong',
      'server-clock',
      /2 minutes ahead/,
      () => ({ platform: { now: () => Date.now() + 120_000 } }),
    ],
    [
      'a token that only the API can read, where a role is expected',
      'roles',
      /cannot be compared/,
      async () => ({ ...issuedBy(await opaque()), more: ['--expect-role', 'read'] }),
    ],
  ])('warns of %s', async (_, id, says, setUp) => {
    const { status, detail, fix } = await checkOf(id, await setUp());
    expect([status, detail, fix]).toEqual(['warned', expect.stringMatching(says), expect.any(String)]);
  });

  test('asks another authorization server, by its issuer', async () => {
    const checks = expectReport(await run(issuedBy(await opaque())));
    expect(checks.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(checks.find(({ id }) => id === 'header')?.detail).toMatch(/profile generic: .* kid, x5t#S256/);
    expect(checks.find(({ id }) => id === 'roles')).toMatchObject({ status: 'skipped' });
  });

  test('says which variable names the proxy, and nothing of its password', async () => {
    const setUp = await behind(throughWith(), 'anna:letmein@');
    expect(await checkOf('proxy', setUp)).toMatchObject({
      status: 'passed',
      detail: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+ by HTTPS_PROXY, with a user name and a password$/),
    });
    expect((await checkOf('tunnel', setUp)).detail).toMatch(/connects to login\.example:\d+ \(200\)/);
  });

  test('says by which CA the server is trusted', async () => {
    expect((await checkOf('tls', {})).detail).toMatch(/^TLSv1\.[23]; a certificate of .*; trusted by --ca /);
  });

  test('stops at once when it is interrupted, and says so', async () => {
    const controller = new AbortController();
    const silent = await tcpServer(() => controller.abort());
    const started = Date.now();
    const { code, stdout, stderr } = await run({ ...at(silent.replace('http', 'https')), signal: controller.signal });
    expect([code, stdout]).toEqual([130, '']);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'CANCELLED' } });
    expect(Date.now() - started).toBeLessThan(4000);
  });

  test.each([
    [['--tmeout', '5s'], /unknown option|Did you mean --timeout/],
    [['--timeout', 'soon'], /--timeout/],
  ])('calls %j wrong usage', async (more, says) => {
    const { code, stderr } = await run({ more, options: { timeout: undefined } });
    expect(code).toBe(2);
    expect(stderr).toMatch(says);
  });

  function readable(): string {
    const path = join(folder, 'readable.pem');
    writeFileSync(path, pemText());
    chmodSync(path, 0o644);
    return path;
  }
});

/** An issuer whose tokens are no JWTs. */
function opaque(): Promise<string> {
  return httpServer((request, response) => {
    const issuer = `http://${request.headers.host}`;
    const body =
      request.method === 'POST'
        ? { access_token: 'opaque-to-the-client', token_type: 'Bearer', expires_in: 600 }
        : { issuer, token_endpoint: `${issuer}/token` };
    answering(200, 'application/json', JSON.stringify(body))(request, response);
  });
}
