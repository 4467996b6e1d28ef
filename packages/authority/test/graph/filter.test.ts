import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAdvanced, meets, parseFilter } from '../../src/graph/filter.ts';
import { GraphError } from '../../src/graph/graph-error.ts';

const properties = [
  'displayName',
  'identifierUris',
  'accountEnabled',
  'mail',
  'createdDateTime',
  'keyCredentials/keyId',
];
const view = {
  displayName: "Anne's app",
  identifierUris: ['api://One', 'api://two'],
  accountEnabled: true,
  mail: null,
  createdDateTime: '2026-01-01T00:00:00Z',
  keyCredentials: [{ keyId: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' }],
};

describe('parseFilter', () => {
  it.each([
    ["displayName eq 'anne''s APP'", true],
    ["displayName eq 'Anne'", false],
    ["displayName ne 'Anne'", true],
    ["not(displayName eq 'Anne''s app')", false],
    ["not startswith(displayName,'B')", true],
    ["startswith(displayName, 'anne')", true],
    ["startsWith(displayName,'nne')", false],
    ["endswith(displayName,'APP')", true],
    ["displayName in ('x', 'Anne''s app')", true],
    ["displayName in ('x')", false],
    ['accountEnabled eq true', true],
    ['accountEnabled eq false', false],
    ["accountEnabled eq 'true'", false],
    ['mail eq null', true],
    ['mail ne null', false],
    ['createdDateTime eq 2026-01-01T00:00:00Z', true],
    ["identifierUris/any(u:u eq 'api://one')", true],
    ["identifierUris/any(u:startswith(u,'api://t'))", true],
    ["identifierUris/any(u:u eq 'api://three')", false],
    ['keyCredentials/any(k:k/keyId eq 3F2504E0-4f89-41d3-9a0c-0305e82c3301)', true],
    ["displayName eq 'x' or accountEnabled eq true and mail eq null", true],
    ["(displayName eq 'x' or accountEnabled eq true) and mail ne null", false],
    ["displayName eq 'x'' or accountEnabled eq true or ''1'", false],
  ])('reads %s', (text, expected) => {
    expect(meets(view, parseFilter(text, properties))).toBe(expected);
  });

  it.each([
    '',
    ' ',
    'displayName',
    "displayName eq 'x",
    "displayName eq 'x' and",
    "displayName eq 'x' displayName eq 'y'",
    "displayName like 'x'",
    "displayName gt 'x'",
    "password eq 'x'",
    "identifierUris/any(u:v eq 'x')",
    "identifierUris/any(u:u eq 'x'",
    "identifierUris/all(u:u eq 'x')",
    'displayName in ()',
    `displayName in (${Array.from({ length: 16 }, () => "'x'").join(',')})`,
    `${'('.repeat(5000)}accountEnabled eq true${')'.repeat(5000)}`,
    `${'not '.repeat(5000)}accountEnabled eq true`,
  ])('refuses %s', (text) => {
    expect(() => parseFilter(text, properties)).toThrow(GraphError);
  });

  it('tells which filters are advanced queries in Graph', () => {
    const advanced = ["displayName ne 'x'", "mail eq null or endswith(mail,'x')", 'not(accountEnabled eq true)'];
    const plain = ["displayName eq 'x' and mail eq null", "startswith(displayName,'x')", "displayName in ('x')"];
    expect(advanced.map((text) => isAdvanced(parseFilter(text, properties)))).toEqual([true, true, true]);
    expect(plain.map((text) => isAdvanced(parseFilter(text, properties)))).toEqual([false, false, false]);
  });

  it('answers any text with a filter or a refusal', () => {
    const pieces = fc.constantFrom(
      'displayName',
      'eq',
      'ne',
      "'x'",
      "'",
      '(',
      ')',
      ',',
      'and',
      'or',
      'not',
      'in',
      ' ',
      ':',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 30 }).map((each) => each.join(' ')),
    );
    fc.assert(
      fc.property(text, (filter) => {
        try {
          expect(typeof meets(view, parseFilter(filter, properties))).toBe('boolean');
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(GraphError);
        }
      }),
    );
  });
});
