/**
 * Fills the command line's code cache: runs the commands that scripts call in loops once, each in a process of its
 * own, and keeps what V8 has compiled by then.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './files.mjs';
import { run } from './process.mjs';

const program = join(root, 'packages', 'cli', 'bin', 'certgrant.cjs');

const recorder = `
  const { writeFileSync } = require('node:fs');
  const { main, loaded, cacheFolder } = require(${JSON.stringify(program)});
  main(process.argv.slice(1)).then(() => {
    for (const [name, { script }] of loaded) writeFileSync(cacheFolder + name + '.bin', script.createCachedData());
  });
`;

export async function makeCodeCache() {
  const { createRequire } = await import('node:module');
  const { cacheFolder } = createRequire(import.meta.url)(program);
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-build-'));
  const pem = join(folder, 'daemon.pem');
  const common = ['--tenant', 'contoso.example', '--client-id', '00000000-0000-0000-0000-000000000001', '--cert', pem];
  try {
    mkdirSync(cacheFolder, { recursive: true });
    await run(process.execPath, [program, 'cert', 'create', '--subject', 'CN=daemon', '--out', pem]);
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
