import type { JudgedCheck, Judgement } from '@certgrant/authority/checks';
import { type Paint, printable, wrap } from './text.ts';

/** A verdict on an assertion or a proof as a person reads it: the answer, the cause and the fix, and every check. */
export function judgementInWords(
  { verdict, checks }: Judgement,
  server: string,
  columns: number,
  paint: Paint,
): string {
  const { bold, red, green } = paint;
  const { refused, summary, explanation } = verdict;
  const [cause] = explanation?.causes ?? [];
  const colour = refused ? red : green;
  const lines = [
    bold(`What ${server} would answer`),
    colour(wrap(printable(`${summary}.`), columns, '  ')),
    ...(cause === undefined
      ? []
      : [
          wrap(printable(`Cause: ${cause.likelihood}: ${cause.why}`), columns, '  '),
          wrap(printable(`What to do: ${cause.fix}`), columns, '  '),
        ]),
  ];
  return [
    lines.join('\n'),
    [bold('Checks'), ...checks.map((check) => checkLine(check, columns, paint))].join('\n'),
  ].join('\n\n');
}

const marks: Readonly<Record<JudgedCheck['status'], string>> = {
  passed: 'passed ',
  failed: 'FAILED ',
  warned: 'warned ',
  skipped: 'skipped',
};

function checkLine(
  { id, status, detail, code, expected, received }: JudgedCheck,
  columns: number,
  { red, green, yellow, faint }: Paint,
): string {
  const colours = { passed: green, failed: red, warned: yellow, skipped: faint };
  const mark = `  ${colours[status](marks[status])}  `;
  const hang = ' '.repeat(marks.passed.length + 4);
  const said = `${id}: ${code === undefined ? '' : `${code}: `}${detail}`;
  return [
    mark + wrap(printable(said), columns, hang).trimStart(),
    ...(expected === undefined ? [] : [faint(wrap(printable(`expected: ${expected}`), columns, `${hang}  `))]),
    ...(received === undefined ? [] : [faint(wrap(printable(`received: ${received}`), columns, `${hang}  `))]),
  ].join('\n');
}
