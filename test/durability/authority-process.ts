import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createFetch } from '@certgrant/core/node';

const bin = new URL('../../packages/cli/bin/certgrant.cjs', import.meta.url).pathname;

/** `certgrant authority --data` as a process of its own. */
export interface AuthorityProcess {
  /** The object that Graph answers with, and its status; rejects when the process ends before it has answered. */
  graph(method: string, path: string, body?: object): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Ends it as the system does: at once, and without asking it. */
  kill(): Promise<void>;
}

/** Starts the built command line and waits until it listens. */
export async function startProcess(folder: string): Promise<AuthorityProcess> {
  const child = spawnAuthority(folder);
  const { value: line } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (line === undefined) throw new Error(`authority: it ended before it listened, with ${child.exitCode}`);
  const { graphUrl, caFile, adminTokenFile } = JSON.parse(line);
  const fetch = createFetch({ ca: [readFileSync(caFile, 'utf8')] });
  const headers = { Authorization: `Bearer ${readFileSync(adminTokenFile, 'utf8').trim()}` };
  return {
    graph: async (method, path, body) => {
      const init = body === undefined ? {} : { body: JSON.stringify(body) };
      const response = await fetch(`${graphUrl}/v1.0${path}`, { method, headers, ...init });
      const text = await response.text();
      return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
    },
    kill: () => killProcess(child),
  };
}

/** Starts it without waiting. */
export function spawnAuthority(folder: string): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const args = [bin, 'authority', '--data', folder, '--port', '0', '--json'];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
}

export async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
