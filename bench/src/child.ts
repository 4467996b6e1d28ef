import { type ChildProcess, fork, type Serializable } from 'node:child_process';

/**
 * A process of its own that answers questions one at a time: servers and load generators must not share a process, or
 * each would be charged for the other.
 */
export interface Child {
  ask<Answer>(question: Serializable): Promise<Answer>;
  end(): void;
}

export interface ChildOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** @param program the file's name in this folder, without its ending */
export function startChild(program: string, { args = [], env = {} }: ChildOptions = {}): Child {
  const child: ChildProcess = fork(new URL(`./${program}.js`, import.meta.url), args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const ask = <Answer>(question: Serializable): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`${program} ended with exit code ${code}`));
      child.once('exit', ended);
      child.once('message', (answer) => {
        child.off('exit', ended);
        resolve(answer as Answer);
      });
      child.send(question);
    });
  return { ask, end: () => child.disconnect() };
}

/** The other end: answers each question, and ends when the parent is gone. */
export function answer<Question>(reply: (question: Question) => Promise<Serializable>): void {
  process.on('disconnect', () => process.exit(0));
  process.on('message', async (question) => {
    process.send?.(await reply(question as Question));
  });
}
