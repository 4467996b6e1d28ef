import { platformWith } from '@certgrant/core';
import { Controls } from '../../src/controls/controls.ts';
import { Directory } from '../../src/directory/directory.ts';
import { plantSeed, readySeed } from '../../src/directory/plant-seed.ts';
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

export async function testAuthority(tokenLifetime = 3600): Promise<TestAuthority> {
  const controls = new Controls(platformWith({}));
  const platform = platformWith({ now: () => controls.clock.now() });
  const directory = new Directory(new MemoryStore(), platform);
  const seed = await readySeed({ tenants: [{ name: 'Contoso', domain: 'contoso.example' }] }, '.', platform);
  await plantSeed(directory, seed, platform);
  const tenantId = seed.tenants[0]?.id ?? '';
  const logged: string[] = [];
  const services: Services = {
    directory,
    platform,
    controls,
    plantSeed: () => plantSeed(directory, seed, platform),
    adminToken,
    adminTenantId: tenantId,
    signingKeys: processKeys(platform),
    hosts: new Hosts(['localhost', '127.0.0.1', '::1'], () => 8443),
    tokenLifetime,
    log: (line) => logged.push(line),
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
  options: { readonly body?: object | string; readonly token?: string } = {},
): Promise<{ readonly status: number; readonly body: Body }> {
  const { body, token = adminToken } = options;
  const response = await app.request(`${base}/graph/v1.0${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
}
