import { describe, expect, test } from 'vitest';
import { suggest } from '../src/suggest.ts';

describe('suggest()', () => {
  const options = ['client-id', 'cert', 'key', 'password-file', 'password-env', 'tenant', 'scope', 'json'];

  test.each([
    ['clientid', 'client-id'],
    ['client_id', 'client-id'],
    ['clinet-id', 'client-id'],
    ['CLIENT-ID', 'client-id'],
    ['tenent', 'tenant'],
    ['certificate', undefined],
    ['cret', 'cert'],
    ['scop', 'scope'],
    ['password', 'password-file'],
    ['x', undefined],
    ['completely-different', undefined],
  ])('suggest(%j) is %j', (typed, expected) => {
    expect(suggest(typed, options)).toBe(expected);
  });
});
