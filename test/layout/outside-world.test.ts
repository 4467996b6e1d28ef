import { expect, it } from 'vitest';
import { codeOf, sources } from './sources.ts';

/** What reads the clock, draws a random number, waits or opens a connection; `platform.fetch(…)` is the way to do it. */
const outside = [
  /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bhrtime\b/,
  /\bMath\.random\(|\bgetRandomValues\(|\brandomUUID\(|\brandomFill(Sync)?\(|\.fillRandom\(|(?<!\.)\brandomBytes\(|\bcrypto\.randomBytes\(/,
  /(?<!\.)\bset(Timeout|Interval)\(|\bglobalThis\.set(Timeout|Interval)\b|\btimers\/promises\b/,
  /(?<![.\w])fetch\(|\bglobalThis\.fetch\b/,
];

/** What a platform is made of; its randomness comes from the engine. */
const makers = [
  'packages/core/src/platform.ts',
  'packages/core/src/lib/web-engine.ts',
  'packages/core/src/node/engine.ts',
  'packages/core/src/node/fetch.ts',
];

/** What holds scripts for other tools as text: they run there, and not in certgrant. */
const scripts = [
  'packages/cli/src/export/bruno/scripts.ts',
  'packages/cli/src/export/http/signing-script.ts',
  'packages/cli/src/export/postman/scripts.ts',
];

it('only platform.ts reads the clock, draws random numbers, waits or fetches', () => {
  const found = sources()
    .filter((path) => !makers.includes(path) && !scripts.includes(path))
    .flatMap((path) =>
      codeOf(path)
        .split('\n')
        .flatMap((line, index) =>
          outside.some((pattern) => pattern.test(line)) ? [`${path}:${index + 1}: ${line.trim()}`] : [],
        ),
    );
  expect(found).toEqual([]);
});
