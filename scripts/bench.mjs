// npm run bench [-- --only NAME] [--json]: measures certgrant beside its peers, in one run (bench/src/main.ts).
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { requireNode } from './lib/node-version.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = fileURLToPath(new URL('../bench/dist', import.meta.url));

requireNode();
const { setUp, succeeds } = await import('./lib/setup-steps.mjs');

// What is measured is what users install: the built packages, not their sources.
if (!(await succeeds(setUp, (line) => console.error(`setup: ${line}`)))) process.exit(1);

const { build: bundle } = await import('esbuild');
rmSync(output, { recursive: true, force: true });
await bundle({
  absWorkingDir: root,
  // Each of these is a process of its own.
  entryPoints: readdirSync(fileURLToPath(new URL('../bench/src', import.meta.url)))
    .filter((name) => /^main\.ts$|-(child|worker)\.ts$/.test(name))
    .map((name) => `bench/src/${name}`),
  outdir: output,
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
});

// Reading the system's CA bundle costs every Node process 40 ms, whatever it runs.
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
const run = spawnSync(process.execPath, ['--expose-gc', `${output}/main.js`, ...process.argv.slice(2)], {
  env,
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
