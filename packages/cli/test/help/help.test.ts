import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../src/arguments.ts';
import type { Command } from '../../src/command.ts';
import { summaries } from '../../src/help/overview.ts';
import { commands } from '../../src/run.ts';
import { certgrant } from '../support/run.ts';
import { shellWords } from '../support/shell-words.ts';

const all: readonly (readonly [string, Command])[] = await Promise.all(
  Object.entries(commands).map(async ([name, load]) => [name, (await load()).command] as const),
);

/** The calls of certgrant in a line, also those inside $(…) and before a pipe. */
function calls(line: string): string[] {
  return [...line.matchAll(/certgrant ((?:[^|)"']|'[^']*'|"[^"]*")+)/g)].map(([, rest]) =>
    (rest ?? '').replace(/ < \S+ *$/, '').trim(),
  );
}

describe('help', () => {
  test('the overview names every command with its own summary', () => {
    expect(Object.entries(summaries)).toEqual(all.map(([name, { summary }]) => [name, summary]));
  });

  describe.each(all)('certgrant %s', (name, command) => {
    test('it goes by the name it is called by', () => {
      expect(command.name).toBe(name);
    });

    test('it has a synopsis, a description and examples, and its sentences have no loose ends', () => {
      expect(command.synopsis.length).toBeGreaterThan(0);
      expect(command.description.every((paragraph) => /^[A-Z].*\.$/s.test(paragraph))).toBe(true);
      expect(command.examples.length).toBeGreaterThan(0);
      expect(command.summary).toMatch(/^[a-z].*[^.]$/);
      expect(
        command.examples.map(({ purpose }) => purpose).filter((purpose) => !/^[A-Z].*[^.]$/.test(purpose)),
      ).toEqual([]);
    });

    test('every option says what it does and what its value is', () => {
      for (const [option, { type, value, choices, help }] of Object.entries(command.options)) {
        expect([option, help]).toEqual([option, expect.stringMatching(/^.{10,}[^.]$/)]);
        if (type === 'string') expect(value ?? choices, option).toBeDefined();
        for (const choice of choices ?? []) expect(help.toLowerCase(), option).toContain(choice.toLowerCase());
      }
    });

    test('every example is a line that it accepts', async () => {
      for (const { line } of command.examples) {
        const own = calls(line).filter((call) => call === name || call.startsWith(`${name} `));
        expect(own.length, line).toBeGreaterThan(0);
        for (const call of own) await parseArguments(shellWords(call).slice(name.split(' ').length), command);
      }
    });

    test('its help shows all of that within the width of the page', async () => {
      const { code, stdout } = await certgrant([...name.split(' '), '--help'], { columns: 80 });
      expect(code).toBe(0);
      for (const title of ['Usage', 'Options', 'Examples', 'Exit codes']) expect(stdout).toContain(`${title}\n`);
      for (const option of Object.keys(command.options)) expect(stdout).toContain(`--${option}`);
      for (const variable of Object.keys(command.environment ?? {})) expect(stdout).toContain(variable);
      for (const code of ['0', '1', '2', '130']) expect(stdout).toMatch(new RegExp(`^ {2}${code} `, 'm'));
      const prose = stdout.split('\n').filter((line) => !/^ {2}(certgrant|#|curl|eval|az) ?/.test(line));
      expect(prose.filter((line) => line.length > 80 && /\s\S+\s+\S/.test(line.trim()))).toEqual([]);
    });
  });
});
