/**
 * `npm run fuzz [-- --seconds N] [--target pfx|pem|der] [--seed N] [--state FOLDER]`: fuzzing of the key file and
 * certificate readers, guided by the code that an input reaches (test/fuzz). Every target gets its share of the time, a
 * minute in all unless told otherwise. Exit code 1: something was found, and the line before says in which file it is.
 *
 * The engine is our own: `@jazzer.js/core` 4 brings a binary that needs a newer C library than Debian 12 has, and the
 * releases before it download theirs when they are installed.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder, root } from './lib/files.mjs';
import { requireNode } from './lib/node-version.mjs';

requireNode();
const { installDependencies, succeeds } = await import('./lib/setup-steps.mjs');

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    target: { type: 'string', multiple: true, default: ['pfx', 'pem', 'der'] },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    seeds: { type: 'string', multiple: true, default: [join(root, 'test', 'keyfiles')] },
    state: { type: 'string', default: join(cacheFolder, 'fuzz') },
  },
});

if (await succeeds(installDependencies, (line) => console.error(`setup: ${line}`))) {
  const { bundleFuzzer } = await import('./lib/fuzz-bundle.mjs');
  const bundle = join(values.state, 'fuzzer.mjs');
  const blocks = await bundleFuzzer(bundle);
  for (const target of values.target) {
    const seconds = Number(values.seconds) / values.target.length;
    const settings = { target, seconds, seed: Number(values.seed), blocks };
    const argument = JSON.stringify({ ...settings, seedFolders: values.seeds, stateFolder: values.state });
    const code = await run(process.execPath, [bundle, argument]);
    if (code !== 0) process.exitCode = 1;
  }
}

function run(command, args) {
  const child = spawn(command, args, { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}
