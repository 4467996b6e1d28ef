import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runtimes } from '../../scripts/lib/runtimes.mjs';
import { runProgram } from '../interop/support/program.ts';
import { makeMaterial } from '../portable/make-material.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const program = join(here, 'dist', 'program.mjs');
let folder: string;
let materialFile: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'certgrant-runtimes-'));
  materialFile = join(folder, 'material.json');
  writeFileSync(materialFile, JSON.stringify(makeMaterial(folder)));
  // Only the suite itself is bundled: each runtime finds the built library by its own rules.
  await build({
    entryPoints: [join(here, 'program.ts')],
    outfile: program,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(join(here, 'dist'), { recursive: true, force: true });
});

const permissions: Record<string, string[]> = {
  deno: ['run', '--quiet', '--no-lock', '--allow-read'],
};

// Reading a runtime's binary for the first time takes seconds.
it.for(runtimes())('the portable suite holds on $name', { timeout: 90_000 }, async ({ id, path, reason }, { skip }) => {
  if (path === undefined) return skip(reason);
  const { code, stdout, stderr } = await runProgram(path, [...(permissions[id] ?? []), program, materialFile]);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toContain('signs and verifies with PS256');
});
