import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BuildError, build } from '../build.mjs';
import { cacheFolder, readJson, root, writeWhole } from './files.mjs';
import { installPkcs11js } from './pkcs11js.mjs';
import { installPostmanCli } from './postman-cli.mjs';
import { findProgram, run, runNpm } from './process.mjs';
import { installRuntimes } from './runtimes.mjs';

/** A step of the set-up that failed: what was tried, why, what to do, and what the program behind it said. */
export class SetupError extends Error {
  constructor(message, fix, output = '') {
    super(message);
    this.fix = fix;
    this.output = output;
  }
}

/** Brings `node_modules` in line with package-lock.json and builds, where that has not been done already. */
export async function setUp(say) {
  await installDependencies(say);
  await buildAll(say);
}

/** What the tests need beyond that. What cannot be had here is said and left out; the tests that need it say so too. */
export async function setUpForTests(say) {
  await setUp(say);
  await installDebianPackages(say);
  await installPkcs11js(say);
  await installRuntimes(say);
  await installPostmanCli(say);
}

async function buildAll(say) {
  try {
    if (await build()) say('build: done');
  } catch (thrown) {
    if (!(thrown instanceof BuildError)) throw thrown;
    throw new SetupError('build: the code does not compile', 'Mend what the compiler names', thrown.message);
  }
}

/** Runs steps of the set-up; when one fails, says so on stderr and resolves to `false`. */
export async function succeeds(steps, say) {
  try {
    await steps(say);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof SetupError)) throw thrown;
    if (thrown.output) console.error(thrown.output.trimEnd());
    console.error(`error: ${thrown.message}\nhint: ${thrown.fix}`);
    process.exitCode = 1;
    return false;
  }
}

const lockFile = join(root, 'package-lock.json');
const installStamp = join(cacheFolder, 'install.json');
const thisNode = { modules: process.versions.modules, platform: process.platform, arch: process.arch };

export async function installDependencies(say) {
  if (dependenciesAreInstalled()) return;
  const count = Object.values(readJson(lockFile).packages).filter((entry) => entry.integrity).length;
  say(`npm ci: fetching the ${count} packages of package-lock.json from the npm registry or npm's cache`);
  // No package needs its install script, and the build comes as a step of its own.
  const { code, output } = await runNpm(['ci', '--ignore-scripts', '--loglevel=error']);
  if (code === 127) throw new SetupError('npm ci: there is no npm on the path', 'Install npm, which comes with Node');
  if (code !== 0) throw npmError('npm ci', output);
  writeWhole(installStamp, JSON.stringify(thisNode));
}

/**
 * npm writes down in `node_modules/.package-lock.json` what it has installed. That is compared with package-lock.json
 * instead of a stamp of our own, so that `npm ci` and `npm install` by hand count as well.
 */
function dependenciesAreInstalled() {
  const wanted = readJson(lockFile)?.packages;
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (wanted === undefined) throw new SetupError('read package-lock.json: it cannot be read', 'Restore it from git');
  if (installed === undefined) return false;
  const stamp = readJson(installStamp);
  if (stamp !== undefined && JSON.stringify(stamp) !== JSON.stringify(thisNode)) return false;
  const same = Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true;
    const found = installed[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
  if (same && stamp === undefined) writeWhole(installStamp, JSON.stringify(thisNode));
  return same;
}

/** npm's failure in one sentence of our own, with npm's words below it. */
function npmError(action, output) {
  const code = /npm (?:error|ERR!) code (\S+)/.exec(output)?.[1];
  if (['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'ERR_SOCKET_TIMEOUT'].includes(code)) {
    return new SetupError(
      `${action}: the npm registry cannot be reached (${code})`,
      'Check the network and the registry that `npm config get registry` names, then run this again',
      output,
    );
  }
  if (code === 'EUSAGE') {
    return new SetupError(
      `${action}: package-lock.json does not fit the package.json files`,
      'Run `npm install` and then `npm run lock`',
      output,
    );
  }
  return new SetupError(`${action}: npm failed${code ? ` with ${code}` : ''}`, 'See what npm says', output);
}

/** Debian packages that tests use, and the path whose presence shows that they are there. */
const debianPackages = [
  { name: 'openssl', present: () => findProgram('openssl') !== undefined, for: 'key files and signatures by OpenSSL' },
  { name: 'gnutls-bin', present: () => findProgram('certtool') !== undefined, for: 'key files read by GnuTLS' },
  { name: 'libnss3-tools', present: () => findProgram('pk12util') !== undefined, for: 'key files read by NSS' },
  { name: 'curl', present: () => findProgram('curl') !== undefined, for: 'the token request by curl' },
  { name: 'gcc', present: () => findProgram('gcc') !== undefined, for: 'the exported C program' },
  { name: 'libc6-dev', present: () => existsSync('/usr/include/stdio.h'), for: 'the exported C program' },
  {
    name: 'libcurl4-openssl-dev',
    present: () => findProgram('curl-config') !== undefined,
    for: 'the exported C program',
  },
  { name: 'libssl-dev', present: () => existsSync('/usr/include/openssl/evp.h'), for: 'the exported C program' },
  { name: 'chromium', present: () => findProgram('chromium') !== undefined, for: 'the browser tests' },
  { name: 'python3-msal', present: () => existsSync('/usr/lib/python3/dist-packages/msal'), for: 'MSAL for Python' },
  { name: 'gnutls-bin', present: () => findProgram('certtool') !== undefined, for: 'key files by GnuTLS' },
  { name: 'libnss3-tools', present: () => findProgram('pk12util') !== undefined, for: 'key files by NSS' },
  { name: 'softhsm2', present: () => findProgram('softhsm2-util') !== undefined, for: 'keys behind PKCS#11' },
  { name: 'default-jre-headless', present: () => findProgram('keytool') !== undefined, for: "Java's keytool" },
  {
    name: 'python3-azure',
    present: () => existsSync('/usr/lib/python3/dist-packages/azure/identity'),
    for: 'Azure Identity for Python',
  },
];

async function installDebianPackages(say) {
  const missing = debianPackages.filter(({ present }) => !present());
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  const leaveOut = (reason, output = '') => {
    for (const { name, for: purpose } of missing) say(`${name}: not installed (${reason}); not run: ${purpose}`);
    if (output) say(output.trim());
  };
  if (findProgram('apt-get') === undefined) return leaveOut('this machine has no apt-get');
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  if (prefix.length > 0 && (await run('sudo', ['-n', 'true'])).code !== 0) {
    return leaveOut(`neither root nor able to become root without a password: sudo apt-get install ${names.join(' ')}`);
  }
  say(`apt-get: fetching ${names.join(', ')} from Debian's mirrors`);
  const aptGet = (...args) => {
    const [command, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    return run(command, rest);
  };
  await aptGet('update', '-qq');
  const { code, output } = await aptGet('install', '-y', '-qq', '--no-install-recommends', ...names);
  if (code !== 0) leaveOut('apt-get install failed', output);
}
