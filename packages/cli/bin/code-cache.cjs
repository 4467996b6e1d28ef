'use strict';
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { Script } = require('node:vm');

const dist = join(__dirname, '..', 'dist');

/**
 * Where the build keeps V8's code cache of a bundled file: beside the code, so that whoever may change the one may
 * change the other and nobody else may. It holds for one version of Node on one kind of processor.
 */
function cacheFile(name) {
  return join(dist, 'code-cache', `${process.version}-${process.arch}`, `${name}.bin`);
}

const loaded = new Map();

/**
 * Loads a bundled file with its code cache: compiling the functions that every run uses costs a command like
 * `certgrant assertion` a third of what `node -e 0` costs. `undefined` where there is no cache for this Node.
 */
function loadCached(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.module.exports;
  const cachedData = readCache(name);
  if (cachedData === undefined) return undefined;
  return evaluate(name, cachedData);
}

function evaluate(name, cachedData) {
  const filename = join(dist, name);
  const source = `(function (exports, require, module) {${readFileSync(filename, 'latin1')}\n})`;
  const script = new Script(source, { filename, cachedData });
  const module = { exports: {} };
  loaded.set(name, { script, module });
  script.runInThisContext().call(module.exports, module.exports, requireFor(cachedData), module);
  return module.exports;
}

/** The bundled files ask for each other by `./name.cjs`, for the rest as any module does. */
function requireFor(cachedData) {
  const bundleRequire = require('node:module').createRequire(join(dist, 'main.cjs'));
  return (id) => {
    if (!id.startsWith('./')) return bundleRequire(id);
    const name = id.slice(2);
    return loadCached(name) ?? (cachedData === undefined ? evaluate(name) : bundleRequire(id));
  };
}

function readCache(name) {
  try {
    return readFileSync(cacheFile(name));
  } catch {
    return undefined;
  }
}

/** For the build: loads without a cache, and after a run writes what the run has compiled. */
const making = {
  load: (name) => evaluate(name, undefined),
  write() {
    for (const [name, { script }] of loaded) writeFileSync(cacheFile(name), script.createCachedData());
  },
  folder: join(cacheFile('x'), '..'),
};

module.exports = { loadCached, making };
