import { describe, expect, test } from 'vitest';
import { powershellString } from '../../../src/export/quoting/powershell.ts';
import { oddTexts } from '../../support/odd-texts.ts';

describe('powershellString', () => {
  test.each([
    ['plain', "'plain'"],
    ["it's", "'it''s'"],
    ['$HOME `n "x" $(id)', `'$HOME \`n "x" $(id)'`],
    ['ü', '"$([char]0x00FC)"'],
    ['ü "a" $b `c', '"$([char]0x00FC) `"a`" `$b ``c"'],
    ['a\nb', '"a$([char]0x000A)b"'],
    // PowerShell takes typographic quotes for quotes (about_Quoting_Rules).
    ['‘a’ ‚b‛', '"$([char]0x2018)a$([char]0x2019) $([char]0x201A)b$([char]0x201B)"'],
    ['😀', '"$([char]0xD83D)$([char]0xDE00)"'],
  ])('writes %j as %s', (text, literal) => {
    expect(powershellString(text)).toBe(literal);
  });

  test('is all in ASCII, whatever the code page of the machine', () => {
    expect(oddTexts.map(powershellString).join('')).toMatch(/^[ -~]*$/);
  });
});
