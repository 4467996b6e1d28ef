import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bruBlock, bruValue } from '../../src/export/quoting/bru.ts';
import { formValue } from '../../src/export/quoting/form.ts';
import { javascriptString } from '../../src/export/quoting/javascript.ts';

const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(...'\'"`\\$%+{}\n\r</!ü\u2028'.split('')),
  ),
});

describe('quoting', () => {
  test('javascriptString: JavaScript reads every text back, and no placeholder or line break is left in it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const literal = javascriptString(text);
        expect(runInNewContext(literal)).toBe(text);
        expect(literal).not.toMatch(/\{\{|\}\}|\$\{|<\/|[^ -~]/);
      }),
    );
  });

  test('formValue: a form reads every text back, and only characters without a meaning anywhere are left in it', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const value = formValue(text);
        expect(value).toMatch(/^[\w.~:/%-]*$/);
        expect(new URLSearchParams(`scope=${value}`).get('scope')).toBe(text);
      }),
    );
  });

  test('formValue: the address of an API can be read as it is', () => {
    expect(formValue('https://graph.microsoft.com/.default')).toBe('https://graph.microsoft.com/.default');
  });

  test('bruValue: several lines stand indented between triple quotes, and what would end them is refused', () => {
    expect(bruValue('one')).toBe('one');
    expect(bruValue('one\ntwo\n')).toBe("'''\n    one\n    two\n  '''");
    expect(() => bruValue("a\n'''")).toThrow(RangeError);
  });

  test('bruBlock: no line of a text ends the block', () => {
    expect(bruBlock('tests', 'if (a) {\n}\n')).toBe('tests {\n  if (a) {\n  }\n}\n');
  });
});
