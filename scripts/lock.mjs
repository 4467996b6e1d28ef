/**
 * Completes package-lock.json after `npm install`.
 *
 * Tools that ship a binary list one optional package for each platform. npm leaves out of the lock file those that the
 * registry it asked does not carry, and `npm ci` then refuses the lock file as out of step, on every platform. This adds
 * an entry for each, with the platform read from its name, so that `npm ci` skips it where it does not belong.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const processors = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el', 'wasm32'];

/** The `optionalDependencies` in a lock file that have no entry of their own, as `{ name, version, dev }`. */
export function missingPlatforms(lock) {
  const missing = new Map();
  for (const [path, entry] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (resolved(lock, path, name) === undefined) missing.set(name, { name, version, dev: entry.dev === true });
    }
  }
  return [...missing.values()];
}

/** Node's own look-up: beside the package that asks, then in each folder above. */
function resolved(lock, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))) {
    const entry = lock.packages[folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`];
    if (entry !== undefined || folder === '') return entry;
  }
}

/** What a platform package's name says of where it belongs: `@rollup/rollup-linux-x64-musl`. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined) throw new Error(`read the platform of ${name}: its name does not tell`);
  const libc = words.includes('musl') ? 'musl' : os === 'linux' && words.includes('gnu') ? 'glibc' : undefined;
  return { cpu: [cpu], ...(libc && { libc: [libc] }), os: [os] };
}

function complete(lock) {
  const missing = missingPlatforms(lock);
  for (const { name, version, dev } of missing) {
    if (!/^\d+\.\d+\.\d+/.test(version)) continue;
    const { cpu, libc, os } = platformOf(name);
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu,
      ...(dev && { dev }),
      ...(libc && { libc }),
      optional: true,
      os,
    };
  }
  const [[root, rootEntry], ...others] = Object.entries(lock.packages);
  others.sort(([left], [right]) => left.localeCompare(right, 'en'));
  lock.packages = Object.fromEntries([[root, rootEntry], ...others]);
  return missing.length;
}

if (process.argv[1] === import.meta.filename) {
  const path = new URL('../package-lock.json', import.meta.url);
  const lock = JSON.parse(readFileSync(path, 'utf8'));
  const added = complete(lock);
  if (added > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(added === 0 ? 'package-lock.json is complete' : `package-lock.json: ${added} platform packages added`);
}
