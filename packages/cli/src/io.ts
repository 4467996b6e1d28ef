import { fstatSync, writeSync } from 'node:fs';
import { CertgrantError, type Platform } from '@certgrant/core';
import { cancelled } from './cancelled.ts';

/** One of the two streams that a command writes to. */
export interface Output {
  /** Writes at once and whole; the text is not changed. */
  write(text: string): void;
  /** The same for octets: files that are no text. */
  writeBytes(bytes: Uint8Array): void;
  readonly isTerminal: boolean;
  /** Whether people will see colours: a terminal, and NO_COLOR is not set (no-color.org). */
  readonly hasColours: boolean;
  /** How wide to set text, in characters. */
  readonly columns: number;
}

/**
 * Everything that a command takes from the process and gives to it, so that commands run in a test as they do in a
 * shell. Nothing else in this package touches `process`.
 */
export interface Io {
  /** For data: what a script reads. */
  readonly stdout: Output;
  /** For everything else. */
  readonly stderr: Output;
  /** Says on standard error what the user should know besides. Commands that print JSON say nothing there but errors. */
  warn(message: string): void;
  /** All of standard input, at most 16 MB. */
  readStdin(): Promise<Uint8Array>;
  /** Standard input piece by piece, of any length. */
  stdinPieces(): AsyncIterable<Uint8Array>;
  readonly stdinIsTerminal: boolean;
  /** Asks without showing what is typed; `undefined` where nobody sits at a terminal. */
  askPassword(question: string): Promise<string | undefined>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly cwd: string;
  /** Aborted by Ctrl-C and by a request to terminate; its reason is a CANCELLED error. */
  readonly signal: AbortSignal;
  /**
   * For a process that serves: signs on every core that the event loop leaves free, instead of with the four threads that
   * Node has by default. To be called before anything else; who has set UV_THREADPOOL_SIZE keeps it.
   */
  useEveryCore(): void;
  /** Another clock, randomness or network, for tests. */
  readonly platform?: Partial<Platform> | undefined;
}

/** What is read from standard input at most, in bytes: far more than any key file or token. */
const maximumInput = 16 * 1024 * 1024;

/** Thrown when the reader of our output has gone. */
export class OutputClosedError extends Error {
  override readonly name = 'OutputClosedError';
}

/** The running process. Each part is set up at its first use, since most commands use few of them. */
export function processIo(): Io {
  let signal: AbortSignal | undefined;
  const stderr = output(2);
  const untilInterrupted = (): AbortSignal => {
    signal ??= interruption();
    return signal;
  };
  return {
    stdout: output(1),
    stderr,
    warn: (message) => warnOn(stderr, message),
    env: process.env,
    get cwd() {
      return process.cwd();
    },
    get stdinIsTerminal() {
      return isTerminal(0);
    },
    get signal() {
      return untilInterrupted();
    },
    readStdin: () => readStdin(untilInterrupted()),
    stdinPieces: () => stdinPieces(untilInterrupted()),
    useEveryCore() {
      const { availableParallelism } = process.getBuiltinModule('node:os');
      // One more would take turns with the event loop, which has as much to do for a token as there is to sign.
      process.env.UV_THREADPOOL_SIZE ??= String(Math.max(1, availableParallelism() - 1));
    },
    async askPassword(question) {
      if (!isTerminal(2)) return undefined;
      const { askOnTerminal } = await import('./terminal.ts');
      return askOnTerminal(question, { stdinIsTerminal: isTerminal(0) });
    },
  };
}

/** As {@link Io.warn} does it on a stream. */
export function warnOn(stderr: Output, message: string): void {
  stderr.write(`${stderr.hasColours ? '\u001b[33mwarning:\u001b[39m' : 'warning:'} ${message}\n`);
}

function output(descriptor: 1 | 2): Output {
  return {
    write: (text) => writeWhole(descriptor, new TextEncoder().encode(text)),
    writeBytes: (bytes) => writeWhole(descriptor, bytes),
    get isTerminal() {
      return isTerminal(descriptor);
    },
    get hasColours() {
      return !process.env.NO_COLOR && process.env.TERM !== 'dumb' && isTerminal(descriptor);
    },
    get columns() {
      const { columns } = descriptor === 1 ? process.stdout : process.stderr;
      return Math.min(Math.max(columns ?? 80, 40), 100);
    },
  };
}

/**
 * Writes to the descriptor itself: `process.stdout` would load Node's network and terminal modules first, and a pipe
 * whose reader has gone would be reported some time later instead of here.
 */
function writeWhole(descriptor: 1 | 2, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
      if (code === 'EAGAIN') {
        // Someone made the pipe non-blocking and it is full; its reader needs a moment.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      } else if (descriptor === 2) {
        return;
      } else if (code === 'EPIPE' || code === 'EOF') {
        throw new OutputClosedError('write to standard output: its reader has gone');
      } else {
        throw new CertgrantError('FILE_NOT_WRITABLE', `write to standard output: the system refuses (${code})`, {
          fix: 'Check the file or the disk that the output goes to',
          cause: thrown,
        });
      }
    }
  }
}

function isTerminal(descriptor: number): boolean {
  try {
    // Spares loading the terminal module for files and pipes.
    if (!fstatSync(descriptor).isCharacterDevice()) return false;
  } catch {
    return false;
  }
  return process.getBuiltinModule('node:tty').isatty(descriptor);
}

/** Goes on to its end, and no longer than until Ctrl-C. */
async function* stdinPieces(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const abort = (): void => {
    process.stdin.destroy(signal.reason);
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', abort, { once: true });
  yield* process.stdin as AsyncIterable<Buffer>;
}

async function readStdin(signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stdinPieces(signal)) {
    length += chunk.length;
    if (length > maximumInput) {
      throw new CertgrantError('FILE_TOO_LARGE', `read standard input: more than ${maximumInput} bytes`, {
        fix: 'Give it the key file or the token alone',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/** The first Ctrl-C asks the command to stop; the handler is gone then, so that a second one ends the process at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(cancelled()));
  }
  return controller.signal;
}
