import { type DecodedToken, type DescribedMember, decodeToken, describeToken, type FoundToken } from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import { tokenFrom, tokenOperand } from '../options/token-text.ts';
import { type Paint, paintFor, printable, wrap } from '../output/text.ts';

const options = {
  json: { type: 'boolean', help: 'Print one JSON document: kind, header, claims, faults, warnings' },
} as const;

export const command: Command = defineCommand({
  name: 'decode',
  summary: 'show what is in a token, in words',
  synopsis: ['[TOKEN] [OPTIONS]', '[OPTIONS] < FILE'],
  description: [
    'Finds the token in whatever text it stands in and shows its header and claims with what each means, and its times in this time zone, in UTC and from now. Nothing is verified: certgrant verify does that. Nothing is sent anywhere.',
    'A damaged token is shown as far as it goes, with the place of the damage. A token on the command line can be seen by other users of this machine while the command runs; standard input cannot.',
  ],
  operands: tokenOperand,
  maximumOperands: 1,
  options,
  examples: [
    {
      purpose: 'What can this application do?',
      line: 'certgrant token --scope https://graph.microsoft.com/.default | certgrant decode',
    },
    { purpose: 'The token inside an answer that was saved', line: 'certgrant decode < answer.json' },
    { purpose: 'One claim, for a script', line: 'certgrant decode --json < answer.json | jq -r .claims.tid' },
  ],
  exitCodes: { 1: 'there is no token in the text, or it is damaged; what can be read of it is shown' },
  handle: async (values, io, [operand]) => {
    const found = await tokenFrom(operand, io);
    const decoded = decodeToken(found.token);
    const { warnings, ...description } = describeToken(decoded, { platform: io.platform });
    const exitCode = isDamaged(decoded) ? 1 : 0;
    if (values.json) {
      const { kind, header = null, claims = null, faults } = decoded;
      io.stdout.write(`${JSON.stringify({ kind, header, claims, faults, warnings })}\n`);
      return exitCode;
    }
    const { columns } = io.stdout;
    const paint = paintFor(io.stdout);
    const sections = [
      heading(description, found, columns, paint),
      members('Header', description.header, columns, paint),
      members('Claims', description.claims, columns, paint),
      list('To know', warnings, columns, paint.yellow),
      faultList(found.token, decoded, paint),
    ];
    io.stdout.write(`${sections.filter((section) => section !== '').join('\n\n')}\n`);
    return exitCode;
  },
});

/** An unsigned token is whole; it is only worth nothing. */
function isDamaged({ faults }: DecodedToken): boolean {
  return faults.some(({ code }) => code !== 'unsigned');
}

interface Heading {
  readonly title: string;
  readonly statement: string;
  readonly stateInWords: string;
}

function heading(
  { title, statement, stateInWords }: Heading,
  { where, others }: FoundToken,
  columns: number,
  { bold, yellow }: Paint,
): string {
  const besides = others.length === 0 ? '' : ` The text holds more tokens: in ${others.join(', in ')}.`;
  return [
    bold(printable(title)),
    yellow(wrap(`${statement}.`, columns)),
    wrap(`${stateInWords}.`, columns),
    wrap(`Found in ${where}.${besides}`, columns),
  ].join('\n');
}

function members(title: string, described: readonly DescribedMember[], columns: number, paint: Paint): string {
  if (described.length === 0) return '';
  const { bold, faint } = paint;
  const lines = described.flatMap(({ name, text, meaning, source, details, time }) => [
    `  ${bold(name)}  ${text}`,
    ...(time === undefined ? [] : [`      ${time.relative}: ${time.local}, ${time.utc}`]),
    ...details.map((detail) => wrap(detail, columns, '      ')),
    ...(meaning === undefined ? [] : [faint(wrap(`${meaning} (${source})`, columns, '      '))]),
  ]);
  return [bold(title), ...lines].join('\n');
}

function list(
  title: string,
  entries: readonly { readonly message: string }[],
  columns: number,
  colour: (text: string) => string,
): string {
  if (entries.length === 0) return '';
  return [colour(title), ...entries.map(({ message }) => wrap(`- ${message}`, columns, '  '))].join('\n');
}

/** How much of the token is shown before and after a fault. */
const around = 30;

function faultList(token: string, { faults }: DecodedToken, { red }: Paint): string {
  if (faults.length === 0) return '';
  const lines = faults.flatMap(({ message, at }) => {
    if (at === undefined) return [`  ${message}`];
    const start = Math.max(0, at - around);
    const excerpt = printable(token.slice(start, at + around).replaceAll(/\s/g, ' '));
    const before = printable(token.slice(start, at).replaceAll(/\s/g, ' ')).length;
    return [`  ${message}, at character ${at + 1}`, `    ${excerpt}`, `    ${' '.repeat(before)}^`];
  });
  return [red('Damage'), ...lines].join('\n');
}
