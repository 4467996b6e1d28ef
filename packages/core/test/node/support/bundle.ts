import { randomUUID } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));

/** Makes a program of some lines that import our sources, so that a test can run them in a process of their own. */
export function bundle(code: string, folder: string): string {
  const outfile = join(folder, `${randomUUID()}.cjs`);
  buildSync({
    stdin: { contents: code, resolveDir: here, loader: 'ts' },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    conditions: ['@certgrant/source'],
  });
  chmodSync(outfile, 0o644);
  return outfile;
}
