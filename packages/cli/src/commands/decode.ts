import type { Judgement } from '@certgrant/authority/checks';
import {
  type DecodedToken,
  type DescribedMember,
  decodeToken,
  describeToken,
  type FoundToken,
  type TokenKind,
} from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import type { JudgeValues } from '../judge-token.ts';
import { authorityOptions } from '../options/authority.ts';
import { openingOptions, passwordEnvironment } from '../options/password.ts';
import { tokenFrom, tokenOperand } from '../options/token-text.ts';
import { type Paint, paintFor, printable, wrap } from '../output/text.ts';

const options = {
  cert: {
    type: 'string',
    value: 'FILE',
    help: 'Of an assertion or proof: the certificate that is registered, for checking thumbprint, dates and signature',
  },
  ...openingOptions,
  tenant: { type: 'string', value: 'ID', help: 'Of an assertion: the tenant that it is for (default: the one in aud)' },
  cloud: authorityOptions.cloud,
  authority: authorityOptions.authority,
  'client-id': { type: 'string', value: 'ID', help: 'Of an assertion: the client_id of the request (default: sub)' },
  'object-id': {
    type: 'string',
    value: 'ID',
    help: 'Of a proof: the object id of the application whose keys it is for (default: iss)',
  },
  as: {
    type: 'string',
    choices: ['client-assertion', 'proof'],
    value: 'KIND',
    help: 'Judge the token as a client-assertion or a proof, whatever it looks like',
  },
  json: { type: 'boolean', help: 'Print one JSON document: kind, header, claims, faults, warnings, verdict, checks' },
} as const;

export const command: Command = defineCommand({
  name: 'decode',
  summary: 'show what is in a token, in words',
  synopsis: ['[TOKEN] [OPTIONS]', '[OPTIONS] < FILE'],
  description: [
    'Finds the token in whatever text it stands in and shows its header and claims with what each means, and its times in this time zone, in UTC and from now. Nothing is verified: certgrant verify does that. Nothing is sent anywhere.',
    'Of a client assertion and of a proof of possession it also says what Entra ID or Microsoft Graph would answer, and why, check by check; the checks are those of certgrant authority. What only the real authority knows, such as which certificates are registered, is said to be not checked. The certificate that is given is taken for a registered one; what is not given is taken from the token, not from the environment.',
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
    {
      purpose: 'Why is this assertion refused?',
      line: 'certgrant decode --cert my-daemon.cer --tenant contoso.com < assertion.txt',
    },
    { purpose: 'One claim, for a script', line: 'certgrant decode --json < answer.json | jq -r .claims.tid' },
  ],
  exitCodes: { 1: 'there is no token in the text, or it is damaged; what can be read of it is shown' },
  environment: passwordEnvironment,
  handle: async (values, io, [operand]) => {
    const found = await tokenFrom(operand, io);
    const decoded = decodeToken(found.token);
    const { warnings, ...description } = describeToken(decoded, { platform: io.platform });
    const exitCode = isDamaged(decoded) ? 1 : 0;
    const kind = values.as ?? decoded.kind;
    const judgement = isJudged(kind) ? await judge(found.token, kind, values, io) : undefined;
    if (judgement === undefined) warnOfOptions(values, io);
    if (values.json) {
      const { header = null, claims = null, faults } = decoded;
      io.stdout.write(`${JSON.stringify({ kind, header, claims, faults, warnings, ...judgement })}\n`);
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
      judgement === undefined ? '' : await judgementSection(judgement, kind, columns, paint),
    ];
    io.stdout.write(`${sections.filter((section) => section !== '').join('\n\n')}\n`);
    return exitCode;
  },
});

type JudgedKind = 'client-assertion' | 'proof';

function isJudged(kind: TokenKind): kind is JudgedKind {
  return kind === 'client-assertion' || kind === 'proof';
}

/** Loaded only here: most tokens are not judged. */
async function judge(token: string, kind: JudgedKind, values: JudgeValues, io: Io): Promise<Judgement> {
  const { judgeToken } = await import('../judge-token.ts');
  return judgeToken(token, kind, values, io);
}

async function judgementSection(judgement: Judgement, kind: TokenKind, columns: number, paint: Paint): Promise<string> {
  const { judgementInWords } = await import('../output/judgement.ts');
  return judgementInWords(judgement, kind === 'proof' ? 'Microsoft Graph' : 'Entra ID', columns, paint);
}

function warnOfOptions(values: JudgeValues, io: Io): void {
  const names = ['cert', 'tenant', 'cloud', 'authority', 'client-id', 'object-id'] as const;
  const given = names.find((name) => values[name] !== undefined);
  if (given === undefined) return;
  io.warn(`--${given} has no meaning here: only client assertions and proofs are judged (see --as)`);
}

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
