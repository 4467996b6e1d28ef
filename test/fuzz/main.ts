/**
 * The fuzzer of what reads key files and certificates: it keeps the inputs that reach new code, changes them and looks on.
 *
 * Arguments, as JSON: { target, seconds, seed, blocks, seedFolders, stateFolder }. What it finds goes to
 * `stateFolder/TARGET/findings`, what it keeps to `stateFolder/TARGET/kept`, where the next run begins. Exit code 1: found.
 */
import { isMainThread, Worker } from 'node:worker_threads';
import { Folder, longestInput } from './corpus.ts';
import { type Finding, type Progress, type Work, work } from './worker.ts';

/** No input may take as long, not even on a machine that is busy with other things. */
const hang = 20_000;
/** What an input may need, besides what the corpus and the code take. */
const megabytes = 512;

async function supervise(settings: Omit<Work, 'shared'>): Promise<number> {
  const started = performance.now();
  let executions = 0;
  for (let round = 0; ; round++) {
    const left = settings.seconds - (performance.now() - started) / 1000;
    if (left <= 1) return executions;
    // After a hang or a crash: a new worker for the time that is left, with other random numbers.
    executions += await runWorker({ ...settings, seconds: left, seed: settings.seed + round }, started);
  }
}

function runWorker(settings: Omit<Work, 'shared'>, started: number): Promise<number> {
  const shared = { octets: new SharedArrayBuffer(2 * longestInput + 65_536), numbers: new SharedArrayBuffer(8) };
  const numbers = new Int32Array(shared.numbers);
  const findings = new Folder(`${settings.stateFolder}/${settings.target}/findings`);
  const worker = new Worker(import.meta.filename, {
    workerData: { ...settings, shared } satisfies Work,
    resourceLimits: { maxOldGenerationSizeMb: megabytes },
  });
  const say = (line: string): void => {
    const seconds = Math.round((performance.now() - started) / 1000);
    console.log(`${settings.target} ${seconds} s: ${line}`);
  };
  const lost = (kind: string, what: string): void => {
    const input = Uint8Array.from(new Uint8Array(shared.octets, 0, numbers[1]));
    const path = findings.add(`${kind}-`, input, what) ?? 'known already';
    say(`FOUND ${kind}: ${what}: ${path}`);
    process.exitCode = 1;
  };
  return new Promise((resolve) => {
    let last = { execution: 0, since: performance.now() };
    const watch = setInterval(() => {
      const execution = Atomics.load(numbers, 0);
      if (execution !== last.execution) last = { execution, since: performance.now() };
      else if (performance.now() - last.since > hang) {
        lost('hang', `no end after ${hang / 1000} s`);
        void worker.terminate();
      }
    }, 1000);
    worker.on('message', (message: Progress | Finding) => {
      if ('finding' in message) {
        say(`FOUND ${message.finding}\n  in ${message.path}`);
        process.exitCode = 1;
        return;
      }
      const { executions, blocks, corpus, slowest } = message;
      const share = ((100 * blocks) / settings.blocks).toFixed(1);
      say(
        `${executions} inputs, ${blocks} of ${settings.blocks} blocks (${share} %), ${corpus} kept, slowest ${slowest.toFixed(0)} ms`,
      );
    });
    worker.on('error', (error) => lost('crash', error.message));
    worker.on('exit', () => {
      clearInterval(watch);
      resolve(Atomics.load(numbers, 0));
    });
  });
}

if (isMainThread) {
  const settings = JSON.parse(process.argv[2] ?? '') as Omit<Work, 'shared'>;
  const started = performance.now();
  const executions = await supervise(settings);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage();
  const rate = Math.round(executions / seconds);
  console.log(
    `${settings.target}: ${executions} inputs in ${Math.round(seconds)} s (${rate} a second, ${Math.round((user + system) / 1e6)} s of CPU), seed ${settings.seed}`,
  );
} else {
  await work();
}
