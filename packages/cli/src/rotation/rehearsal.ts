import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Authority, startAuthority } from '@certgrant/authority';
import { utf8 } from '@certgrant/core';
import { createFetch } from '@certgrant/core/node';
import type { Io } from '../io.ts';
import { narrator, rotationJson } from '../output/rotation.ts';
import { twoColumns } from '../output/text.ts';
import { type RotationOrder, startOf } from './order.ts';
import { rotationServer } from './rotation-server.ts';
import { runRotation } from './run-rotation.ts';
import { siblingOf } from './state-file.ts';

/** How long the local authority takes to spread a key, and the overlap there: seconds in place of minutes and hours. */
const rehearsed = { propagation: 3, overlap: 1 };

/**
 * Goes through a rotation against a local authority that has an application of the same id, with a copy of the key file in a folder of
 * its own. The real file, application and hook are not touched.
 */
export async function rehearse(order: RotationOrder, json: boolean, io: Io): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-rehearsal-'));
  const opened: (() => Promise<void>)[] = [];
  try {
    const authority = await startAuthority({ ...tenantOf(order), keyPropagationDelay: rehearsed.propagation });
    opened.push(() => authority.close());
    io.warn(`this is a rehearsal at ${authority.url}: nothing real is touched, the hook is not run, times are short`);
    const copied = copyOf(order, folder);
    const { current } = await startOf({ ...copied, within: undefined }, io);
    const { certificate } = current.credential;
    const { clientId } = order.who;
    const { objectId, keyId } = await authority.register({
      appId: clientId,
      displayName: certificate.subject,
      certificate,
    });
    const who = { ...order.who, authority: authority.url, graphUrl: authority.graphUrl };
    const settings = { ...order.settings, objectId, keyId, hook: undefined, overlap: rehearsed.overlap * 1000 };
    const { state } = await startOf({ ...copied, who, settings, within: undefined }, io);
    if (state === undefined) throw new Error('a rotation without --within is always due');
    const platform = { ...io.platform, fetch: createFetch({ ca: [utf8(authority.ca)], env: {} }) };
    const server = rotationServer({ ...who, platform, deadline: undefined, signal: io.signal });
    const tell = narrator(json, io);
    const run = { state, settings, format: order.format, source: order.source, server, tell };
    const { state: ended } = await runRotation(run, io);
    if (json) {
      io.stdout.write(`${JSON.stringify({ ...rotationJson(ended, 'finished'), rehearsed: true })}\n`);
    } else {
      io.stdout.write(`${signInLines(authority)}\nRehearsed: every step went through.\n`);
    }
  } finally {
    for (const close of opened) await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same tenant: by its id, or as the domain of one that has another id. */
function tenantOf({ who: { tenant } }: RotationOrder): { readonly tenantId?: string; readonly domain?: string } {
  return /^[0-9a-f-]{36}$/i.test(tenant) ? { tenantId: tenant.toLowerCase() } : { domain: tenant };
}

function copyOf(order: RotationOrder, folder: string): RotationOrder {
  const current = join(folder, basename(order.files.current));
  copyFileSync(order.files.current, current);
  const files = { current, next: siblingOf(current, 'next'), previous: siblingOf(current, 'previous') };
  return { ...order, files };
}

/** What the authority saw: which certificate asked when, and what it was told. */
function signInLines(authority: Authority): string {
  const rows = authority
    .signIns()
    .map(
      ({ time, thumbprint, outcome, code }) =>
        [time, `${thumbprint ?? 'unknown certificate'} ${code ?? outcome}`] as const,
    );
  return `Sign-ins at the local authority\n${twoColumns(rows, Number.POSITIVE_INFINITY)}\n`;
}
