import { CertgrantError, isCertgrantError, platformWith } from '@certgrant/core';
import type { ChoiceJson } from '../certificate-choice.ts';
import { type Command, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { filesInFolder } from '../key-file-search.ts';
import { credentialOptions, keyFileSource, selectionFrom } from '../options/credential.ts';
import { openingOptions, type PasswordValues, passwordEnvironment, passwordFrom } from '../options/password.ts';
import { withinFrom } from '../options/within.ts';
import { type CertificateJson, certificateJson } from '../output/certificate.ts';
import { paintFor, printable } from '../output/text.ts';
import { relative } from '../output/time.ts';
import {
  examine,
  type Finding,
  type RenewalProblem,
  type RenewalRules,
  type RenewalStatus,
  type Skipped,
  unusable,
} from '../renewal.ts';

const options = {
  within: {
    type: 'string',
    value: 'TIME',
    help: 'Call a certificate due when it ends within this time: 30d (default), 12h, 6w',
  },
  'require-key': {
    type: 'boolean',
    help: 'A file counts only with the private key of its certificate, which must open',
  },
  recursive: { type: 'boolean', help: 'Look into the folders of a folder as well' },
  thumbprint: credentialOptions.thumbprint,
  'friendly-name': credentialOptions['friendly-name'],
  ...openingOptions,
  quiet: { type: 'boolean', help: 'Print nothing about files that are fine' },
  json: { type: 'boolean', help: 'Print one JSON document' },
} as const;

export const command: Command = defineCommand({
  name: 'cert check',
  summary: 'say whether certificates are due for renewal, also in the exit code',
  synopsis: ['FILE… [OPTIONS]'],
  description: [
    'Looks when the certificate of each file ends. The exit code is made for cron: 0 when all are fine, and otherwise that of the worst file.',
    'Of a folder, every file that holds a certificate is checked, whatever its name; other files, private keys alone and hidden files are passed over and counted. A damaged file that has the name of a key file (.pfx, .pem, .cer …) counts as not usable, and so does a folder with nothing to check.',
    'No private key is needed: a .cer file is checked as well, and so is a PEM file whose key is encrypted. A PFX opens with the password that is given or, where none is, with that of NAME.password beside it, as cert create writes it.',
  ],
  operands: { FILE: 'A key file or a folder; several may be given' },
  maximumOperands: Number.POSITIVE_INFINITY,
  options,
  examples: [
    { purpose: 'Is it time to renew?', line: 'certgrant cert check my-daemon.pem --within 30d' },
    { purpose: 'Every certificate in a folder', line: 'certgrant cert check /etc/my-daemon --recursive' },
    {
      purpose: 'In a crontab: a mail when something is to be done, nothing otherwise',
      line: '0 6 * * *  certgrant cert check /etc/my-daemon --within 30d --quiet',
    },
  ],
  exitCodes: {
    0: 'fine: every certificate is valid for longer than that',
    1: 'due: a certificate ends within that time',
    3: 'expired: a certificate has ended',
    4: 'not usable: a file cannot be read or opened, holds no certificate or the key of another one, or is not valid yet; this outweighs 3, and 3 outweighs 1',
  },
  environment: {
    AZURE_CLIENT_CERTIFICATE_PATH: 'the key file, when FILE is not given',
    ...passwordEnvironment,
  },
  handle: async (values, io, files) => {
    const sources = files.length > 0 ? files : [keyFileSource(undefined, io)];
    const rules: RenewalRules = {
      now: platformWith(io.platform).now(),
      within: withinFrom(values.within ?? '30d'),
      requireKey: values['require-key'],
      allowCostly: values['allow-costly'],
      selection: selectionFrom(values),
      password: await passwordOrUsage(values, io),
    };
    const outcomes: (Finding | Skipped)[] = [];
    for (const source of sources) outcomes.push(...(await examineSource(source, values.recursive, rules, io)));
    const findings = outcomes.filter((outcome): outcome is Finding => 'status' in outcome);
    const skipped = outcomes.filter((outcome): outcome is Skipped => 'skipped' in outcome);
    const exitCode = Math.max(...findings.map(({ status }) => exitCodes[status]));
    if (values.json) {
      io.stdout.write(`${JSON.stringify(await checkJson(findings, skipped, rules, exitCode))}\n`);
    } else {
      const shown = values.quiet ? findings.filter(({ status }) => status !== 'fine') : findings;
      printTable(shown, rules.now, io);
      if (!values.quiet && (sources.length < outcomes.length || skipped.length > 0))
        printCounts(findings.length, skipped, io);
    }
    return exitCode;
  },
});

const exitCodes: Readonly<Record<RenewalStatus, number>> = { fine: 0, due: 1, expired: 3, unusable: 4 };

/** Exit code 1 says that a certificate is due, so that a password file which is not there must not end with it. */
async function passwordOrUsage(values: PasswordValues, io: Io): Promise<string | undefined> {
  try {
    return await passwordFrom(values, io);
  } catch (thrown) {
    if (!isCertgrantError(thrown)) throw thrown;
    throw new CertgrantError('USAGE', thrown.message, { fix: thrown.fix, cause: thrown });
  }
}

/** A file, or the files of a folder, of which at least one must hold a certificate. */
async function examineSource(
  source: string,
  recursive: boolean,
  rules: RenewalRules,
  io: Io,
): Promise<readonly (Finding | Skipped)[]> {
  let files: readonly string[] | undefined;
  try {
    files = filesInFolder(source, { cwd: io.cwd, recursive });
  } catch (thrown) {
    if (!isCertgrantError(thrown)) throw thrown;
    return [unusable(source, thrown)];
  }
  if (files === undefined) return [await examine(source, false, rules, io)];
  const outcomes: (Finding | Skipped)[] = [];
  for (const file of files) {
    io.signal.throwIfAborted();
    outcomes.push(await examine(file, true, rules, io));
  }
  if (outcomes.some((outcome) => 'status' in outcome)) return outcomes;
  const nothing = {
    code: 'CERTIFICATE_MISSING',
    message: `there is nothing to check among the ${files.length} files of the folder`,
    fix: recursive ? 'Check the path' : 'Check the path, or look into its folders too: --recursive',
  };
  return [...outcomes, unusable(source, nothing)];
}

/** What `--json` prints; programs rely on these names. */
interface CheckJson {
  readonly exitCode: number;
  /** In seconds. */
  readonly within: number;
  readonly files: readonly {
    readonly file: string;
    readonly status: RenewalStatus;
    /** Whole days until the certificate ends; negative after that. */
    readonly daysLeft: number | null;
    readonly certificate: CertificateJson | null;
    readonly key: Finding['key'] | null;
    readonly chosen: ChoiceJson | null;
    readonly problem: RenewalProblem | null;
  }[];
  readonly skipped: readonly { readonly file: string; readonly reason: string }[];
}

async function checkJson(
  findings: readonly Finding[],
  skipped: readonly Skipped[],
  { now, within }: RenewalRules,
  exitCode: number,
): Promise<CheckJson> {
  const files = findings.map(async ({ file, status, certificate, key, chosen, problem }) => ({
    file,
    status,
    daysLeft: certificate === undefined ? null : Math.floor((certificate.notAfter.getTime() - now) / 86_400_000),
    certificate: certificate === undefined ? null : await certificateJson(certificate),
    key: key ?? null,
    chosen: chosen ?? null,
    problem: problem === undefined ? null : { code: problem.code, message: problem.message, fix: problem.fix },
  }));
  return {
    exitCode,
    within: within / 1000,
    files: await Promise.all(files),
    skipped: skipped.map(({ file, skipped: reason }) => ({ file, reason })),
  };
}

function printTable(findings: readonly Finding[], now: number, { stdout }: Io): void {
  const { green, yellow, red } = paintFor(stdout);
  const colours = { fine: green, due: yellow, expired: red, unusable: red };
  const rows = findings.map(({ file, certificate }) => ({
    ends: certificate === undefined ? '' : certificate.notAfter.toISOString().slice(0, 10),
    when: certificate === undefined ? '' : relative(certificate.notAfter.getTime(), now),
    file: printable(file),
    subject: printable(certificate?.subject ?? ''),
  }));
  const width = (column: 'ends' | 'when' | 'file'): number => Math.max(0, ...rows.map((row) => row[column].length));
  const [ends, when, name] = [width('ends'), width('when'), width('file')];
  for (const [index, { status, problem }] of findings.entries()) {
    const row = rows[index] as (typeof rows)[number];
    const cells = [row.ends.padEnd(ends), row.when.padEnd(when), row.file.padEnd(name), row.subject];
    stdout.write(`${`${colours[status](status.padEnd(8))}  ${cells.join('  ')}`.trimEnd()}\n`);
    if (problem === undefined) continue;
    stdout.write(`${' '.repeat(10)}${printable(problem.message)}\n${' '.repeat(10)}${printable(problem.fix)}\n`);
  }
}

function printCounts(checked: number, skipped: readonly Skipped[], { stdout }: Io): void {
  const counts = new Map<string, number>();
  for (const { skipped: reason } of skipped) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const passed = [...counts].map(([reason, count]) => `${count} × ${reason}`).join(', ');
  stdout.write(`\n${checked} checked${passed === '' ? '' : `; passed over: ${passed}`}\n`);
}
