/**
 * Fills the command line's code cache: runs the commands that scripts call in loops once, each in a process of its
 * own, and keeps what V8 has compiled by then.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './files.mjs';
import { run } from './process.mjs';

const bin = join(root, 'packages', 'cli', 'bin');

const recorder = `
  const { making } = require(${JSON.stringify(join(bin, 'code-cache.cjs'))});
  const { processIo, run } = making.load('main.cjs');
  run(process.argv.slice(1), processIo()).then(() => making.write());
`;

export async function makeCodeCache() {
  const { createRequire } = await import('node:module');
  const { making } = createRequire(import.meta.url)(join(bin, 'code-cache.cjs'));
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-build-'));
  const pem = join(folder, 'daemon.pem');
  const common = ['--tenant', 'contoso.example', '--client-id', '00000000-0000-0000-0000-000000000001', '--cert', pem];
  try {
    mkdirSync(making.folder, { recursive: true });
    await run(process.execPath, [join(bin, 'certgrant.cjs'), 'cert', 'create', '--subject', 'CN=daemon', '--out', pem]);
    // Nothing listens on the discard port: the request fails, and what comes before it has been compiled.
    const nowhere = ['--authority', 'https://127.0.0.1:9', '--timeout', '1', '--scope', 'https://api.example/.default'];
    await record(['token', ...common, ...nowhere], folder);
    await record(['assertion', ...common], folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function record(args, folder) {
  const env = { ...process.env, XDG_CACHE_HOME: folder };
  return run(process.execPath, ['-e', recorder, '--', ...args], { env });
}
