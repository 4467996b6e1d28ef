import type { CheckId, CheckResult, CheckStatus, DoctorReport } from '@certgrant/core/node';
import type { Io } from '../io.ts';
import { type Paint, paintFor, printable, wrap } from './text.ts';

const statuses: readonly CheckStatus[] = ['failed', 'warned', 'passed', 'skipped'];
const idWidth = 12;
/** What goes before a detail: the status and the id. */
const hang = ' '.repeat(9 + idWidth + 1);

/** Returns to the beginning of the line and clears it (ECMA-48 §8.3.41). */
const clearLine = '\r\u001b[K';

/**
 * Shows checks as they end, each on a line of standard output. On a terminal the one that runs stands below them until it
 * has ended; elsewhere nothing is written but the lines.
 */
export class CheckList {
  readonly #io: Io;
  readonly #paint: Paint;
  readonly #isLive: boolean;
  #isShowing = false;

  constructor(io: Io) {
    this.#io = io;
    this.#paint = paintFor(io.stdout);
    this.#isLive = io.stdout.isTerminal && io.stderr.isTerminal && io.env.TERM !== 'dumb';
  }

  begin(id: CheckId, doing: string): void {
    if (!this.#isLive) return;
    this.pause();
    // Not as wide as the terminal: a line that wraps could not be cleared.
    const line = `running  ${id.padEnd(idWidth)} ${doing} …`.slice(0, this.#io.stderr.columns - 1);
    this.#io.stderr.write(this.#paint.faint(line));
    this.#isShowing = true;
  }

  /** Takes the running check off the terminal, for a question or the end. */
  pause(): void {
    if (this.#isShowing) this.#io.stderr.write(clearLine);
    this.#isShowing = false;
  }

  add({ id, status, detail, fix }: CheckResult): void {
    this.pause();
    const { stdout } = this.#io;
    const lines = [`${this.#colour(status)(status.padEnd(8))} ${id.padEnd(idWidth)} ${this.#set(detail)}`];
    if (fix !== undefined) lines.push(`${hang}${this.#paint.yellow('fix:')} ${this.#set(`     ${fix}`).trimStart()}`);
    stdout.write(`${lines.join('\n')}\n`);
  }

  /** How many checks ended how, and where to begin. */
  sum({ checks }: DoctorReport): void {
    const counts = statuses.flatMap((status) => {
      const count = checks.filter((check) => check.status === status).length;
      return count === 0 ? [] : [`${count} ${status}`];
    });
    const first = checks.find(({ status }) => status === 'failed');
    const next = first === undefined ? '' : `; begin with ${first.id}`;
    this.#io.stdout.write(`\n${counts.join(', ')}${next}\n`);
  }

  /** On a terminal wrapped under itself; a line for each check where a program may read them. */
  #set(text: string): string {
    const { isTerminal, columns } = this.#io.stdout;
    const line = printable(text);
    return isTerminal ? wrap(line, columns, hang).trimStart() : line.trim();
  }

  #colour(status: CheckStatus): (text: string) => string {
    const { green, red, yellow, faint } = this.#paint;
    return { passed: green, failed: red, warned: yellow, skipped: faint }[status];
  }
}
