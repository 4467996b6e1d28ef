import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Credential, loadCredential, TokenClient, type TokenClientOptions } from '@certgrant/core';
import { createFetch } from '@certgrant/core/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDaemonIdentity, createServerIdentity } from './support/identities.ts';
import { certgrant, type RunningServer, startServer } from './support/program.ts';

// Each server is a program of its own, unmodified and over TLS; our client finds everything from the issuer alone.

const folder = mkdtempSync(join(tmpdir(), 'certgrant-interop-'));
const daemon = createDaemonIdentity(folder);
const server = createServerIdentity(folder);
const scope = 'reports';
let credential: Credential;

beforeAll(async () => {
  credential = await loadCredential(readFileSync(daemon.pemFile));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ready {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  /** Where the server chose it. */
  readonly clientId?: string;
}

/** What has to be said to a server of this kind besides the issuer: nothing, as far as it goes. */
interface Kind {
  readonly name: string;
  readonly program: string;
  readonly settings: object;
  readonly options?: Partial<TokenClientOptions>;
  readonly flags?: readonly string[];
  /** What the server is strict about. */
  readonly refuses: readonly ('another key' | 'the token endpoint as audience')[];
}

const kinds: readonly Kind[] = [
  { name: 'oidc-provider', program: 'oidc-provider', settings: {}, refuses: ['another key'] },
  {
    name: 'oidc-provider in its FAPI 2.0 profile',
    program: 'oidc-provider',
    settings: { fapi: true },
    options: { audience: 'issuer' },
    flags: ['--audience', 'issuer'],
    refuses: ['another key', 'the token endpoint as audience'],
  },
  {
    name: 'Better Auth',
    program: 'better-auth',
    settings: { databaseFile: join(folder, 'auth.sqlite') },
    refuses: ['another key'],
  },
  { name: 'oauth2-mock-server', program: 'oauth2-mock-server', settings: {}, refuses: [] },
];

describe.each(kinds)('with $name', ({ program, settings, options = {}, flags = [], refuses }) => {
  let running: RunningServer<Ready>;
  let issuer: string;
  let clientId: string;

  beforeAll(async () => {
    const url = new URL(`./servers/${program}.mjs`, import.meta.url);
    running = await startServer<Ready>(url, { ...server, ...settings, clientId: 'daemon', jwk: daemon.jwk });
    issuer = running.ready.issuer;
    clientId = running.ready.clientId ?? 'daemon';
  });
  afterAll(() => running?.close());

  const client = (changed: Partial<TokenClientOptions> = {}): TokenClient =>
    new TokenClient({
      issuer,
      clientId,
      credential,
      platform: { fetch: createFetch({ ca: [readFileSync(server.caFile, 'utf8')] }) },
      ...options,
      ...changed,
    });

  test.each(['PS256', 'RS256'] as const)('TokenClient gets a token, signing %s', async (alg) => {
    const tokens = client({ alg });
    const token = await tokens.getToken({ scope });
    expect(token).toMatchObject({ accessToken: expect.stringMatching(/./), tokenType: 'Bearer', source: 'network' });
    expect(token.expiresOn).toBeGreaterThan(Date.now());
    expect(await tokens.getToken({ scope })).toMatchObject({ accessToken: token.accessToken, source: 'cache' });
    // Asked again at once: some of these servers take an assertion once only.
    expect(await tokens.getToken({ scope }, { forceRefresh: true })).toMatchObject({ source: 'network' });
  });

  test('certgrant token --issuer prints a token', async () => {
    const args = ['token', '--issuer', issuer, '--client-id', clientId, '--cert', daemon.pemFile, '--scope', scope];
    const { code, stdout, stderr } = await certgrant([...args, ...flags, '--ca', server.caFile, '--json'], folder);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ access_token: expect.stringMatching(/./), source: 'network' });
  });

  if (refuses.includes('another key')) {
    test('TokenClient is told when the key is another one', async () => {
      const stranger = createDaemonIdentity(folder, 'stranger');
      const other = await loadCredential(readFileSync(stranger.pemFile));
      const asking = client({ credential: other, keyId: daemon.jwk.kid }).getToken({ scope });
      await expect(asking).rejects.toMatchObject({ code: 'TOKEN_REFUSED', error: 'invalid_client' });
    });
  }

  if (refuses.includes('the token endpoint as audience')) {
    test('TokenClient is told when the audience must be the issuer', async () => {
      const asking = client({ audience: 'token-endpoint' }).getToken({ scope });
      await expect(asking).rejects.toMatchObject({ code: 'TOKEN_REFUSED', error: 'invalid_client' });
    });
  }
});
