import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { postmanCli as installedPostmanCli } from '../../../scripts/lib/postman-cli.mjs';
import { type Ended, runProgram } from '../../interop/support/program.ts';

const { resolve } = createRequire(import.meta.url);

/** An API client that runs an export without a window. */
export interface ApiClient {
  readonly name: string;
  /** Runs what stands in the folder that it was exported to. */
  run(folder: string, run: Run): Promise<Ended>;
}

export interface Run {
  readonly caFile: string;
  /** A home of its own: what the client keeps there must not come from the tests' user. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** The folder of the collection with the key to sign with, or with the assertion that is ready. */
  readonly part?: 'With the private key' | 'With a ready assertion';
}

const collection = 'certgrant.postman_collection.json';
const environment = 'certgrant.postman_environment.json';

/** A Node program of a package, in the folder and with a home of its own. */
async function runNode(script: string, args: readonly string[], folder: string, { home, env }: Run): Promise<Ended> {
  mkdirSync(home, { recursive: true });
  return runProgram(process.execPath, [script, ...args], { cwd: folder, env: { HOME: home, NO_COLOR: '1', ...env } });
}

function postmanArguments({ caFile, part, args = [] }: Run): string[] {
  const folder = part === undefined ? [] : ['--folder', part];
  return ['run', collection, '-e', environment, '--ssl-extra-ca-certs', caFile, ...folder, ...args];
}

export const newman: ApiClient = {
  name: 'newman',
  run: (folder, run) => runNode(resolve('newman/bin/newman.js'), postmanArguments(run), folder, run),
};

const installed = installedPostmanCli();

export const postmanCli: ApiClient = {
  name: 'the Postman CLI',
  // As newman, but for the option that names a folder.
  run: (folder, run) => {
    const { path: script = '' } = installed;
    const args = postmanArguments(run).map((word) => (word === '--folder' ? '-i' : word));
    return runNode(script, ['collection', ...args], folder, run);
  },
};

/** Leaves a test out, and says why, where its client cannot run. */
export function requireClient(client: ApiClient, skip: (reason: string) => void): void {
  const reason = client === postmanCli ? installed.reason : undefined;
  if (reason === undefined) return;
  console.warn(`not run: ${reason}`);
  skip(reason);
}

export const bruno: ApiClient = {
  name: 'Bruno',
  run: (folder, run) => {
    const { caFile, part = 'With the private key', args = [] } = run;
    const script = join(dirname(resolve('@usebruno/cli/package.json')), 'bin', 'bru.js');
    const words = ['run', part, '--env', 'certgrant', '--cacert', caFile, '--ignore-truststore', ...args];
    return runNode(script, words, folder, run);
  },
};

export const httpYac: ApiClient = {
  name: 'httpYac',
  run: (folder, run) => {
    const { caFile, env, args = ['sign-in.http', '--all', '-o', 'none'] } = run;
    const script = join(dirname(resolve('httpyac/package.json')), 'bin', 'httpyac.js');
    return runNode(script, ['send', ...args], folder, { ...run, env: { NODE_EXTRA_CA_CERTS: caFile, ...env } });
  },
};
