#!/usr/bin/env node
// CommonJS on purpose: loading Node's ESM machinery costs 4 of the 22 ms of `node -e 0`, and this is a command that
// scripts call in loops. For the same reason the bundled files are loaded here and not by `require`, which could not
// take V8's code cache: compiling what every run uses costs as much again as half of Node's own start.
'use strict';
const { readFileSync } = require('node:fs');
const { Script } = require('node:vm');

const dist = `${__dirname}/../dist/`;

/**
 * Where the build keeps V8's code cache of the bundled files: beside the code, so that whoever may change the one may
 * change the other and nobody else may. It holds for one version of Node on one kind of processor.
 */
const cacheFolder = `${dist}code-cache/${process.version}-${process.arch}/`;

/** The files that have been loaded, by name, each with its script. */
const loaded = new Map();

/** The bundled files ask for each other by `./name.cjs`, for the rest as any module does. */
function load(id) {
  if (!id.startsWith('./')) return require(id);
  const name = id.slice(2);
  const known = loaded.get(name);
  if (known !== undefined) return known.module.exports;
  const filename = dist + name;
  const script = new Script(readFileSync(filename, 'utf8'), { filename, cachedData: readCache(name) });
  const module = { exports: {} };
  loaded.set(name, { module, script });
  script.runInThisContext().call(module.exports, module.exports, load, module);
  return module.exports;
}

function readCache(name) {
  try {
    return readFileSync(`${cacheFolder}${name}.bin`);
  } catch {
    return undefined;
  }
}

/** @returns {Promise<number>} the exit code, when the command has ended */
function main(argv) {
  const { processIo, run } = load('./main.cjs');
  return run(argv, processIo());
}

if (require.main === module) {
  // All output has been written by then, and nothing is left to wait for: Node need not take itself apart.
  main(process.argv.slice(2)).then((code) => process.exit(code));
} else {
  // For the build, which writes what a run has compiled into the code cache.
  module.exports = { main, loaded, cacheFolder };
}
