import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { createFetch } from '@certgrant/core/node';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bundledCommandLine } from './support/bundle.ts';
import { keyFiles } from './support/credentials.ts';
import { temporaryFolder } from './support/folder.ts';
import { certgrant } from './support/run.ts';

/** The authority as a process of its own: its signals, its descriptors and its arguments are real here. */
const bundle = bundledCommandLine();
const files = keyFiles();

interface Running {
  readonly child: ChildProcess;
  readonly said: Readonly<Record<'url' | 'tenantId' | 'graphUrl' | 'caFile' | 'adminTokenFile', string>>;
  readonly adminToken: string;
  readonly ca: string;
  readonly ended: Promise<number | null>;
  output(): string;
}

async function running(...argv: readonly string[]): Promise<Running> {
  const args = [bundle.bin, 'authority', '--port', '0', '--json', ...argv];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: temporaryFolder() });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  while (!stdout.includes('\n'))
    await Promise.race([once(child.stdout, 'data'), ended.then(() => Promise.reject(new Error(stderr)))]);
  const said = JSON.parse(stdout);
  const adminToken = readFileSync(said.adminTokenFile, 'utf8').trim();
  return { child, said, adminToken, ca: readFileSync(said.caFile, 'utf8'), ended, output: () => stdout + stderr };
}

describe.skipIf(process.platform === 'win32')('an authority that is told to end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s lets the request in flight finish, takes no new one, and ends with 0',
    async (signal) => {
      const { child, said, ca, ended } = await running();
      const port = Number(new URL(said.url).port);
      const open = async (): Promise<ReturnType<typeof connect>> => {
        const socket = connect({ host: 'localhost', port, ca });
        await once(socket, 'secureConnect');
        return socket;
      };
      const [busy, idle] = [await open(), await open()];
      busy.write(
        `POST /${said.tenantId}/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n`,
      );
      // It says so once it has seen the head of the request.
      expect(String((await once(busy, 'data'))[0])).toMatch(/^HTTP\/1\.1 100/);
      child.kill(signal);
      await once(idle.resume(), 'close');
      await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      busy.write('a=b');
      expect(String((await once(busy, 'data'))[0])).toMatch(/^HTTP\/1\.1 400 .*AADSTS900144/s);
      expect(await ended).toBe(0);
    },
  );
});

describe('the log', () => {
  async function used({ said, adminToken, ca }: Running): Promise<readonly string[]> {
    const fetch = createFetch({ ca: [ca], env: {} });
    onTestFinished(() => fetch.close());
    const call = async (path: string, init: RequestInit = {}): Promise<string> => {
      const answer = await fetch(said.url + path, {
        ...init,
        headers: { authorization: `Bearer ${adminToken}`, ...init.headers },
      });
      return answer.text();
    };
    const json = { 'content-type': 'application/json' };
    const certificate = readFileSync(files.pem, 'utf8').replace(/[\s\S]*(-----BEGIN CERTIFICATE-----)/, '$1');
    const registration = {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ certificate, permissions: ['User.Read.All'] }),
    };
    const { appId } = JSON.parse(await call('/certgrant/register', registration));
    const identity = [
      '--tenant',
      said.tenantId,
      '--client-id',
      appId,
      '--cert',
      files.pem,
      '--authority',
      said.url,
      '--ca',
      said.caFile,
    ];
    const scope = ['--scope', 'https://graph.microsoft.com/.default'];
    const { stdout } = await certgrant(['token', ...identity, ...scope, '--no-cache', '--json']);
    const { access_token: token } = JSON.parse(stdout);
    const assertion = (await certgrant(['assertion', ...identity.slice(0, 8)])).stdout.trim();
    const path = `/${said.tenantId}/oauth2/v2.0/token`;
    const secret = 'the-client-secret-of-this-test';
    const form = new URLSearchParams({
      client_id: appId,
      client_secret: secret,
      client_assertion: assertion,
      grant_type: 'x',
    });
    await call(`${path}?client_secret=${secret}&access_token=${token}`, { method: 'POST', body: form });
    await call(path, {
      method: 'POST',
      body: new URLSearchParams({ client_id: secret, grant_type: assertion, scope: token }),
    });
    await call(`/${token}/oauth2/v2.0/token`, { method: 'POST' });
    await call(`/${adminToken}/v2.0/.well-known/openid-configuration`);
    await call('/graph/v1.0/applications', { method: 'POST', headers: json, body: `{"displayName":"${secret}"` });
    await call('/graph/v1.0/users', { headers: { authorization: `Bearer ${token}` } });
    const forged = JSON.parse(await call('/certgrant/forge', { method: 'POST', headers: json, body: '{}' })).token;
    await call('/graph/v1.0/users', { headers: { authorization: `Bearer ${forged}x` } });
    return [adminToken, token, assertion, forged, secret, token.split('.')[2], assertion.split('.')[2] ?? ''];
  }

  test.each(['json', 'text'])(
    'as %s tells of each request, and nothing secret is in it or anywhere else that the authority wrote',
    async (form) => {
      const data = join(temporaryFolder(), 'data');
      const authority = await running('--log', form, '--data', data);
      const secrets = await used(authority);
      const args = process.platform === 'linux' ? readFileSync(`/proc/${authority.child.pid}/cmdline`, 'latin1') : '';
      const environment =
        process.platform === 'linux' ? readFileSync(`/proc/${authority.child.pid}/environ`, 'latin1') : '';
      for (const name of readdirSync(data)) {
        const path = join(data, name);
        const isTokenFile = name === 'admin-token';
        expect([name, statSync(path).mode & 0o077]).toEqual([name, name === 'ca.pem' ? 0o044 : 0]);
        const content = readFileSync(path, 'latin1');
        for (const secret of secrets) expect([name, !isTokenFile && content.includes(secret)]).toEqual([name, false]);
      }
      authority.child.kill('SIGTERM');
      await authority.ended;
      const output = authority.output();
      for (const secret of secrets) expect(output + args + environment).not.toContain(secret);
      const lines = output.trim().split('\n').slice(1);
      expect(lines.length).toBeGreaterThanOrEqual(9);
      if (form === 'text')
        return expect(lines.join('\n')).toMatch(
          /POST \/\S+\/oauth2\/v2\.0\/token 200 \d+ ms client \S+ correlation \S+/,
        );
      const entries = lines.map((line) => JSON.parse(line));
      for (const entry of entries) {
        expect(entry).toMatchObject({
          level: 'info',
          time: expect.stringMatching(/^\d{4}-.*Z$/),
          method: expect.any(String),
          path: expect.stringMatching(/^\/[^?]*$/),
          status: expect.any(Number),
          duration: expect.any(Number),
        });
      }
      expect(entries).toContainEqual(
        expect.objectContaining({ status: 200, clientId: expect.any(String), correlationId: expect.any(String) }),
      );
      expect(entries).toContainEqual(expect.objectContaining({ code: expect.stringMatching(/^AADSTS\d+$/) }));
    },
  );

  test('is off where nobody has asked for it and no terminal is there', async () => {
    const authority = await running();
    await used(authority);
    authority.child.kill('SIGTERM');
    await authority.ended;
    expect(authority.output().trim().split('\n')).toHaveLength(1);
  });
});

test('the admin token’s file has its mode from the moment it is there, and is nobody else’s', async () => {
  const { said } = await running();
  expect(statSync(said.adminTokenFile).mode & 0o777).toBe(0o600);
  expect(statSync(join(said.adminTokenFile, '..')).mode & 0o777).toBe(0o700);
});
