/** The bundle counts here how often each block was entered (scripts/lib/fuzz-bundle.mjs). */
declare global {
  var blockCounters: Uint8Array;
}

/** Once, twice, three times, up to 7, 15, 31, 127, more: a loop that ran once more is no news, one that ran twice as long is. */
const bucket = Uint8Array.from({ length: 256 }, (_, count) => {
  const limits = [0, 1, 2, 3, 7, 15, 31, 127];
  const index = limits.findIndex((limit) => count <= limit);
  return count === 0 ? 0 : 1 << (index < 0 ? 7 : index - 1);
});

/** What all inputs together have reached. */
export class Coverage {
  readonly #seen: Uint8Array;
  readonly #size: number;
  /** How many blocks were entered at all. */
  blocks = 0;

  constructor(size: number) {
    this.#size = size;
    this.#seen = new Uint8Array(size);
  }

  /** Before an input is tried. */
  reset(): void {
    globalThis.blockCounters.fill(0, 0, this.#size);
  }

  /** After it: whether it reached a new block, or one so often as none before. */
  hasGrown(): boolean {
    const counters = globalThis.blockCounters;
    let grown = false;
    for (let block = 0; block < this.#size; block++) {
      const count = counters[block] as number;
      if (count === 0) continue;
      const before = this.#seen[block] as number;
      const now = before | (bucket[count] as number);
      if (now === before) continue;
      if (before === 0) this.blocks++;
      this.#seen[block] = now;
      grown = true;
    }
    return grown;
  }
}
