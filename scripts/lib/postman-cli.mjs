import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, readJson, writeWhole } from './files.mjs';
import { runNpm } from './process.mjs';

/** The version that is tested. It stands outside the lock file: its binary has 240 MB, and only the tests run it. */
const version = '1.34.0';
const folder = join(cacheFolder, 'postman-cli');
const modules = join(folder, 'node_modules');
const systems = { linux: 'linux', darwin: 'macos', win32: 'windows' };

/**
 * The Postman CLI as the tests use it.
 *
 * @returns {{ path: string | undefined, reason: string | undefined }} the script that starts it, or why it is not to be
 * had here
 */
export function postmanCli() {
  if (isInstalled()) return { path: join(modules, 'postman-cli', 'bin', 'postman.js'), reason: undefined };
  const reason = 'it was not installed, or there is no binary for this system (npm run setup -- --tests)';
  return { path: undefined, reason: `the Postman CLI: ${reason}` };
}

/** Fetches it where there is a binary for this system. */
export async function installPostmanCli(say) {
  if (isInstalled()) return;
  say("npm install: fetching the Postman CLI from the npm registry or npm's cache");
  writeWhole(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: { 'postman-cli': version } }));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  const { code, output } = await runNpm(['install', ...quiet], { cwd: folder });
  if (code === 0 && isInstalled()) return;
  say('postman-cli: npm could not install it, or has no binary for this system; not run: exports in the Postman CLI');
  if (code !== 0) say(output.trim());
}

function isInstalled() {
  const binary = `pm-bin-${systems[process.platform]}-${process.arch}`;
  return (
    existsSync(join(modules, '@postman', binary)) &&
    readJson(join(modules, 'postman-cli', 'package.json'))?.version === version
  );
}
