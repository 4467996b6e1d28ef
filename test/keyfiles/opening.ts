import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { Job, Outcome } from './opener.ts';

const execute = promisify(execFile);

/** What a file may take beside its key derivations. */
export const limits = { milliseconds: 2_000, megabytes: 256 };

/** Bundles the opener over core's sources into `folder`. */
export async function bundleOpener(folder: string): Promise<string> {
  const outfile = join(folder, 'opener.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'opener.ts')],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@certgrant/source'],
    logLevel: 'warning',
  });
  return outfile;
}

/** Opens the files one after the other in one new process. */
export async function openAll(opener: string, jobs: readonly Job[]): Promise<readonly Outcome[]> {
  const list = `${opener}.${jobs.length}.json`;
  writeFileSync(list, JSON.stringify(jobs));
  const { stdout } = await execute(process.execPath, [opener, list], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Outcome[];
}
