import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A program over the sources of this package, as one file that Node runs. */
export interface Program {
  readonly file: string;
  remove(): void;
}

const source = join(import.meta.dirname, '..', '..', 'src');

/** @param code a module; `authority` stands for this package */
export async function program(code: string): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-program-'));
  const file = join(folder, 'program.mjs');
  await build({
    stdin: { contents: code.replaceAll("'authority'", JSON.stringify(join(source, 'index.ts'))), resolveDir: source },
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@certgrant/source'],
    external: ['libsql', 'pkcs11js'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'error',
  });
  return { file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
