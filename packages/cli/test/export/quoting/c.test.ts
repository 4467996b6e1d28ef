import { describe, expect, test } from 'vitest';
import { cString } from '../../../src/export/quoting/c.ts';
import { echoed, isInstalled } from '../../support/echoed.ts';
import { oddTexts } from '../../support/odd-texts.ts';

describe('cString', () => {
  test.for(['-std=c11', '-std=c99', '-std=gnu17'])(
    'is read back byte for byte by a compiler with %s',
    (standard, { skip }) => {
      if (!isInstalled('gcc', '--version')) return skip('gcc is not installed');
      const texts = echoed(oddTexts.map(cString), {
        file: 'echo.c',
        source: (literals) =>
          `#include <stdio.h>\nint main(void) {\n${literals.map((text) => `fputs(${text}, stdout); putchar(0);`).join('\n')}\nreturn 0; }\n`,
        commands: [['gcc', standard, '-trigraphs', '-Wall', '-Wextra', '-Werror', '-o', 'echo', 'echo.c'], ['./echo']],
      });
      expect(texts).toEqual(oddTexts);
    },
  );
});
