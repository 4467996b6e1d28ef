import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Authority, startAuthority } from '@certgrant/authority';
import { createDaemonIdentity, type DaemonIdentity } from '../../interop/support/identities.ts';
import { certgrant, type Ended } from '../../interop/support/program.ts';

const root = new URL('../../../', import.meta.url).pathname;

/** A local authority with one application, its key files, and a folder for exports. */
export interface Workshop {
  readonly authority: Authority;
  readonly caFile: string;
  readonly folder: string;
  readonly daemon: DaemonIdentity;
  readonly clientId: string;
  close(): Promise<void>;
}

export async function openWorkshop(): Promise<Workshop> {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-exports-'));
  const daemon = createDaemonIdentity(folder);
  const authority = await startAuthority();
  const caFile = join(folder, 'authority-ca.pem');
  writeFileSync(caFile, authority.ca);
  const { appId: clientId } = await authority.register({
    displayName: 'daemon',
    certificates: [readFileSync(daemon.certificateFile)],
    permissions: ['User.Read.All'],
  });
  // Where the exported programs for Node find their libraries.
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const close = async (): Promise<void> => {
    await authority.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { authority, caFile, folder, daemon, clientId, close };
}

/** Whom an exported program asks, and with which files. */
export interface Wanted {
  readonly cert: string;
  readonly key?: string;
  readonly alg?: 'PS256' | 'RS256';
  readonly scope?: string;
}

let exports = 0;

/** Runs `certgrant export` against the workshop's authority; the path of the file that it wrote. */
export async function exportedFile(format: string, wanted: Wanted, workshop: Workshop): Promise<string> {
  const { folder, authority, clientId } = workshop;
  exports += 1;
  const out = join(folder, `export-${exports}`);
  mkdirSync(out);
  const options = Object.entries({
    tenant: authority.tenantId,
    'client-id': clientId,
    authority: authority.url,
    out,
    ...wanted,
  }).flatMap(([name, value]) => [`--${name}`, value]);
  const ended = await certgrant(['export', format, ...options, '--json'], folder);
  if (ended.code !== 0) throw new Error(`certgrant export ${format}: ${ended.stderr}`);
  return JSON.parse(ended.stdout).files[0].path;
}

/** The one line that a program printed: the access token, as its claims. */
export function tokenOf({ code, stdout, stderr }: Ended): Record<string, unknown> {
  if (code !== 0) throw new Error(`it ended with ${code}: ${stderr}`);
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]+\r?\n$/.exec(stdout)?.[1];
  if (payload === undefined) throw new Error(`it did not print a token alone: ${stdout.length} characters`);
  return JSON.parse(Buffer.from(payload, 'base64url').toString());
}

/** Which of these programs are not on the path, as a reason not to run a test; `undefined` when all are there. */
export function missingTools(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const missing = names.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  return missing.length === 0 ? undefined : `not installed: ${missing.join(', ')}`;
}
