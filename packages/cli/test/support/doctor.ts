import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CheckResult, checkIds } from '@certgrant/core/node';
import { afterAll, beforeAll, expect } from 'vitest';
import { testAuthority } from './authority.ts';
import { httpServer } from './bad-server.ts';
import { keyFiles, password } from './credentials.ts';
import { makeIdentity, type TestIdentity } from './identities.ts';
import { asOrdinaryUser } from './ordinary-user.ts';
import { type Answer, leadTo, refuseWith, startProxy, type TestProxy } from './proxy.ts';
import { certgrant, type Outcome, type Surroundings } from './run.ts';

export const files = keyFiles();
export const authority = testAuthority({ hostNames: ['login.example'] });
export const folder = mkdtempSync(join(tmpdir(), 'certgrant-doctor-'));
export const hour = 3_600_000;
const proxies: TestProxy[] = [];
export const nobody = '6731de76-14a6-49ae-97bc-6eba6914391e';

export interface Apps {
  readonly healthy: string;
  readonly disabled: string;
  readonly withoutPrincipal: string;
  readonly otherCertificate: string;
  /** Of the healthy one: the id of its certificate, which is no application. */
  readonly keyId: string;
}
export let apps: Apps;

beforeAll(async () => {
  const { running } = authority;
  const certificate = readFileSync(files.cer);
  const [healthy, disabled, orphan, other] = await Promise.all([
    running.register({ certificate, permissions: ['User.Read.All'] }),
    running.register({ certificate, enabled: false }),
    running.register({ certificate }),
    running.register({ certificate: readFileSync(files.otherCer) }),
  ]);
  await removePrincipal(orphan.servicePrincipalId);
  apps = {
    healthy: healthy.appId,
    disabled: disabled.appId,
    withoutPrincipal: orphan.appId,
    otherCertificate: other.appId,
    keyId: healthy.keyId ?? '',
  };
});
afterAll(() => {
  for (const proxy of proxies) proxy.close();
  rmSync(folder, { recursive: true, force: true });
});

async function removePrincipal(id: string): Promise<void> {
  const { createFetch } = await import('@certgrant/core/node');
  const { running } = authority;
  const fetch = createFetch({ ca: [running.ca], env: {} });
  const headers = { authorization: `Bearer ${running.adminToken}` };
  const { status } = await fetch(`${running.graphUrl}/v1.0/servicePrincipals/${id}`, { method: 'DELETE', headers });
  await fetch.close();
  expect(status).toBe(204);
}

/** What is changed of the healthy set-up; `undefined` leaves an option out. */
export interface SetUp extends Surroundings {
  readonly options?: Readonly<Record<string, string | undefined>>;
  readonly more?: readonly string[];
  readonly without?: 'ca';
  readonly asUser?: boolean;
}

export function run({
  options = {},
  more = [],
  without,
  asUser = false,
  ...surroundings
}: SetUp = {}): Promise<Outcome> {
  const { running, caFile } = authority;
  const all: Record<string, string | undefined> = {
    tenant: running.tenantId,
    'client-id': apps.healthy,
    cert: files.pem,
    authority: running.url,
    scope: 'https://graph.microsoft.com/.default',
    ca: without === 'ca' ? undefined : caFile,
    timeout: '5s',
    ...options,
  };
  const argv = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
  const act = (): Promise<Outcome> =>
    certgrant(['doctor', '--json', ...argv, ...more], { env: { HOME: folder }, ...surroundings });
  return asUser ? asOrdinaryUser(act) : act();
}

export const write = (name: string, content: string | Uint8Array, mode = 0o600): string => {
  const path = join(folder, name);
  writeFileSync(path, content, { mode });
  return path;
};
export const daemon = async (name: string, wanted: Parameters<typeof makeIdentity>[0]): Promise<string> => {
  const { key, cert } = await makeIdentity(wanted);
  return write(`${name}.pem`, key + cert);
};
export const shifted = (by: number): SetUp => ({ platform: { now: () => Date.now() + by } });
export const at = (url: string): SetUp => ({ options: { authority: url } });
export const issuedBy = (issuer: string): SetUp => ({ options: { issuer, tenant: undefined, authority: undefined } });
export const answering = (status: number, type: string, body: string, headers = {}): RequestListener => {
  return (_, response) => response.writeHead(status, { 'content-type': type, ...headers }).end(body);
};
/** An https server of this identity, which is trusted by itself. */
export async function secured(name: string, identity: TestIdentity): Promise<SetUp> {
  const server = createTlsServer(identity, (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxies.push({ host: '', asked: [], close: () => server.close() });
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  return { options: { authority: url, ca: write(`${name}.pem`, identity.cert) } };
}
/** The authority by a name that only the proxy knows. */
export async function behind(answer: Answer, credentials = ''): Promise<SetUp> {
  const proxy = await startProxy(answer);
  proxies.push(proxy);
  const { port } = new URL(authority.running.url);
  const env = { HTTPS_PROXY: `http://${credentials}${proxy.host}`, HOME: folder };
  return { options: { authority: `https://login.example:${port}` }, env };
}
/** The same through a proxy that is spoken to by TLS, which is trusted or not. */
export async function behindTls(isTrusted: boolean): Promise<SetUp> {
  const identity = await server({ names: ['ip:127.0.0.1'] });
  const proxy = await startProxy(leadTo(Number(new URL(authority.running.url).port)), identity);
  proxies.push(proxy);
  const { port } = new URL(authority.running.url);
  const more = isTrusted ? ['--ca', write('proxy.pem', identity.cert)] : [];
  const env = { HTTPS_PROXY: `https://${proxy.host}`, HOME: folder };
  return { options: { authority: `https://login.example:${port}` }, env, more };
}
/** An issuer that has a document and gives no token. */
export function busy(status: number): Promise<string> {
  return httpServer((request, response) => {
    const issuer = `http://${request.headers.host}`;
    response.setHeader('content-type', 'application/json');
    if (request.method === 'POST') response.writeHead(status, { 'retry-after': '7' }).end('{}');
    else response.end(JSON.stringify({ issuer, token_endpoint: `${issuer}/token` }));
  });
}
/** Nobody listens on port 1 of this machine. */
export const closedPort = 'https://127.0.0.1:1';

export const pemText = (): string => readFileSync(files.pem, 'utf8');
export const https = (url: string): string => url.replace('http:', 'https:');
export const server = (wanted: Parameters<typeof makeIdentity>[0]): Promise<TestIdentity> =>
  makeIdentity({ key: 'P-256', subject: 'CN=server', names: ['dns:localhost'], ...wanted });
export const impatient = (setUp: SetUp): SetUp => ({ ...setUp, options: { ...setUp.options, timeout: '1s' } });
export const withPassword = (word: string): SetUp => ({
  options: { cert: files.pfx, 'password-file': write('password.txt', word) },
});
export function unreadable(): SetUp {
  const path = write('secret.pem', pemText());
  chmodSync(path, 0o600);
  chmodSync(folder, 0o755);
  return { options: { cert: path } };
}

/** Nothing in it that one would not paste. */
function expectSafe({ stdout, stderr }: Outcome): void {
  const output = stdout + stderr;
  const ids = [authority.running.tenantId, ...Object.values(apps), nobody];
  for (const secret of [
    ...ids,
    files.keyText,
    password,
    'wrong password 1234',
    'letmein',
    folder,
    '-----BEGIN PRIVATE',
  ]) {
    expect(output).not.toContain(secret);
  }
  expect(output).not.toMatch(/eyJ[\w-]{10,}/);
}

export function expectReport(outcome: Outcome): readonly CheckResult[] {
  expect(outcome.stderr).toBe('');
  const { ok, checks } = JSON.parse(outcome.stdout) as { ok: boolean; checks: CheckResult[] };
  expect(checks.map(({ id }) => id)).toEqual(checkIds);
  expect(ok).toBe(checks.every(({ status }) => status !== 'failed'));
  expect(outcome.code).toBe(ok ? 0 : 1);
  for (const { status, detail, fix } of checks) {
    expect(detail).toMatch(/^\S.*[^.!]$/);
    if (status === 'failed' || status === 'warned') expect(fix).toMatch(/^\S.*[^.!]$/);
  }
  expectSafe(outcome);
  return checks;
}

/** A proxy that lets through who knows its password. */
export function throughWith(): Answer {
  const through = leadTo(Number(new URL(authority.running.url).port));
  const expected = `Basic ${Buffer.from('anna:letmein').toString('base64')}`;
  return (client, request) =>
    request.headers['proxy-authorization'] === expected
      ? through(client, request)
      : refuseWith('407 Proxy Authentication Required')(client, request);
}
