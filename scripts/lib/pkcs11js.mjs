import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, readJson, writeWhole } from './files.mjs';
import { findProgram, runNpm } from './process.mjs';

/** The version that is tested. It stands outside the lock file: nobody should have to compile it who does not test it. */
const version = '2.1.7';
const folder = join(cacheFolder, 'pkcs11js');
const installed = join(folder, 'node_modules', 'pkcs11js');

/**
 * pkcs11js as the tests use it.
 *
 * @returns {{ folder: string, path: string | undefined, reason: string | undefined }} its `node_modules`, the package in
 * it, or why it is not to be had here
 */
export function pkcs11js() {
  const modules = join(folder, 'node_modules');
  if (isBuilt()) return { folder: modules, path: installed, reason: undefined };
  const reason = unavailable() ?? 'it was not built (npm run setup -- --tests)';
  return { folder: modules, path: undefined, reason: `pkcs11js: ${reason}` };
}

/** Installs and compiles it where that is possible, and says so where it is not. */
export async function installPkcs11js(say) {
  if (isBuilt()) return;
  const leaveOut = (reason, output = '') => {
    say(`pkcs11js: ${reason}; not run: keys on PKCS#11 tokens`);
    if (output) say(output.trim());
  };
  const reason = unavailable();
  if (reason !== undefined) return leaveOut(reason);
  say("npm install: fetching pkcs11js from the npm registry or npm's cache, and compiling it");
  writeWhole(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { pkcs11js: version } }));
  const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const install = await runNpm(['install', '--ignore-scripts', ...quiet], { cwd: folder });
  if (install.code !== 0) return leaveOut('npm could not install it', install.output);
  const rebuild = await runNpm(['rebuild', 'pkcs11js', '--loglevel=error'], { cwd: folder, env: withHeaders() });
  if (!isBuilt()) leaveOut('it does not compile here', rebuild.output);
}

function isBuilt() {
  const isThere = existsSync(join(installed, 'build', 'Release', 'pkcs11.node'));
  return isThere && readJson(join(installed, 'package.json'))?.version === version;
}

function unavailable() {
  if (findProgram('make') === undefined) return 'there is no make to compile it with';
  if (['c++', 'g++', 'clang++'].every((name) => findProgram(name) === undefined)) return 'there is no C++ compiler';
  if (['python3', 'python'].every((name) => findProgram(name) === undefined)) return 'node-gyp needs Python';
  return undefined;
}

/** node-gyp fetches Node's headers from nodejs.org, unless it is told where they are. */
function withHeaders() {
  const nodeFolder = dirname(dirname(process.execPath));
  return headersVersion(nodeFolder) === process.versions.node
    ? { ...process.env, npm_config_nodedir: nodeFolder }
    : process.env;
}

function headersVersion(nodeFolder) {
  try {
    const header = readFileSync(join(nodeFolder, 'include', 'node', 'node_version.h'), 'utf8');
    return ['MAJOR', 'MINOR', 'PATCH']
      .map((part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(header)?.[1])
      .join('.');
  } catch {
    return undefined;
  }
}
