import { platformWith } from '@certgrant/core';
import { Controls } from '../../src/controls/controls.ts';
import { Directory } from '../../src/directory/directory.ts';
import { grownSeed, plantSeed, readySeed } from '../../src/directory/plant-seed.ts';
import { type Registered, type Registration, register } from '../../src/directory/register.ts';
import { type AuthorityApp, createApp } from '../../src/http/app.ts';
import { Hosts } from '../../src/http/hosts.ts';
import type { Services } from '../../src/services.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { processKeys } from '../../src/tokens/signing-key.ts';

export const base = 'https://localhost:8443';
export const adminToken = 'the-admin-token-of-this-test';

/** An authority without a socket. */
export interface TestAuthority {
  readonly app: AuthorityApp;
  readonly tenantId: string;
  readonly services: Services;
  readonly logged: readonly string[];
  register(registration: Registration): Promise<Registered>;
}

export async function testAuthority(changes: Partial<Services> = {}): Promise<TestAuthority> {
  const controls = new Controls(changes.platform ?? platformWith({}));
  const platform = platformWith({ ...changes.platform, now: () => controls.clock.now() });
  const directory = new Directory(new MemoryStore(), platform);
  const seed = await readySeed({ tenants: [{ name: 'Contoso', domain: 'contoso.example' }] }, '.', platform);
  await plantSeed(directory, seed, platform);
  const tenantId = seed.tenants[0]?.id ?? '';
  const logged: string[] = [];
  const services: Services = {
    directory,
    controls,
    restoreSeed: async () => directory.replaceAll(await grownSeed(seed, platform)),
    adminToken,
    adminTenantId: tenantId,
    signingKeys: processKeys({ platform, overlap: 86_400 }),
    hosts: new Hosts(['localhost', '127.0.0.1', '::1'], () => 8443),
    tokenLifetime: 3600,
    caeTokenLifetime: 86_400,
    log: (line) => logged.push(line),
    ...changes,
    platform,
  };
  const app = createApp(services);
  return { app, tenantId, services, logged, register: (wanted) => register(directory, tenantId, wanted, platform) };
}

export type Body = Readonly<Record<string, unknown>>;

/** A call to Graph with the admin token, or another one; an empty body is an empty object. */
export async function graph(
  { app }: TestAuthority,
  method: string,
  path: string,
  options: {
    readonly body?: object | string;
    readonly token?: string;
    readonly headers?: Readonly<Record<string, string>>;
  } = {},
): Promise<{ readonly status: number; readonly body: Body }> {
  const { body, token = adminToken, headers } = options;
  const response = await app.respond(
    new Request(`${base}/graph/v1.0${path}`, {
      method,
      headers: {
        ...headers,
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}
