import { describe, expect, test } from 'vitest';
import { paintFor, printable, twoColumns, wrap } from '../../src/output/text.ts';

describe('printable()', () => {
  test.each([
    ['plain text, umlauts äöü and 漢字', 'plain text, umlauts äöü and 漢字'],
    ['two\nlines', 'two\nlines'],
    ['\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
    ['title \u009d0;x\u0007', 'title \\u009d0;x\\u0007'],
    ['abc\u202egnp.exe', 'abc\\u202egnp.exe'],
    ['back\rover', 'back\\u000dover'],
  ])('printable(%j) is %j', (text, expected) => {
    expect(printable(text)).toBe(expected);
  });
});

describe('wrap()', () => {
  test('wrap() breaks at spaces and keeps every word', () => {
    const text = 'one two three four five six seven';
    const wrapped = wrap(text, 14, '  ');
    expect(wrapped.split('\n').every((line) => line.length <= 14 && line.startsWith('  '))).toBe(true);
    expect(wrapped.replace(/\s+/g, ' ').trim()).toBe(text);
  });

  test('wrap() lets a word that is longer than the line stand alone', () => {
    expect(wrap('a https://login.microsoftonline.com b', 10)).toBe('a\nhttps://login.microsoftonline.com\nb');
  });
});

describe('twoColumns()', () => {
  test('twoColumns() aligns the second column and wraps under it', () => {
    expect(
      twoColumns(
        [
          ['--a', 'short'],
          ['--long', 'two words'],
        ],
        15,
      ),
    ).toBe('  --a     short\n  --long  two\n          words');
  });
});

describe('paintFor()', () => {
  test('paintFor() paints a terminal and nothing else', () => {
    expect(paintFor({ hasColours: true }).bold('x')).toBe('\u001b[1mx\u001b[22m');
    expect(paintFor({ hasColours: false }).bold('x')).toBe('x');
  });
});
