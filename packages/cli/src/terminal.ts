import { closeSync, openSync, writeSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { cancelled } from './cancelled.ts';

/**
 * Asks on the terminal and reads one line without showing it.
 *
 * Where standard input is something else, such as the key file itself, the answer is read from the terminal that the
 * process belongs to, as ssh does.
 *
 * @returns `undefined` when there is no terminal
 */
export async function askOnTerminal(
  question: string,
  { stdinIsTerminal }: { readonly stdinIsTerminal: boolean },
): Promise<string | undefined> {
  const descriptor = stdinIsTerminal ? 0 : openTerminal();
  if (descriptor === undefined) return undefined;
  const terminal = new ReadStream(descriptor);
  try {
    // First, so that nothing shows of an answer that comes at once.
    terminal.setRawMode(true);
    writeSync(2, question);
    return await readLine(terminal);
  } finally {
    terminal.setRawMode(false);
    terminal.destroy();
    writeSync(2, '\n');
  }
}

function openTerminal(): number | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    const descriptor = openSync('/dev/tty', 'r+');
    if (process.getBuiltinModule('node:tty').isatty(descriptor)) return descriptor;
    closeSync(descriptor);
  } catch {
    // No terminal belongs to this process: a service, a pipeline, cron.
  }
  return undefined;
}

/** In raw mode the keys that edit a line arrive as characters, so the few that people use here are handled here. */
async function readLine(terminal: ReadStream): Promise<string> {
  terminal.setEncoding('utf8');
  let line = '';
  for await (const chunk of terminal as AsyncIterable<string>) {
    for (const character of chunk) {
      switch (character) {
        case '\r':
        case '\n':
          return line;
        case '\u0003': // Ctrl-C
          throw cancelled();
        case '\u0004': // Ctrl-D
          if (line === '') throw cancelled();
          break;
        case '\u0015': // Ctrl-U
          line = '';
          break;
        case '\b':
        case '\u007f':
          line = Array.from(line).slice(0, -1).join('');
          break;
        default:
          if (character >= ' ') line += character;
      }
    }
  }
  return line;
}
