import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Finding } from './report.ts';

const page = `
  import { createClientAssertion, loadCredential } from '@certgrant/core';
  export async function assertionOf(pfx, password, options) {
    return createClientAssertion({ credential: await loadCredential(pfx, { password }), ...options });
  }`;

/** What core loads with `import()` for a PFX as tools write it today, with any number of iterations. */
const ofModern = ['pfx', 'encrypted-private-key', 'unwrapped-private-key', 'hash-loop'];
/** What one with RC2, DES, PBES1 or SHA-512 needs besides. */
const ofOld = ['pbes1', 'des', 'rc2', 'block-cipher', 'sha512'];

interface Size {
  /** In octets. */
  readonly minified: number;
  /** In octets. */
  readonly gzip: number;
}

/** What a page loads to make an assertion from a PFX. */
export async function benchBrowserBundle(): Promise<Finding> {
  const modern = await sizeOf(page, ofModern);
  const rows: readonly (readonly [string, Size])[] = [
    ['before there is a file', await sizeOf(page, [])],
    ['with a PFX as tools write it today', modern],
    ['with an old PFX too', await sizeOf(page, [...ofModern, ...ofOld])],
    ['node-forge alone', await sizeOf(`export { default } from 'node-forge';`, [])],
  ];
  return {
    title: 'PFX to assertion in a browser: size of the bundle',
    columns: ['', 'kB minified', 'kB gzip'],
    rows: rows.map(([name, { minified, gzip }]) => [name, minified / 1000, gzip / 1000]),
    goals: [{ name: 'PFX to assertion (kB of gzip)', measured: modern.gzip / 1000, relation: 'at most', goal: 25 }],
    notes: [
      'Bundled by esbuild into one file, minified; kB are 1,000 octets. What core loads with import() is part of it where the row needs it, and left outside where other files do.',
    ],
  };
}

/** @param inlined the modules, of those that are loaded with `import()`, that become part of the bundle */
async function sizeOf(contents: string, inlined: readonly string[]): Promise<Size> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../', import.meta.url)), sourcefile: 'page.js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    legalComments: 'none',
    logLevel: 'error',
    plugins: [
      {
        name: 'what is loaded later',
        setup: ({ onResolve }) => {
          onResolve({ filter: /.*/ }, ({ kind, path }) =>
            kind === 'dynamic-import' && !inlined.some((name) => path.endsWith(`/${name}.js`))
              ? { path, external: true }
              : undefined,
          );
        },
      },
    ],
  });
  const bundle = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: bundle.length, gzip: gzipSync(bundle, { level: 9 }).length };
}
