import { explainText } from '@certgrant/core';
import { expect, it } from 'vitest';
import { read } from '../layout/sources.ts';

it('explain knows every code that the local authority answers with', async () => {
  const [, union = ''] = /export type AadstsCode =([^;]*);/.exec(read('packages/authority/src/entra-error.ts')) ?? [];
  const codes = [...union.matchAll(/\| (\d+)/g)].map(([, code]) => String(code));
  expect(codes.length).toBeGreaterThan(25);
  const unknown = (await Promise.all(codes.map((code) => explainText(code)))).flat().filter(({ known }) => !known);
  expect(unknown.map(({ code }) => code)).toEqual([]);
});
