/** `npm run demo`: sets up what is missing, then runs `certgrant demo` with the arguments given. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './lib/files.mjs';
import { requireNode } from './lib/node-version.mjs';

requireNode();
const { setUp, succeeds } = await import('./lib/setup-steps.mjs');

if (await succeeds(setUp, (line) => console.error(`setup: ${line}`))) {
  const cli = join(root, 'packages', 'cli', 'bin', 'certgrant.cjs');
  const child = spawn(process.execPath, [cli, 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C in a terminal reaches the child by itself; a signal to this process alone is passed on.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('close', (code) => {
    process.exitCode = code ?? 1;
  });
}
