import { mkdtempSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, startAuthority } from '@certgrant/authority';
import {
  GraphClient,
  keyCredentialOf,
  loadCredential,
  TokenClient,
  type TokenClientOptions,
  TokenRefusedError,
} from '@certgrant/core';
import { type ClosableFetch, type CredentialFileOptions, createFetch, credentialFile } from '@certgrant/core/node';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDaemonIdentity, type DaemonIdentity } from './support/identities.ts';

/** A certificate is replaced on disk and at the authority while the client runs. */
const folder = mkdtempSync(join(tmpdir(), 'certgrant-reload-'));
const path = join(folder, 'in-use.pem');
const scope = 'https://graph.microsoft.com/.default';
let authority: Authority;
let fetch: ClosableFetch;
let old: DaemonIdentity;
let next: DaemonIdentity;
let clientId: string;
let objectPath: string;

beforeAll(async () => {
  authority = await startAuthority();
  fetch = createFetch({ ca: [authority.ca], env: {} });
  old = createDaemonIdentity(folder, 'old');
  next = createDaemonIdentity(folder, 'next');
});
beforeEach(async () => {
  const certificates = [readFileSync(old.certificateFile)];
  ({ appId: clientId } = await authority.register({ displayName: 'daemon', certificates }));
  objectPath = `/applications(appId='${clientId}')`;
  writeFileSync(path, readFileSync(old.pemFile));
});
afterAll(async () => {
  await fetch?.close();
  await authority?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Daemon {
  readonly client: TokenClient;
  /** How many token requests were sent. */
  readonly sent: () => number;
  /** Are told how many of them were refused, at each refusal. */
  readonly refused: ((count: number) => void)[];
}

function daemonWith(credential: TokenClientOptions['credential']): Daemon {
  let sent = 0;
  let refusals = 0;
  const refused: Daemon['refused'] = [];
  const client = new TokenClient({
    authority: authority.url,
    tenant: authority.tenantId,
    clientId,
    credential,
    trace: (event) => {
      if (event.type === 'request') sent++;
      if (event.type !== 'response' || event.status !== 401) return;
      refusals++;
      for (const tell of refused) tell(refusals);
    },
    platform: { fetch },
  });
  return { client, sent: () => sent, refused };
}

function daemon(options: CredentialFileOptions = {}): Daemon {
  return daemonWith(credentialFile(path, options));
}

/** Only this certificate is registered from now on. */
async function register({ pemFile }: DaemonIdentity): Promise<void> {
  const graph = new GraphClient({
    graphUrl: authority.graphUrl,
    accessToken: async () => authority.adminToken,
    platform: { fetch },
  });
  const { certificate } = await loadCredential(readFileSync(pemFile));
  await graph.patch(
    objectPath,
    { keyCredentials: [{ ...(await keyCredentialOf(certificate)) }] },
    { action: 'roll key' },
  );
}

/** As every tool should: a new file takes the name of the old one. */
function replaceFile({ pemFile }: DaemonIdentity): void {
  writeFileSync(`${path}.new`, readFileSync(pemFile));
  renameSync(`${path}.new`, path);
}

const fresh = { forceRefresh: true };

async function refusalOf(asked: Promise<unknown>): Promise<TokenRefusedError> {
  const thrown = await asked.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof TokenRefusedError) return thrown;
  throw new Error('it was not refused', { cause: thrown });
}

describe('TokenClient with a credentialFile', () => {
  test('takes up a replaced certificate after the old key was deleted, without a restart', async () => {
    const { client, sent } = daemon();
    await client.getToken({ scope });
    replaceFile(next);
    await register(next);
    await expect(client.getToken({ scope }, fresh)).resolves.toMatchObject({ source: 'network' });
    expect(sent()).toBe(3);
    // The new one is in use now: nothing is tried with the old one first.
    await client.getToken({ scope }, fresh);
    expect(sent()).toBe(4);
  });

  test('takes it up before the old key is deleted when it watches', async () => {
    const { client, sent } = daemon({ watch: true });
    await client.getToken({ scope });
    replaceFile(next);
    await register(next);
    await client.getToken({ scope }, fresh);
    expect(sent()).toBe(2);
  });

  test('sends one request and gives the error where the file has not changed', async () => {
    const { client, sent } = daemon();
    await register(next);
    const refused = await refusalOf(client.getToken({ scope }));
    expect(refused.aadsts).toBe('AADSTS700027');
    expect(refused).not.toHaveProperty('cause');
    expect(sent()).toBe(1);
  });

  test('sends one request more and gives the error where the new certificate is refused as well', async () => {
    const { client, sent } = daemon();
    await register(next);
    const stranger = createDaemonIdentity(folder, 'stranger');
    await client.getToken({ scope }).catch(() => {});
    replaceFile(stranger);
    const before = sent();
    expect(await refusalOf(client.getToken({ scope }))).toMatchObject({ aadsts: 'AADSTS700027' });
    expect(sent() - before).toBe(2);
  });

  test.each([
    ['half written', (): void => truncateSync(path, 900)],
    ['gone', (): void => rmSync(path)],
    ['empty', (): void => writeFileSync(path, '')],
  ])('keeps the present certificate while the file is %s, and says so when the server refuses', async (_, damage) => {
    const { client } = daemon({ watch: true });
    await client.getToken({ scope });
    damage();
    await expect(client.getToken({ scope }, fresh)).resolves.toMatchObject({ source: 'network' });
    await register(next);
    const refused = await refusalOf(client.getToken({ scope }, fresh));
    expect(refused.cause).toMatchObject({ name: 'CertgrantError', message: expect.stringContaining(':') });
    expect(refused.fix).toContain('could not be read anew');
    // Whole again, it is taken up.
    replaceFile(next);
    await expect(client.getToken({ scope }, fresh)).resolves.toMatchObject({ source: 'network' });
  });

  test('reads the file once for many callers who are refused at the same time', async () => {
    const file = credentialFile(path);
    const callers = 20;
    let reloads = 0;
    let allRefused = (): void => {};
    const refusals = new Promise<void>((resolve) => {
      allRefused = resolve;
    });
    const { client, refused } = daemonWith({
      load: () => file.load(),
      reload: async () => {
        reloads++;
        // Nobody comes later and finds the new one there already.
        await refusals;
        return file.reload();
      },
    });
    refused.push((count) => {
      if (count === callers) allRefused();
    });
    await client.getToken({ scope });
    replaceFile(next);
    await register(next);
    const claims = Array.from({ length: callers }, (_, index) => `{"access_token":{"c${index}":null}}`);
    const tokens = await Promise.all(claims.map((each) => client.getToken({ scope }, { claims: each })));
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(callers);
    expect(reloads).toBe(1);
  });

  test('throws what is wrong with the file as long as there is no credential', async () => {
    rmSync(path);
    const { client, sent } = daemon();
    await expect(client.getToken({ scope })).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    expect(sent()).toBe(0);
    replaceFile(old);
    await expect(client.getToken({ scope })).resolves.toMatchObject({ source: 'network' });
  });

  test('takes up a certificate and a key that are two files, once they belong together', async () => {
    const keyPath = join(folder, 'in-use.key');
    writeFileSync(path, readFileSync(old.certificateFile));
    writeFileSync(keyPath, readFileSync(old.keyFile));
    const { client } = daemon({ keyPath, watch: true });
    await client.getToken({ scope });
    writeFileSync(path, readFileSync(next.certificateFile));
    await expect(client.getToken({ scope }, fresh)).resolves.toMatchObject({ source: 'network' });
    writeFileSync(keyPath, readFileSync(next.keyFile));
    await register(next);
    await expect(client.getToken({ scope }, fresh)).resolves.toMatchObject({ source: 'network' });
  });

  test('asks a function again whose certificate was refused', async () => {
    let identity = old;
    const { client, sent } = daemonWith(() => loadCredential(readFileSync(identity.pemFile)));
    await register(next);
    await refusalOf(client.getToken({ scope }));
    expect(sent()).toBe(1);
    identity = next;
    await client.getToken({ scope });
    expect(sent()).toBe(2);
  });
});
