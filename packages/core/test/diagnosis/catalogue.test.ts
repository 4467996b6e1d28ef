import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { catalogue, codeInWords, findEntry, similarCodes } from '../../src/diagnosis/catalogue.ts';
import { explainText } from '../../src/diagnosis/explain.ts';

/** A whole sentence without a final period, on one line. */
const sentence = /^[A-Za-z0-9][^\n\r]{8,}[^\s.,;:]$/;

describe('the catalogue', () => {
  test('has each code once', () => {
    const codes = catalogue.map(({ code }) => code);
    expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([]);
    expect(codes.length).toBeGreaterThan(80);
  });

  test.each(catalogue.map((entry) => [codeInWords(entry.code), entry] as const))(
    'says of %s what it means, what it comes from, what to do, and where that can be read',
    (_, { title, meaning, causes, sources }) => {
      expect(title).toMatch(sentence);
      expect(meaning).toMatch(/^[A-Za-z0-9].*\.$/);
      expect(causes.length).toBeGreaterThan(0);
      for (const { id, why, fix, signs = [] } of causes) {
        expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        for (const text of [why, fix, ...signs.map(({ seen }) => seen)]) expect(text).toMatch(sentence);
      }
      const ids = causes.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      // In the order of how likely they are.
      const order = ['likely', 'possible', 'unlikely'];
      const usual = causes.map((cause) => order.indexOf(cause.usual));
      expect(usual).toEqual(usual.toSorted());
      expect(usual[0]).toBe(0);
      expect(sources.length).toBeGreaterThan(0);
      for (const source of sources) expect(new URL(source).protocol).toBe('https:');
    },
  );

  test('is found by number and by name, in every way that people write a code', async () => {
    for (const { code, title } of catalogue) {
      const ways = typeof code === 'number' ? [`${code}`, `AADSTS${code}`, `aadsts${code}`, ` ${code}\n`] : [code];
      for (const way of ways)
        expect(await explainText(way)).toMatchObject([{ code: codeInWords(code), known: true, title }]);
    }
  });

  test('is the table of docs/guides/explain.md', () => {
    const guide = readFileSync(new URL('../../../../docs/guides/explain.md', import.meta.url), 'utf8');
    const [, table = ''] = guide.split('## Every code');
    const rows = Array.from(table.matchAll(/^\| (`.+) \|$/gm), ([, row]) => row);
    expect(rows).toEqual(catalogue.map(({ code, title }) => `\`${codeInWords(code)}\` | ${title}`));
  });

  test('names known codes that are a slip of the finger away, and none that are farther', () => {
    expect(similarCodes(70027)).toContain(700027);
    expect(similarCodes(700072)).toContain(700027);
    expect(similarCodes(7000277)).not.toContain(700016);
    expect(similarCodes(123456)).toEqual([]);
    expect(findEntry(123456)).toBeUndefined();
  });
});
