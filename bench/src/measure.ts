/**
 * How everything here is measured: the contenders take turns within one run, the order turning with each round, so that
 * a machine that slows down or is busy meanwhile slows all of them; what is compared are medians over the rounds.
 */

/** One of the things that are compared: `run` does the operation once. */
export interface Contender {
  readonly name: string;
  /** How often it runs in a round, where its operation is much shorter or longer than the others'. */
  readonly operations?: number;
  run(): unknown;
}

export interface Rounds {
  readonly rounds: number;
  /** How often each contender runs in a round. */
  readonly operations: number;
  /** How often it runs in each round before the clock starts; by default not at all. */
  readonly before?: number;
}

/** Microseconds for each operation, by contender, one number a round. */
export type Samples = ReadonlyMap<string, readonly number[]>;

/** CPU time of the whole process, all its threads: what work costs, however it is spread. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Wall-clock time in microseconds. */
export function wallTime(): number {
  return performance.now() * 1000;
}

/** Runs the contenders one operation after another and reads `clock` around each one's turn. */
export async function compare(
  contenders: readonly Contender[],
  { rounds, operations, before = 0 }: Rounds,
  clock: () => number,
  warmUps = 5,
): Promise<Samples> {
  const samples = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  // The first rounds are for the compiler and are not counted: a daemon runs for longer than that.
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, run, operations: count = operations } of rotated(contenders, round)) {
      // Nobody pays for the garbage of whoever ran before (scripts/bench.mjs starts Node with --expose-gc).
      globalThis.gc?.();
      // V8 throws compiled code away at such a collection, and compiles it anew on other cores while it runs.
      await repeat(run, Math.ceil((before * count) / operations));
      const start = clock();
      await repeat(run, count);
      const spent = (clock() - start) / count;
      if (round >= 0) samples.get(name)?.push(spent);
    }
  }
  return samples;
}

async function repeat(run: () => unknown, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const pending = run();
    // Awaiting what is no promise would charge a synchronous contender for a turn of the event loop.
    if (pending instanceof Promise) await pending;
  }
}

export function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const start = ((by % list.length) + list.length) % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The median, over the rounds, of how many times as much `name` took as `base` did in the same round. */
export function medianRatio(samples: Samples, name: string, base: string): number {
  const bases = samples.get(base) ?? [];
  return median((samples.get(name) ?? []).map((value, round) => value / (bases[round] ?? Number.NaN)));
}
