import type { Io } from '../io.ts';
import { paintFor, printable, wrap } from '../output/text.ts';

/** Tells the steps of the demo: what happens, what one would type for it, and what came of it. */
export class Narrator {
  readonly #io: Io;
  #count = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  /**
   * @param told what happens, in a line or two
   * @param typed what a person would type to do this step alone
   * @param shown what came of it, line by line
   */
  step(told: string, typed: string, shown: readonly string[]): void {
    const { stdout } = this.#io;
    const { bold, faint } = paintFor(stdout);
    this.#count++;
    const number = `${this.#count}. `;
    const indent = ' '.repeat(number.length);
    const lines = [
      bold(number) + wrap(told, stdout.columns, indent).slice(indent.length),
      // One line, however long: it is there to be copied.
      `${indent}${faint('$')} ${typed}`,
      ...shown.map((line) => `${indent}${printable(line)}`),
    ];
    stdout.write(`${lines.join('\n')}\n\n`);
  }

  say(text: string): void {
    this.#io.stdout.write(`${wrap(text, this.#io.stdout.columns)}\n`);
  }
}
