import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll } from 'vitest';

const packageFolder = join(import.meta.dirname, '..', '..');

/** The command line as a file that Node runs, made for the tests of a file. */
export function bundledCommandLine(): { readonly bin: string; readonly folder: string } {
  // Where Node finds the binary of the database, which stays outside the bundle.
  const cache = join(packageFolder, '..', '..', 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'certgrant-bundle-'));
  const bin = join(folder, 'bin', 'certgrant.cjs');
  beforeAll(async () => {
    cpSync(join(packageFolder, 'bin'), dirname(bin), { recursive: true });
    await build({
      entryPoints: [join(packageFolder, 'src', 'main.ts')],
      outfile: join(folder, 'dist', 'main.cjs'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      conditions: ['@certgrant/source'],
      external: ['libsql', 'pkcs11js'],
      // As scripts/lib/bundle-cli.mjs makes them.
      supported: { 'dynamic-import': false },
      banner: { js: '(function (exports, require, module) {' },
      footer: { js: '})' },
      logLevel: 'error',
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { bin, folder };
}
