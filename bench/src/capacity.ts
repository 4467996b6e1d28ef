import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Material } from './material.ts';
import { cpuTime } from './measure.ts';

/** How many signatures and verifications all cores together manage when they do nothing else. */
export interface Capacity {
  readonly cores: number;
  /** Does it on all cores for that time. */
  measure(milliseconds: number): Promise<Measured>;
  end(): Promise<void>;
}

export interface Measured {
  /** Tokens' worth of RSA per second. */
  readonly rate: number;
  /** For one token, in microseconds: what the cores spent, whatever else they were busy with. */
  readonly cpu: number;
}

export function startCapacity({ pkcs8, spki }: Material): Capacity {
  const cores = availableParallelism();
  const workers = Array.from(
    { length: cores },
    () => new Worker(new URL('./capacity-worker.js', import.meta.url), { workerData: { pkcs8, spki } }),
  );
  return {
    cores,
    async measure(milliseconds) {
      const cpuStart = cpuTime();
      const counts = workers.map(async (worker) => {
        worker.postMessage(milliseconds);
        const [count] = await once(worker, 'message');
        return Number(count);
      });
      const done = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
      return { rate: (done * 1000) / milliseconds, cpu: (cpuTime() - cpuStart) / done };
    },
    async end() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
