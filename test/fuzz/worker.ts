import { join } from 'node:path';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Folder, longestInput, seedsBelow } from './corpus.ts';
import { Coverage } from './coverage.ts';
import { dictionary } from './dictionary.ts';
import { Mutator } from './mutate.ts';
import { Random } from './random.ts';
import { type Target, targets } from './targets.ts';

export interface Work {
  readonly target: string;
  readonly seconds: number;
  readonly seed: number;
  readonly blocks: number;
  readonly seedFolders: readonly string[];
  readonly stateFolder: string;
  /** The input under trial, where the main thread finds it when this one hangs or dies. */
  readonly shared: SharedInput;
}

export interface SharedInput {
  readonly octets: SharedArrayBuffer;
  /** Executions so far, and the length of the input. */
  readonly numbers: SharedArrayBuffer;
}

export interface Progress {
  readonly executions: number;
  readonly blocks: number;
  readonly corpus: number;
  readonly slowest: number;
}

export interface Finding {
  readonly finding: string;
  readonly path: string;
}

/** Of one input, twice in a row: all seeds together take less. */
const slow = 2_000;

class Fuzzer {
  readonly #work: Work;
  readonly #port: MessagePort;
  readonly #target: Target;
  readonly #coverage: Coverage;
  readonly #kept: Folder;
  readonly #findings: Folder;
  readonly #octets: Uint8Array;
  readonly #numbers: Int32Array;
  readonly #inputs: Uint8Array[] = [];
  #executions = 0;
  #slowest = 0;

  constructor(work: Work, port: MessagePort) {
    this.#work = work;
    this.#port = port;
    this.#target = targets[work.target] as Target;
    this.#coverage = new Coverage(work.blocks);
    this.#kept = new Folder(join(work.stateFolder, work.target, 'kept'));
    this.#findings = new Folder(join(work.stateFolder, work.target, 'findings'));
    this.#octets = new Uint8Array(work.shared.octets);
    this.#numbers = new Int32Array(work.shared.numbers);
  }

  async run(): Promise<void> {
    const random = new Random(this.#work.seed);
    const mutator = new Mutator(random, dictionary(), longestInput);
    const until = performance.now() + this.#work.seconds * 1000;
    const seeds = this.#work.seedFolders.flatMap((folder) => seedsBelow(folder, this.#work.target));
    for (const seed of [...seeds, new Uint8Array(), ...this.#kept.read()]) {
      if (performance.now() < until) await this.#try(seed, false);
    }
    let reported = performance.now();
    while (performance.now() < until) {
      // Half of the time one of those found last: their surroundings are the least explored.
      const newest = random.below(2) === 0 ? Math.max(0, this.#inputs.length - 50) : 0;
      const input = this.#inputs[newest + random.below(this.#inputs.length - newest)] ?? new Uint8Array();
      await this.#try(mutator.mutate(input, random.pick(this.#inputs) ?? input), true);
      if (performance.now() - reported > 10_000) {
        this.#report();
        reported = performance.now();
      }
    }
    this.#report();
  }

  async #try(input: Uint8Array, keep: boolean): Promise<void> {
    this.#octets.set(input);
    Atomics.store(this.#numbers, 1, input.length);
    Atomics.store(this.#numbers, 0, ++this.#executions);
    this.#coverage.reset();
    const time = await this.#execute(input);
    this.#slowest = Math.max(this.#slowest, time);
    if (this.#coverage.hasGrown()) {
      this.#inputs.push(input);
      if (keep) this.#kept.add('', input);
    }
    if (time > slow && (await this.#execute(input)) > slow) this.#found('slow', input, `${Math.round(time)} ms`);
  }

  async #execute(input: Uint8Array, traced = false): Promise<number> {
    const start = performance.now();
    // Most inputs end in an error, and a trace for each would cost more than all the rest.
    Error.stackTraceLimit = traced ? 30 : 0;
    try {
      await this.#target(new Uint8Array(input));
    } catch (thrown) {
      if (!traced) return this.#execute(input, true);
      this.#found('untyped', input, thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    }
    return performance.now() - start;
  }

  /** The same fault shows with many inputs: one file for each place in the code is enough. */
  readonly #places = new Set<string>();
  #found(kind: string, input: Uint8Array, what: string): void {
    const place = kind === 'slow' ? kind : what.split('\n').slice(0, 3).join('\n').replaceAll(/\d+/g, '');
    if (this.#places.has(place)) return;
    this.#places.add(place);
    const path = this.#findings.add(`${kind}-`, input, what);
    if (path !== undefined) this.#port.postMessage({ finding: `${kind}: ${what}`, path } satisfies Finding);
  }

  #report(): void {
    const { blocks } = this.#coverage;
    const progress = { executions: this.#executions, blocks, corpus: this.#inputs.length, slowest: this.#slowest };
    this.#port.postMessage(progress satisfies Progress);
    this.#slowest = 0;
  }
}

export async function work(): Promise<void> {
  if (parentPort !== null) await new Fuzzer(workerData as Work, parentPort).run();
}
