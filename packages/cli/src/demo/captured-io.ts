import type { Io, Output } from '../io.ts';

/** An Io whose output is kept instead of shown. */
export interface CapturedIo {
  readonly io: Io;
  /** What was written to standard output so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
}

/** The same surroundings with nobody to ask, no environment, and the output kept. */
export function capturedIo(outer: Io, stdin: string): CapturedIo {
  let stdout = '';
  let stderr = '';
  const output = (write: (text: string) => void): Output => ({
    write,
    writeBytes: (bytes) => write(new TextDecoder().decode(bytes)),
    columns: 80,
    hasColours: false,
    isTerminal: false,
  });
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    io: {
      stdout: output((text) => {
        stdout += text;
      }),
      stderr: output((text) => {
        stderr += text;
      }),
      warn: () => {},
      readStdin: async () => new TextEncoder().encode(stdin),
      async *stdinPieces() {
        yield new TextEncoder().encode(stdin);
      },
      stdinIsTerminal: false,
      askPassword: async () => undefined,
      useEveryCore: () => {},
      env: {},
      cwd: outer.cwd,
      signal: outer.signal,
      platform: outer.platform,
    },
  };
}
