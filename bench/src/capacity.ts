import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Material } from './material.ts';

/** How many signatures and verifications all cores together manage when they do nothing else. */
export interface Capacity {
  readonly cores: number;
  /** Tokens' worth of RSA per second, over that time. */
  measure(milliseconds: number): Promise<number>;
  end(): Promise<void>;
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
      const counts = workers.map(async (worker) => {
        worker.postMessage(milliseconds);
        const [count] = await once(worker, 'message');
        return Number(count);
      });
      const done = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
      return (done * 1000) / milliseconds;
    },
    async end() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}
