import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './files.mjs';

/**
 * Runs a program to its end and keeps what it writes: stdout alone, and with stderr in the order in which they came.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ code: number, stdout: string, output: string }>} code 127 when the program is not there
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const all = [];
    const stdout = [];
    child.stdout.on('data', (chunk) => all.push(chunk) && stdout.push(chunk));
    child.stderr.on('data', (chunk) => all.push(chunk));
    const end = (code, note = '') =>
      resolve({ code, stdout: Buffer.concat(stdout).toString(), output: Buffer.concat(all).toString() + note });
    child.on('error', (error) => end(127, error.message));
    child.on('close', (code, signal) => end(code ?? 128, signal ? `\n${command} was ended by ${signal}` : ''));
  });
}

/** Runs a tool of `node_modules` by the path of its script, with this Node. */
export function runTool(script, args, options) {
  return run(process.execPath, [join(root, 'node_modules', script), ...args], options);
}

/** Runs npm: the one that runs this script if there is one, else the one on the path. */
export function runNpm(args, options) {
  const script = process.env.npm_execpath;
  if (script?.endsWith('npm-cli.js')) return run(process.execPath, [script, ...args], options);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
    shell: process.platform === 'win32',
    ...options,
  });
}

/** The full path of a program on the path, or `undefined`. */
export function findProgram(name) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {}
  }
  return undefined;
}
