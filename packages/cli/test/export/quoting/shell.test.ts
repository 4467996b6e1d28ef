import { describe, expect, test } from 'vitest';
import { shellWord } from '../../../src/export/quoting/shell.ts';
import { echoed, isInstalled } from '../../support/echoed.ts';
import { oddTexts } from '../../support/odd-texts.ts';

describe('shellWord', () => {
  test.for(['sh', 'dash', 'bash'])('is read back byte for byte by %s', (shell, { skip }) => {
    if (!isInstalled(shell, '-c', ':')) return skip(`${shell} is not installed`);
    const texts = echoed(oddTexts.map(shellWord), {
      file: 'echo.sh',
      source: (literals) => `printf '%s\\0' ${literals.join(' ')}\n`,
      commands: [[shell, 'echo.sh']],
    });
    expect(texts).toEqual(oddTexts);
  });
});
