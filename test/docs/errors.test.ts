import { expect, it } from 'vitest';
import { read } from '../layout/sources.ts';

/** The codes of the closed union, as the source lists them. */
function errorCodes(): string[] {
  const [, union = ''] = /export type ErrorCode =([^;]*);/.exec(read('packages/core/src/errors.ts')) ?? [];
  return [...union.matchAll(/\| '([A-Z_]+)'/g)].map(([, code]) => code ?? '');
}

/** The codes that docs/errors.md explains: each has a heading, and a text below it that says what to do. */
function explainedCodes(): Map<string, string> {
  const sections = read('docs/errors.md').split(/^### /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return [heading.replaceAll('`', ''), lines.join('\n').replace(/\n## [\s\S]*/, '')];
    }),
  );
}

/** The command line's word for its own faults, which is no error of the library. */
const ofTheCommandLine = 'INTERNAL';

it('docs/errors.md explains every ErrorCode and no other', () => {
  const explained = [...explainedCodes().keys()].filter((code) => code !== ofTheCommandLine);
  expect(errorCodes().length).toBeGreaterThan(30);
  expect(explained.toSorted()).toEqual(errorCodes().toSorted());
});

it('docs/errors.md says what to do about every error', () => {
  const withoutAdvice = [...explainedCodes()].filter(([, text]) => !/^What to do: \S/m.test(text));
  expect(withoutAdvice.map(([code]) => code)).toEqual([]);
});
