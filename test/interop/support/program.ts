import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cleanEnvironment } from './environment.ts';

/** What a program printed, and how it ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Added to a clean environment: no preset trust, no Azure settings. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** The folder that it runs in; by default that of the tests. */
  readonly cwd?: string;
}

/** Runs a program to its end, for at most a minute. */
export function runProgram(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      command,
      args,
      { env: cleanEnvironment(options.env), cwd: options.cwd, timeout: 60_000, maxBuffer: 16 << 20 },
      (error, stdout, stderr) => {
        if (error === null) resolve({ code: 0, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
        else reject(error);
      },
    );
    child.stdin?.end(options.input ?? '');
  });
}

/** A server program that listens. */
export interface RunningServer<Ready> {
  /** The line of JSON with which the program said that it listens. */
  readonly ready: Ready;
  close(): Promise<void>;
}

/**
 * Starts a Node program that prints one line of JSON as soon as it listens, and that ends when its stdin does: so it
 * cannot outlive the tests, however they end.
 */
export async function startServer<Ready>(
  program: URL,
  settings: object,
  node: string = process.execPath,
): Promise<RunningServer<Ready>> {
  const child = spawn(node, [program.pathname, JSON.stringify(settings)], {
    env: cleanEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const line = await firstLine(child);
  if (line === undefined) throw new Error(`start ${program.pathname}: it ended before it listened\n${errors}`);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      child.once('exit', () => resolve());
      if (child.exitCode === null) child.stdin.end();
      else resolve();
    });
  return { ready: JSON.parse(line) as Ready, close };
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    // Servers may print notices of their own before.
    if (line.startsWith('{')) return line;
  }
  return undefined;
}

/** Runs the built command line, with a home of its own. */
export function certgrant(args: readonly string[], home: string, options: RunOptions = {}): Promise<Ended> {
  const bin = new URL('../../../packages/cli/bin/certgrant.cjs', import.meta.url).pathname;
  const env = { HOME: home, XDG_CACHE_HOME: join(home, 'cache'), ...options.env };
  return runProgram(process.execPath, [bin, ...args], { ...options, env });
}
