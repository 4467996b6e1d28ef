import { existsSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { filesBelow, readJson, root, writeWhole } from './files.mjs';

const cli = join(root, 'packages', 'cli');
const dist = join(cli, 'dist');

/**
 * Bundles the command line into `packages/cli/dist`, from the sources of all packages.
 *
 * CommonJS, since Node starts it four milliseconds sooner than the same code as modules. What the code loads with
 * `import()` becomes a file of its own, loaded when a command first needs it, so a command parses only what it uses.
 * Such a file brings its own copy of what it shares with others: errors are told apart by `isCertgrantError` and their
 * `code`, never by `instanceof`.
 *
 * What packages/cli/package.json lists as its dependencies is not bundled: those are packages with a native binary.
 */
export async function bundleCommandLine() {
  const { build } = await import('esbuild');
  const chunks = new Chunks(Object.keys(readJson(join(cli, 'package.json')).dependencies ?? {}));
  chunks.nameFor(join(cli, 'src', 'main.ts'));
  const written = new Set();
  const bundled = new Set();
  for (let entryPoints = chunks.takeNew(); entryPoints.length > 0; entryPoints = chunks.takeNew()) {
    const result = await build({
      entryPoints,
      absWorkingDir: root,
      outdir: dist,
      outExtension: { '.js': '.cjs' },
      bundle: true,
      write: false,
      metafile: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      conditions: ['@certgrant/source'],
      charset: 'ascii',
      legalComments: 'none',
      // The shape in which packages/cli/bin/certgrant.cjs takes them: wrapping at run time would copy the text.
      banner: { js: '(function (exports, require, module) {' },
      footer: { js: '})' },
      minifyWhitespace: true,
      minifySyntax: true,
      logLevel: 'warning',
      supported: { 'dynamic-import': false },
      plugins: [chunks.plugin()],
    });
    for (const file of result.outputFiles) {
      writeIfChanged(file.path, file.contents);
      written.add(file.path);
    }
    for (const input of Object.keys(result.metafile.inputs)) bundled.add(input);
  }
  const notices = join(dist, 'third-party-licenses.txt');
  writeIfChanged(notices, Buffer.from(thirdPartyLicenses(bundled)));
  written.add(notices);
  for (const file of filesBelow(dist)) if (!written.has(file) && basename(file) !== '.tsbuildinfo') rmSync(file);
}

/** Finds what is loaded with `import()`, gives it a file's name and lets it stand outside the file that loads it. */
class Chunks {
  #names = new Map();
  #taken = new Set();
  #new = [];
  #external;

  constructor(external) {
    this.#external = external;
  }

  nameFor(path) {
    let name = this.#names.get(path);
    if (name === undefined) {
      name = [...candidateNames(path)].find((candidate) => !this.#taken.has(candidate));
      this.#names.set(path, name);
      this.#taken.add(name);
      this.#new.push({ in: path, out: name });
    }
    return name;
  }

  takeNew() {
    return this.#new.splice(0);
  }

  plugin() {
    const passed = Symbol('resolved by this plugin');
    return {
      name: 'dynamic imports to files',
      setup: (build) => {
        build.onResolve({ filter: /.*/ }, async ({ path, pluginData, ...args }) => {
          if (pluginData === passed) return undefined;
          if (this.#isExternal(path)) return { path, external: true };
          if (args.kind !== 'dynamic-import') return undefined;
          const found = await build.resolve(path, { ...args, pluginData: passed });
          if (found.errors.length > 0 || found.external) return found;
          return { path: `./${this.nameFor(found.path)}.cjs`, external: true };
        });
      },
    };
  }

  #isExternal(path) {
    return this.#external.some((name) => path === name || path.startsWith(`${name}/`));
  }
}

/** Readable names for a chunk, the best first: the file's or the package's own name, then with what stands above it. */
function* candidateNames(path) {
  const steps = relative(root, path)
    .replace(/\.[cm]?[jt]s$/, '')
    .split(sep);
  const isPackage = steps.includes('node_modules');
  const own = steps.filter((step) => !['packages', 'src', 'index', 'lib', 'dist', 'node_modules'].includes(step));
  if (isPackage) {
    const packageName = steps[steps.lastIndexOf('node_modules') + 1];
    yield packageName.startsWith('@') ? `${packageName.slice(1)}-${steps.at(-1)}` : packageName;
  }
  for (let length = 1; length <= own.length; length++) yield own.slice(-length).join('-');
}

function writeIfChanged(file, contents) {
  if (!existsSync(file) || !readFileSync(file).equals(contents)) writeWhole(file, contents);
}

/** The licences of the packages inside the bundle, which ask to go with every copy. */
function thirdPartyLicenses(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input.replaceAll('\\', '/'));
    if (found) folders.add(found[0]);
  }
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = readJson(join(root, folder, 'package.json'));
    const text = filesBelow(join(root, folder)).find(
      (file) => dirname(file) === join(root, folder) && /^licen[cs]e/i.test(basename(file)),
    );
    return `${name} ${version} (${license})\n\n${text === undefined ? '' : readFileSync(text, 'utf8').trim()}\n`;
  });
  return `The files beside this one contain code of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
