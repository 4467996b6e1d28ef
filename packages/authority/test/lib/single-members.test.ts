import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasSingleMembers } from '../../src/lib/single-members.ts';

it.each([
  ['{}', true],
  ['{"a":1,"b":2}', true],
  ['{"a":1,"a":2}', false],
  ['{"a" : 1 , "\\u0061":2}', false],
  ['{"a":{"a":1},"b":[{"a":1},"a"]}', true],
  ['{"a":"a","b":"\\"a\\":"}', true],
  ['{"a":{"x":1,"x":2}}', true],
])('hasSingleMembers says of %s: %s', (json, expected) => {
  expect(hasSingleMembers(json)).toBe(expected);
});

it('hasSingleMembers accepts whatever JSON.stringify writes, and refuses it with a member repeated', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), (value) => {
      const json = JSON.stringify(value);
      expect(hasSingleMembers(json)).toBe(true);
      const [name] = Object.keys(value);
      expect(hasSingleMembers(`${json.slice(0, -1)},${JSON.stringify(name)}:1}`)).toBe(false);
    }),
  );
});
