import { expect, test } from 'vitest';
import { retryAfter } from '../../src/token/retry-after.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);

test.each([
  ['17', 17_000],
  [' 0 ', 0],
  ['Fri, 02 Jan 2026 03:04:35 GMT', 30_000],
  ['Fri, 02 Jan 2026 03:00:00 GMT', 0],
  ['Friday, 02-Jan-26 03:04:35 GMT', 30_000],
  ['Fri Jan  2 03:04:35 2026', 30_000],
  ['', undefined],
  ['-5', undefined],
  ['soon', undefined],
])('retryAfter reads %j as %s milliseconds', (value, expected) => {
  expect(retryAfter(new Headers({ 'retry-after': value }), now)).toBe(expected);
});

test('retryAfter is undefined without the header', () => {
  expect(retryAfter(new Headers(), now)).toBeUndefined();
});
