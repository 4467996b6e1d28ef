import type { ErrorFacts, ExplainedCause, Explanation } from '@certgrant/core';
import { type Paint, printable, twoColumns, wrap } from './text.ts';

/** What the facts are called, in the order in which they help. */
const labels: readonly (readonly [name: keyof ErrorFacts, label: string])[] = [
  ['clockSkew', 'Clocks'],
  ['serverTime', "Server's time"],
  ['validFrom', 'Valid from'],
  ['validUntil', 'Valid until'],
  ['thumbprint', 'Thumbprint'],
  ['keyStart', 'Key from'],
  ['keyEnd', 'Key until'],
  ['applicationId', 'Application'],
  ['tenant', 'Tenant'],
  ['resource', 'Resource'],
  ['scope', 'Scope'],
  ['error', 'OAuth error'],
  ['correlationId', 'Correlation id'],
  ['traceId', 'Trace id'],
  ['timestamp', 'Time'],
  ['occurrences', 'Times met'],
];

/** An explanation as a person reads it. */
export function explanationInWords(explanation: Explanation, columns: number, paint: Paint): string {
  const { code, known, title, meaning, causes, facts, sources } = explanation;
  const { bold, yellow, faint } = paint;
  const sections = [
    [wrap(`${bold(printable(code))}  ${title}`, columns), wrap(meaning, columns, '  ')].join('\n'),
    factList(facts, known, columns, bold),
    causes.length === 0 ? '' : [bold('Causes'), ...causeList(causes, columns, paint)].join('\n'),
    facts.similarCodes === undefined
      ? ''
      : yellow(wrap(`Codes that differ by one slip: ${facts.similarCodes.join(', ')}`, columns)),
    faint(['Read more', ...sources.map((source) => `  ${source}`)].join('\n')),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function factList(facts: ErrorFacts, known: boolean, columns: number, bold: Paint['bold']): string {
  const rows = labels.flatMap(([name, label]) =>
    facts[name] === undefined ? [] : [[label, printable(String(facts[name]))] as const],
  );
  // What a known code means is said above; of an unknown one the server's words are all there is.
  if (!known && facts.message !== undefined) rows.unshift(['Message', printable(facts.message)]);
  return rows.length === 0 ? '' : `${bold('The text tells')}\n${twoColumns(rows, columns)}`;
}

/** The causes that count in full, the others in a line or two. */
function causeList(causes: readonly ExplainedCause[], columns: number, { bold, faint }: Paint): readonly string[] {
  const isProven = causes.some(({ likelihood }) => likelihood === 'certain');
  const counts = ({ likelihood }: ExplainedCause): boolean =>
    isProven ? likelihood === 'certain' : likelihood !== 'unlikely';
  return causes.map((cause, index) => {
    const mark = `${index + 1}. `;
    const hang = ' '.repeat(mark.length + 2);
    const text = (words: string): string => wrap(printable(words), columns, hang);
    const lines = [
      `  ${mark}${bold(cause.likelihood)}: ${text(`${cause.likelihood}: ${cause.why}`).slice(hang.length + cause.likelihood.length + 2)}`,
      ...(counts(cause) ? cause.evidence.map((seen) => faint(text(`Seen: ${seen}`))) : []),
      text(`What to do: ${cause.fix}`),
    ];
    return counts(cause) ? lines.join('\n') : faint(lines.join('\n'));
  });
}
