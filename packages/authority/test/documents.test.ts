import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { aadstsCodes, entraError } from '../src/entra-error.ts';

const page = readFileSync(new URL('../../../docs/authority-parity.md', import.meta.url), 'utf8');

it('authority-parity.md lists every code of the authority, with its OAuth error, and no other', () => {
  const rows = Array.from(page.matchAll(/^\|[^|]+\| (\d+) \| `(\w+)` \|/gm), ([, code, error]) => [
    Number(code),
    error,
  ]);
  const listed = new Map(rows as [number, string][]);
  expect([...listed.keys()].toSorted((a, b) => a - b)).toEqual(aadstsCodes.toSorted((a, b) => a - b));
  for (const code of aadstsCodes) expect([code, listed.get(code)]).toEqual([code, entraError(code, '').error]);
});

it('authority-parity.md names tests that are there', () => {
  const names = new Set(
    Array.from(page.matchAll(/`([a-z-]+\/[\w-]+|start-authority|documents)`/g), ([, name]) => name),
  );
  expect(names.size).toBeGreaterThan(6);
  for (const name of names)
    expect([name, existsSync(new URL(`${name}.test.ts`, import.meta.url))]).toEqual([name, true]);
});
