import type { Platform } from '@certgrant/core';
import { type Io, type Output, warnOn } from '../../src/io.ts';
import { run } from '../../src/run.ts';

export interface Surroundings {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly stdin?: Uint8Array | string;
  /** What the person at the terminal answers; nobody sits there when this is absent. */
  readonly answers?: readonly string[];
  readonly signal?: AbortSignal;
  readonly columns?: number;
  /** Whether standard output is a terminal. */
  readonly isTerminal?: boolean;
  readonly hasColours?: boolean;
  readonly platform?: Partial<Platform>;
  /** Is told of every write to standard output. */
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  /** What was written to standard output as octets, not as text. */
  readonly stdoutBytes: Uint8Array;
  readonly stderr: string;
  /** The questions that were asked. */
  readonly questions: readonly string[];
}

/** Runs a command line in this process, with everything around it given. */
export async function certgrant(argv: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  const { env = {}, cwd = process.cwd(), stdin, answers, signal, columns = 80, hasColours = false } = surroundings;
  const questions: string[] = [];
  const waiting = [...(answers ?? [])];
  let stdout = '';
  let stderr = '';
  const chunks: Uint8Array[] = [];
  const output = (write: (text: string) => void): Output => ({
    write,
    writeBytes: (bytes) => chunks.push(bytes),
    columns,
    hasColours,
    isTerminal: surroundings.isTerminal ?? false,
  });
  const errors = output((text) => {
    stderr += text;
    surroundings.onStderr?.(text);
  });
  const io: Io = {
    stdout: output((text) => {
      stdout += text;
      surroundings.onStdout?.(text);
    }),
    stderr: errors,
    warn: (message) => warnOn(errors, message),
    stdinIsTerminal: stdin === undefined,
    readStdin: async () => (typeof stdin === 'string' ? new TextEncoder().encode(stdin) : (stdin ?? new Uint8Array())),
    async *stdinPieces() {
      yield await this.readStdin();
    },
    useEveryCore: () => {},
    askPassword: async (question) => {
      if (answers === undefined) return undefined;
      questions.push(question);
      const answer = waiting.shift();
      if (answer === undefined) throw new Error(`nobody expected the question: ${question}`);
      return answer;
    },
    env,
    cwd,
    signal: signal ?? new AbortController().signal,
    platform: surroundings.platform,
  };
  const code = await run(argv, io);
  return { code, stdout, stdoutBytes: Buffer.concat(chunks), stderr, questions };
}
