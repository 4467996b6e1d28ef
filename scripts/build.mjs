/**
 * Builds everything that runs outside the tests: the libraries with `tsc -b`, the command line as one bundle.
 *
 * npm runs it as `prepare` after `npm ci`, so that `npx certgrant` works in a fresh clone. It does nothing when no
 * source has changed since the last build.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { bundleCommandLine } from './lib/bundle-cli.mjs';
import { makeCodeCache } from './lib/code-cache.mjs';
import { cacheFolder, filesBelow, fingerprint, readJson, root, writeWhole } from './lib/files.mjs';
import { runTool } from './lib/process.mjs';

const stampFile = join(cacheFolder, 'build.json');

/** @returns {Promise<boolean>} whether there was anything to build */
export async function build() {
  const sources = buildSources();
  const stamp = {
    settings: `${process.version} ${fingerprint(sources.settings)}`,
    sources: fingerprint(sources.typed),
    names: sources.typed,
  };
  const last = readJson(stampFile);
  const sameSettings = last?.settings === stamp.settings;
  if (sameSettings && last.sources === stamp.sources && outputs().every(existsSync)) return false;

  // The compiler builds on what it wrote before, and trusts it even where its settings have changed since.
  removeOutputs(sameSettings ? packagesOf(last.names.filter((name) => !stamp.names.includes(name))) : packages());
  const [types, bundle] = await Promise.allSettled([runTool('typescript/bin/tsc', ['-b']), bundleCommandLine()]);
  if (types.status === 'rejected') throw types.reason;
  if (types.value.code !== 0) throw new BuildError(types.value.output);
  if (bundle.status === 'rejected') throw bundle.reason;
  await makeCodeCache();
  writeWhole(stampFile, JSON.stringify(stamp));
  return true;
}

/** The code does not build; the message is the compiler's. */
export class BuildError extends Error {}

function packages() {
  return readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
}

function buildSources() {
  const typed = packages().flatMap((folder) => filesBelow(join(folder, 'src')));
  const settings = packages().flatMap((folder) => [join(folder, 'package.json'), join(folder, 'tsconfig.json')]);
  const shared = ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json'].map((name) => join(root, name));
  const scripts = [join(root, 'scripts', 'build.mjs'), ...filesBelow(join(root, 'scripts', 'lib'))];
  return { typed, settings: [...settings, ...shared, ...scripts].filter(existsSync) };
}

function outputs() {
  return [
    'packages/core/dist/index.js',
    'packages/core/dist/node/index.js',
    'packages/authority/dist/index.js',
    'packages/cli/dist/main.cjs',
  ].map((name) => join(root, name));
}

/** The packages that these files belong to: the compiler never removes what it wrote for a source that is gone. */
function packagesOf(files) {
  return packages().filter((folder) => files.some((file) => file.startsWith(folder + sep)));
}

function removeOutputs(folders) {
  for (const folder of folders) rmSync(join(folder, 'dist'), { recursive: true, force: true });
}

if (process.argv[1] === import.meta.filename) {
  const started = performance.now();
  try {
    const built = await build();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(built ? `build: done in ${seconds} s` : 'build: up to date');
  } catch (thrown) {
    console.error(thrown instanceof BuildError ? `build: the code does not compile:\n${thrown.message}` : thrown);
    process.exitCode = 1;
  }
}
