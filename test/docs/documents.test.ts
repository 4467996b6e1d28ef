import { afterAll, describe, expect, it } from 'vitest';
import { codeBlocks } from './code-blocks.ts';
import { documents } from './documents.ts';
import { Workplace } from './workplace.ts';

const words = ['authority', 'repository', 'output', 'fails', 'vitest'];

for (const document of documents()) {
  const blocks = codeBlocks(document);
  if (blocks.length === 0) continue;

  describe(document, { timeout: 180_000 }, () => {
    const workplace = new Workplace();
    afterAll(() => workplace.close());

    for (const { place, language, words: given, norun, code } of blocks) {
      const withAuthority = given.includes('authority');
      it(`${place} (${language}) holds`, async () => {
        expect(given.filter((word) => !words.includes(word))).toEqual([]);
        if (norun !== undefined) return workplace.parse(language, place, code);
        const options = { withAuthority, inRepository: given.includes('repository'), fails: given.includes('fails') };
        switch (language) {
          case 'sh':
            return workplace.runShell(code, options);
          case 'ts':
            if (given.includes('vitest')) return workplace.runTests(place, code, options);
            return workplace.runTypeScript(place, code, options);
          case 'js':
            return workplace.runJavaScript(place, code, options);
          case 'json':
            return void JSON.parse(code);
          case 'text':
            return given.includes('output') ? expect(workplace.lastOutput).toMatch(pattern(code)) : undefined;
          default:
            return expect.fail(`no way to run a block of "${language}": see CONTRIBUTING.md`);
        }
      });
    }
  });
}

it('the documents have code blocks', () => {
  expect(documents().flatMap(codeBlocks).length).toBeGreaterThan(0);
});

/** `…` in an output that a document shows stands for anything within the line, on a line of its own for any lines. */
function pattern(shown: string): RegExp {
  const lines = shown.trim().split('\n');
  const expressions = lines.map((line) =>
    line.trim() === '…' ? '[\\s\\S]*' : line.trimEnd().split('…').map(literal).join('.*'),
  );
  return new RegExp(expressions.join('\\s*\\n'));
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
