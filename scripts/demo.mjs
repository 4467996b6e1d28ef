/** `npm run demo`: sets up what is missing, then runs `certgrant demo` with the arguments given. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './lib/files.mjs';
import { requireNode } from './lib/node-version.mjs';

requireNode();
const { SetupError, setUp } = await import('./lib/setup-steps.mjs');

try {
  await setUp((line) => console.error(`setup: ${line}`));
  const cli = join(root, 'packages', 'cli', 'bin', 'certgrant.cjs');
  const child = spawn(process.execPath, [cli, 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child too, which cleans up and ends; this process waits for it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('close', (code) => {
    process.exitCode = code ?? 1;
  });
} catch (thrown) {
  if (!(thrown instanceof SetupError)) throw thrown;
  if (thrown.output) console.error(thrown.output.trimEnd());
  console.error(`error: ${thrown.message}\nhint: ${thrown.fix}`);
  process.exitCode = 1;
}
