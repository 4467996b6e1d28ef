import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

/** The sources that an entry loads at once, through any number of chunks, and their weight as a browser gets them. */
async function loadedBy(entry: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../../src/${entry}`, import.meta.url))],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    outdir: 'unwritten',
    conditions: ['@certgrant/source'],
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const outputs = new Map(Object.entries(metafile.outputs));
  const reached = new Set<string>();
  const reach = (name: string): void => {
    if (reached.has(name)) return;
    reached.add(name);
    for (const { path, kind } of outputs.get(name)?.imports ?? []) if (kind === 'import-statement') reach(path);
  };
  reach([...outputs].find(([, { entryPoint }]) => entryPoint?.endsWith(`/${entry}`))?.[0] ?? '');
  return [...reached].flatMap((name) => Object.keys(outputs.get(name)?.inputs ?? {}));
}

it.each(['index.ts', 'token/token-client.ts', 'diagnosis/explain.ts'])(
  '%s loads the catalogue of errors only when something is to be explained',
  async (entry) => {
    const loaded = await loadedBy(entry);
    expect(loaded.some((name) => name.endsWith(`/src/${entry}`))).toBe(true);
    expect(loaded.filter((name) => /catalogue|explain-|judge|find-errors/.test(name))).toEqual([]);
  },
);

it('what explains is small enough for a page, and needs nothing of Node', async () => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/diagnosis/explainer.ts', import.meta.url))],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['@certgrant/source'],
    write: false,
    logLevel: 'silent',
  });
  const whole = outputFiles.map(({ text }) => text).join('');
  expect(gzipSync(whole).length).toBeLessThan(40_000);
});
