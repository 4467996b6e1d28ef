import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authority, type Registered, startAuthority } from '@certgrant/authority';
import {
  type Certificate,
  createSelfSignedCertificate,
  findKey,
  GraphClient,
  generateKeyPair,
  listKeys,
  loadCredential,
  type Platform,
  systemPlatform,
  writePem,
} from '@certgrant/core';
import { type ClosableFetch, createFetch } from '@certgrant/core/node';
import { afterAll, beforeAll, expect } from 'vitest';
import { temporaryFolder } from './folder.ts';
import { certgrant, type Outcome, type Surroundings } from './run.ts';

/** What the tests of a file rotate with: an authority, and keys that were made once. */
export interface Workshop {
  readonly authority: Authority;
  /** Key files: the first is that of a new daemon, the second that of somebody else, the others are to rotate to. */
  readonly pems: readonly string[];
  readonly fetch: ClosableFetch;
}

const keys = 5;

export function workshop(): Workshop {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-workshop-'));
  const pems: string[] = [];
  let authority: Authority | undefined;
  let fetch: ClosableFetch | undefined;
  beforeAll(async () => {
    authority = await startAuthority();
    fetch = createFetch({ ca: [authority.ca], env: {} });
    for (let number = 0; number < keys; number++) {
      const path = join(folder, `key-${number}.pem`);
      const keyPair = await generateKeyPair('RSA-2048');
      const certificate = await createSelfSignedCertificate({ keyPair, subject: `CN=daemon-${number}` });
      writeFileSync(path, await writePem({ pkcs8: keyPair.pkcs8, certificates: [certificate] }));
      pems.push(path);
    }
  });
  afterAll(async () => {
    await authority?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    pems,
    get authority() {
      if (authority === undefined) throw new Error('the authority does not run yet');
      return authority;
    },
    get fetch() {
      if (fetch === undefined) throw new Error('the authority does not run yet');
      return fetch;
    },
  };
}

/** An application without any permission, with its key file, beside the key of somebody else. */
export interface Daemon {
  readonly registered: Registered;
  readonly folder: string;
  readonly cert: string;
  /** The key file that `--new` gives. */
  readonly next: string;
  /** The command line: `rotate` with all that it needs. */
  readonly argv: readonly string[];
}

export async function newDaemon(
  { authority, pems }: Workshop,
  { folder = temporaryFolder(), permissions = [] }: { folder?: string; permissions?: readonly string[] } = {},
): Promise<Daemon> {
  const [own = '', other = '', next = ''] = pems;
  const cert = join(folder, 'daemon.pem');
  copyFileSync(own, cert);
  const certificates = [readFileSync(own, 'utf8'), readFileSync(other, 'utf8')].map(certificateIn);
  const registered = await authority.register({ certificates, permissions });
  const { tenantId, appId, objectId, keyId = '' } = registered;
  const who = ['--tenant', tenantId, '--client-id', appId, '--object-id', objectId, '--key-id', keyId];
  const argv = ['rotate', ...who, '--cert', cert, '--authority', authority.url, '--new', next];
  return { registered, folder, cert, next, argv };
}

function certificateIn(pem: string): string {
  return /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/.exec(pem)?.[0] ?? '';
}

/** From here on a wait is the time limit of a request, in milliseconds. */
const shortestLimit = 15_000;

/**
 * The system's platform with the network of the workshop. What one waits before trying again is a hundredth of what it should be.
 */
export function hasty(shop: Workshop, replaced: Partial<Platform> = {}): Partial<Platform> {
  const delay: Platform['delay'] = (milliseconds, signal) =>
    systemPlatform.delay(milliseconds < shortestLimit ? milliseconds / 100 : milliseconds, signal);
  return { delay, fetch: (url, init) => shop.fetch(url, init), ...replaced };
}

/** Runs a command with the network of the workshop. */
export function run(shop: Workshop, argv: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  return certgrant(argv, { platform: hasty(shop), ...surroundings });
}

/** Which of the key files the application has registered, and what the file on disk holds. */
export async function keysOf(
  shop: Workshop,
  { registered, cert }: Daemon,
): Promise<{ readonly registered: readonly string[]; readonly onDisk: string }> {
  const { authority } = shop;
  const accessToken = async (): Promise<string> => authority.adminToken;
  const graph = new GraphClient({ graphUrl: authority.graphUrl, accessToken, platform: hasty(shop) });
  const found = await listKeys(graph, { type: 'applications', objectId: registered.objectId });
  const { certificate } = await loadCredential(readFileSync(cert));
  expect(findKey(found, certificate)).toBeDefined();
  return { registered: found.map(({ entry }) => String(entry.displayName)).sort(), onDisk: certificate.subject };
}

/** The certificate in a file. */
export async function certificateOf(path: string, password?: string): Promise<Certificate> {
  return (await loadCredential(readFileSync(path), { password })).certificate;
}
