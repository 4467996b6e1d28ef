import { type BlockHash, type HashLoop, hashLoop } from './block-hash.ts';

/** What is known about one hash in this process. */
interface Progress {
  rounds: number;
  readonly inJavaScript: HashLoop;
  compiled?: Promise<HashLoop>;
}

const progress = new Map<BlockHash, Progress>();

/**
 * To write and compile the WebAssembly costs as much as about so many rounds in JavaScript: a command that opens one file
 * of 2,048 iterations is done sooner without.
 */
const roundsWorthCompiling = 20_000;

/** The fastest loop for `rounds` more rounds in this process. */
export async function bestHashLoop(algorithm: BlockHash, rounds: number): Promise<HashLoop> {
  const known: Progress = progress.get(algorithm) ?? { rounds: 0, inJavaScript: hashLoop(algorithm) };
  progress.set(algorithm, known);
  known.rounds += rounds;
  if (known.rounds < roundsWorthCompiling) return known.inJavaScript;
  known.compiled ??= import('./hash-loop.ts')
    .then(({ compileHashLoop }) => compileHashLoop(algorithm))
    // A page's Content Security Policy may forbid WebAssembly; the other loop does the same more slowly.
    .catch(() => known.inJavaScript);
  return known.compiled;
}
