import { CertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';

interface Limits {
  /** Iterations of one key derivation. */
  readonly iterations: number;
  /** Iterations in the whole file. */
  readonly total: number;
  /** Octets that scrypt may fill. */
  readonly memory: number;
}

/** NSS and GnuTLS write 600,000; a file with a million is slow and may be honest. */
const honest: Limits = { iterations: 1_000_000, total: 12_000_000, memory: 256 * 1024 * 1024 };
/** Still short of what never ends: minutes, and a gigabyte. */
const costly: Limits = { iterations: 200_000_000, total: 1_000_000_000, memory: 1024 * 1024 * 1024 };

/**
 * What opening one file may cost.
 *
 * The counts stand in the file, before anything that a password protects: without a limit, whoever sends a file decides
 * how long its reader computes.
 */
export class DerivationCost {
  readonly #limits: Limits;
  readonly #allowCostly: boolean;
  #spent = 0;

  constructor(allowCostly: boolean) {
    this.#limits = allowCostly ? costly : honest;
    this.#allowCostly = allowCostly;
  }

  /**
   * Counts `rounds` derivations of `iterations` each, before they are made.
   *
   * @param weight how many times as much one iteration costs as one of SHA-256
   */
  spend(iterations: number, rounds = 1, weight = 1): void {
    if (iterations < 1) throw new DerError('a key derivation of no iterations');
    this.#spent += iterations * rounds * weight;
    if (iterations * weight > this.#limits.iterations) this.#refuse(`${iterations} iterations of its key derivation`);
    if (this.#spent > this.#limits.total) this.#refuse(`more than ${this.#limits.total} iterations in all`);
  }

  /** The same for scrypt (RFC 7914): N, r and p. */
  spendScrypt(cost: number, blockSize: number, parallelization: number): void {
    const memory = 128 * blockSize * (cost + parallelization);
    if (memory > this.#limits.memory) this.#refuse(`${Math.ceil(memory / 1_048_576)} MB of memory for scrypt`);
    // Mixing costs about half an iteration of PBKDF2 for each block; filling and collecting the memory goes through PBKDF2
    // itself, which counts where N is small (RFC 7914 §6).
    const iterations = Math.ceil((cost / 2 + 30) * blockSize * parallelization);
    if (iterations > 2 * this.#limits.iterations)
      this.#refuse(`as much computing for scrypt as ${iterations} iterations`);
    this.spend(1, iterations);
  }

  #refuse(what: string): never {
    throw new CertgrantError('KEY_DERIVATION_TOO_COSTLY', `open key file: it asks for ${what}`, {
      fix: this.#allowCostly
        ? 'Export the file again with fewer iterations'
        : 'If you trust where the file comes from, allow the cost (--allow-costly, or the option allowCostly), or export the file again with fewer iterations',
    });
  }
}
