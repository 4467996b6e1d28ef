import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Finding } from './report.ts';

const page = `
  import { createClientAssertion, loadCredential } from '@certgrant/core';
  export async function assertionOf(pfx, password, options) {
    return createClientAssertion({ credential: await loadCredential(pfx, { password }), ...options });
  }`;

/** What a page loads to make an assertion from a PFX. */
export async function benchBrowserBundle(): Promise<Finding> {
  const chunks = await bundle(page);
  const atOnce = withImports(chunks, 'page.js');
  const pfx = withImports(chunks, '/keyfile/pfx.js');
  const many = withImports(chunks, '/hashing/hash-loop.js');
  const needed = new Set([...atOnce, ...pfx, ...many]);
  const without = (loaded: ReadonlySet<Chunk>, before: ReadonlySet<Chunk>): readonly Chunk[] =>
    [...loaded].filter((chunk) => !before.has(chunk));
  const parts: readonly (readonly [string, readonly Chunk[]])[] = [
    ['the page itself, every credential', [...atOnce]],
    ['for a PFX, with modern or old encryption', without(pfx, atOnce)],
    ['the hash loop for many iterations', without(many, new Set([...atOnce, ...pfx]))],
    ['all of these', [...needed]],
    ['what other files and functions load, if used', without(new Set(chunks), needed)],
    ['node-forge alone', await bundle(`export { default } from 'node-forge';`)],
  ];
  return {
    title: 'PFX to assertion in a browser: size of the bundle',
    columns: ['', 'kB minified', 'kB gzip'],
    rows: parts.map(([name, loaded]) => [name, sum(loaded, 'minified'), sum(loaded, 'gzip')]),
    goals: [
      { name: 'PFX to assertion (kB of gzip)', measured: sum([...needed], 'gzip'), relation: 'at most', goal: 25 },
    ],
    notes: [
      'Bundled by esbuild with a file for each import(), minified; kB are 1,000 octets, each file compressed by itself.',
    ],
  };
}

interface Chunk {
  readonly path: string;
  /** The source that the chunk was made for; none where several share it. */
  readonly entryPoint: string;
  /** What it loads at once. */
  readonly imports: readonly string[];
  readonly minified: number;
  readonly gzip: number;
}

function sum(chunks: readonly Chunk[], size: 'minified' | 'gzip'): number {
  return chunks.reduce((total, chunk) => total + chunk[size], 0) / 1000;
}

/** The chunk made for this source, and every chunk that it imports. */
function withImports(chunks: readonly Chunk[], source: string): ReadonlySet<Chunk> {
  const start = chunks.find(({ entryPoint }) => entryPoint.endsWith(source));
  if (start === undefined) throw new Error(`bench: no chunk of the bundle was made for ${source}`);
  const loaded = new Set<Chunk>();
  const load = (chunk: Chunk | undefined): void => {
    if (chunk === undefined || loaded.has(chunk)) return;
    loaded.add(chunk);
    for (const path of chunk.imports) load(chunks.find((other) => other.path === path));
  };
  load(start);
  return loaded;
}

async function bundle(contents: string): Promise<readonly Chunk[]> {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('../', import.meta.url)), sourcefile: 'page.js' },
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    outdir: 'unwritten',
    write: false,
    metafile: true,
    legalComments: 'none',
    logLevel: 'error',
  });
  return Object.entries(metafile.outputs).map(([path, { entryPoint = '', imports }]) => {
    const code = outputFiles.find((file) => file.path.endsWith(path))?.contents ?? new Uint8Array();
    return {
      path,
      entryPoint,
      imports: imports.filter(({ kind }) => kind === 'import-statement').map((imported) => imported.path),
      minified: code.length,
      gzip: gzipSync(code, { level: 9 }).length,
    };
  });
}
