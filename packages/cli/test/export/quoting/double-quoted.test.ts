import { describe, expect, test } from 'vitest';
import {
  csharpString,
  goString,
  hclString,
  javaString,
  pythonString,
  yamlString,
} from '../../../src/export/quoting/double-quoted.ts';
import { echoed, isInstalled } from '../../support/echoed.ts';
import { oddTexts } from '../../support/odd-texts.ts';

describe('pythonString', () => {
  test('is read back byte for byte by Python', ({ skip }) => {
    if (!isInstalled('python3', '--version')) return skip('python3 is not installed');
    const texts = echoed(oddTexts.map(pythonString), {
      file: 'echo.py',
      source: (literals) =>
        `import sys\nfor text in [${literals.join(', ')}]:\n    sys.stdout.buffer.write(text.encode() + b"\\0")\n`,
      commands: [['python3', 'echo.py']],
    });
    expect(texts).toEqual(oddTexts);
  });
});

describe('javaString', () => {
  test('is read back byte for byte by Java', ({ skip }) => {
    if (!isInstalled('javac', '-version')) return skip('there is no JDK');
    const texts = echoed(oddTexts.map(javaString), {
      file: 'Echo.java',
      source: (literals) =>
        `class Echo { public static void main(String[] a) throws Exception { for (String text : new String[] { ${literals.join(', ')} }) { System.out.write(text.getBytes("UTF-8")); System.out.write(0); } System.out.flush(); } }\n`,
      commands: [['java', 'Echo.java']],
    });
    expect(texts).toEqual(oddTexts);
  });
});

describe('goString', () => {
  test('is read back byte for byte by Go', ({ skip }) => {
    if (!isInstalled('go', 'version')) return skip('go is not installed');
    const texts = echoed(oddTexts.map(goString), {
      file: 'echo.go',
      source: (literals) =>
        `package main\n\nimport "os"\n\nfunc main() {\n\tfor _, text := range []string{${literals.join(', ')}} {\n\t\tos.Stdout.WriteString(text + "\\x00")\n\t}\n}\n`,
      commands: [['go', 'run', 'echo.go']],
    });
    expect(texts).toEqual(oddTexts);
  });

  test.each([
    ['"a\\b"', String.raw`"\"a\\b\""`],
    ['ü\n😀', String.raw`"\u00fc\n\U0001f600"`],
  ])('writes %j as %s', (text, literal) => {
    expect(goString(text)).toBe(literal);
  });
});

describe('csharpString', () => {
  // The escapes that C# and JSON have in common (ECMA-334 §6.4.5.6, RFC 8259 §7).
  test('is a JSON string, whose escapes C# has as well', () => {
    expect(oddTexts.map((text) => JSON.parse(csharpString(text)))).toEqual(oddTexts);
  });
});

describe('yamlString', () => {
  test.each([
    ['a: b # c', '"a: b # c"'],
    ['"a\\b"', String.raw`"\"a\\b\""`],
    ['ü\n😀', String.raw`"\u00fc\n\U0001f600"`],
  ])('writes %j as %s', (text, literal) => {
    expect(yamlString(text)).toBe(literal);
  });
});

describe('hclString', () => {
  test.each([
    ['$HOME 100%', '"$HOME 100%"'],
    [`\${a} %{b}`, '"$${a} %%{b}"'],
    ['"a\\b"\nü', String.raw`"\"a\\b\"\n\u00fc"`],
  ])('writes %j as %s', (text, literal) => {
    expect(hclString(text)).toBe(literal);
  });
});
