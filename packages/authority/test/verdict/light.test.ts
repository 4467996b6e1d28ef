import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('@certgrant/authority/checks bundles for a page, and brings nothing of a server', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/checks.ts', import.meta.url))],
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
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.some((name) => name.endsWith('checks/audience.ts'))).toBe(true);
  expect(
    inputs.filter((name) => /hono|kysely|libsql|authority\/src\/(http|store|endpoints|tls|tokens)\//.test(name)),
  ).toEqual([]);
});
