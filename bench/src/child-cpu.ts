import { spawnSync } from 'node:child_process';

/** A program with its arguments. */
export interface Command {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
}

/**
 * User and system time of one run in milliseconds, threads and start included.
 *
 * Node cannot ask for its children's; bash's `times` prints them to the millisecond, over all that it has waited for.
 */
export function cpuOfCommand({ name, program, args }: Command, env: NodeJS.ProcessEnv, runs: number): number {
  const script = `for ((i = 0; i < ${runs}; i++)); do "$@" >/dev/null || exit 1; done; times`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', program, ...args], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`bench: ${name} failed\n${stderr}`);
  const children = stdout.trim().split('\n').at(-1) ?? '';
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  return (seconds.reduce((sum, part) => sum + part, 0) * 1000) / runs;
}
