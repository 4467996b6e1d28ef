/**
 * Opens files in a process of its own and says what each took, as JSON: CPU time of all threads, the highest resident
 * size of the process so far, and the iterations of key derivations that the file asked for. Argument: a JSON file with
 * a list of `Job`s.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isCertgrantError, loadCredential, readKeyFile } from '@certgrant/core';
import { DerivationCost } from '../../packages/core/src/keyfile/derivation-cost.ts';

export interface Job {
  readonly path: string;
  readonly password: string | null;
  /** As a credential, or only to see what is in it. */
  readonly credential: boolean;
}

export interface Outcome {
  readonly keys?: readonly string[];
  readonly certificates?: readonly string[];
  /** Of the error; `untyped` and its trace for one that no file may cause. */
  readonly code?: string;
  readonly message?: string;
  /** In milliseconds. */
  readonly cpu: number;
  readonly elapsed: number;
  readonly iterations: number;
  /** In megabytes. */
  readonly memory: number;
}

let iterations = 0;
const spend = DerivationCost.prototype.spend;
DerivationCost.prototype.spend = function counted(count, rounds = 1, weight = 1): void {
  spend.call(this, count, rounds, weight);
  iterations += count * rounds * weight;
};

const sha256 = (octets: Uint8Array): string => createHash('sha256').update(octets).digest('hex');

async function open(job: Job): Promise<Pick<Outcome, 'keys' | 'certificates' | 'code' | 'message'>> {
  const file = readFileSync(job.path);
  const options = { password: job.password ?? undefined };
  try {
    if (job.credential) {
      const { certificate } = await loadCredential(file, options);
      return { certificates: [sha256(certificate.der)] };
    }
    const { privateKeys, certificates } = await readKeyFile(file, options);
    return {
      keys: privateKeys.map(({ publicKey }) => sha256(publicKey.spki)),
      certificates: certificates.map(({ certificate }) => sha256(certificate.der)),
    };
  } catch (thrown) {
    if (isCertgrantError(thrown)) return { code: thrown.code, message: `${thrown.message} | ${thrown.fix}` };
    return { code: 'untyped', message: thrown instanceof Error ? (thrown.stack ?? '') : String(thrown) };
  }
}

const outcomes: Outcome[] = [];
for (const job of JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Job[]) {
  iterations = 0;
  const before = process.cpuUsage();
  const start = performance.now();
  const opened = await open(job);
  const elapsed = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const memory = process.resourceUsage().maxRSS / 1024;
  outcomes.push({ ...opened, cpu: (user + system) / 1000, elapsed, iterations, memory });
}
console.log(JSON.stringify(outcomes));
