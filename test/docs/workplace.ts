import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { type Authority, startAuthority } from '@certgrant/authority';
import { transform } from 'esbuild';
import { expect } from 'vitest';
import { cleanEnvironment } from '../interop/support/environment.ts';
import { root } from '../layout/sources.ts';

export interface RunOptions {
  /** A local authority runs, and `AUTHORITY_URL` and the rest say where. */
  readonly withAuthority: boolean;
  /** In the top folder of the repository instead of the document's own folder. */
  readonly inRepository: boolean;
  /** The block shows a failure: its exit code must not be 0. */
  readonly fails: boolean;
}

/**
 * Where the code blocks of one document run, one after the other: an empty folder at first, with `certgrant` on the
 * path, so that a block finds the files that those before it have made.
 */
export class Workplace {
  /** What the last block printed, stdout and stderr together. */
  lastOutput = '';
  readonly #folder = mkdtempSync(join(tmpdir(), 'certgrant-docs-'));
  readonly #programs = mkdtempSync(join(tmpdir(), 'certgrant-docs-bin-'));
  /** Below the repository, so that imports of the packages resolve as they do for a user who has installed them. */
  readonly #modules = join(root, 'test', 'docs', 'dist');
  #authority: Promise<Authority> | undefined;

  constructor() {
    symlinkSync(join(root, 'packages', 'cli', 'bin', 'certgrant.cjs'), join(this.#programs, 'certgrant'));
  }

  async close(): Promise<void> {
    await (await this.#authority)?.close();
    for (const folder of [this.#folder, this.#programs]) rmSync(folder, { recursive: true, force: true });
  }

  runShell(code: string, options: RunOptions): Promise<void> {
    return this.#run('bash', ['-euo', 'pipefail', '-c', code], options);
  }

  /** For a block that cannot run in a test: it is at least code of its language, where there is a way to tell. */
  async parse(language: string, place: string, code: string): Promise<void> {
    const options = { withAuthority: false, inRepository: false, fails: false };
    if (language === 'sh') return this.#run('bash', ['-n', '-c', code], options);
    if (language === 'ts') return this.#compile(place, code);
    if (language === 'js') return this.#run(process.execPath, ['--check', this.#write(place, 'mjs', code)], options);
    if (language === 'json') JSON.parse(code);
  }

  async runTypeScript(place: string, code: string, options: RunOptions): Promise<void> {
    await this.#compile(place, code);
    const { code: javaScript } = await transform(code, { loader: 'ts', format: 'esm' });
    await this.runJavaScript(place, javaScript, options);
  }

  runJavaScript(place: string, code: string, options: RunOptions): Promise<void> {
    return this.#run(process.execPath, [this.#write(place, 'mjs', code)], options);
  }

  /** A test file for Vitest, in a run of its own. */
  async runTests(place: string, code: string, options: RunOptions): Promise<void> {
    await this.#compile(place, code);
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const file = this.#write(place, 'test.ts', code);
    // Or it would take this repository's.
    writeFileSync(join(this.#modules, 'vitest.config.mjs'), 'export default {};\n');
    return this.#run(process.execPath, [vitest, 'run', '--root', this.#modules, basename(file)], options);
  }

  #compile(place: string, code: string): Promise<void> {
    const settings = ['--ignoreConfig', '--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
    const library = ['--lib', 'es2023,dom,dom.iterable', '--types', 'node', '--skipLibCheck'];
    const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const args = [compiler, ...settings, ...library, this.#write(place, 'ts', code)];
    return this.#run(process.execPath, args, { withAuthority: false, inRepository: true, fails: false });
  }

  #write(place: string, extension: string, code: string): string {
    mkdirSync(this.#modules, { recursive: true });
    const file = join(this.#modules, `${place.replace(/\W+/g, '-')}.${extension}`);
    writeFileSync(file, code);
    return file;
  }

  async #run(command: string, args: readonly string[], options: RunOptions): Promise<void> {
    const env = cleanEnvironment({
      ...(options.withAuthority ? await this.#authorityVariables() : {}),
      PATH: [this.#programs, process.env.PATH].join(delimiter),
      // Tokens of the documents are none of the user's.
      XDG_CACHE_HOME: join(this.#folder, '.cache'),
      NO_COLOR: '1',
    });
    // The marks of the test run that this one is part of.
    for (const name of Object.keys(env)) if (/^(VITEST|NODE_ENV$|TEST$)/.test(name)) delete env[name];
    const cwd = options.inRepository ? root : this.#folder;
    const { code, output } = await new Promise<{ code: number | null; output: string }>((resolve, reject) => {
      const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text;
        });
      }
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, output }));
    });
    this.lastOutput = output;
    expect({ succeeded: code === 0, output }).toEqual({ succeeded: !options.fails, output });
  }

  async #authorityVariables(): Promise<Record<string, string>> {
    this.#authority ??= startAuthority({ port: 0 });
    const { url, tenantId, graphUrl, ca, adminToken } = await this.#authority;
    const caFile = join(this.#folder, 'ca.pem');
    const adminTokenFile = join(this.#folder, 'admin-token');
    writeFileSync(caFile, ca);
    writeFileSync(adminTokenFile, adminToken, { mode: 0o600 });
    return {
      AUTHORITY_URL: url,
      GRAPH_URL: graphUrl,
      CA_FILE: caFile,
      ADMIN_TOKEN_FILE: adminTokenFile,
      AZURE_TENANT_ID: tenantId,
      AZURE_AUTHORITY_HOST: url,
      NODE_EXTRA_CA_CERTS: caFile,
    };
  }
}
