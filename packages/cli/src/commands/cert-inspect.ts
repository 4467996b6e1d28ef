import {
  CertgrantError,
  type Certificate,
  certificateProblems,
  type FoundKey,
  type KeyFileContents,
  type Problem,
  platformWith,
  readCertificationRequestFile,
  readKeyFile,
  type SelectionOptions,
} from '@certgrant/core';
import { type ChoiceJson, choiceInWords, choiceJson, choosePair } from '../certificate-choice.ts';
import { type Command, defineCommand } from '../command.ts';
import { readSource } from '../input.ts';
import type { Io } from '../io.ts';
import { credentialOptions, keyFileSource, selectionFrom, withPassword } from '../options/credential.ts';
import { openingOptions, passwordEnvironment } from '../options/password.ts';
import {
  type CertificateJson,
  certificateJson,
  certificateRows,
  type KeyJson,
  keyInWords,
  keyJson,
} from '../output/certificate.ts';
import { describeRequest } from '../output/request.ts';
import { paintFor, printable, twoColumns } from '../output/text.ts';

const options = {
  key: { type: 'string', value: 'FILE', help: 'The private key, where it is in a file of its own' },
  thumbprint: credentialOptions.thumbprint,
  'friendly-name': credentialOptions['friendly-name'],
  ...openingOptions,
  json: { type: 'boolean', help: 'Print one JSON document' },
} as const;

export const command: Command = defineCommand({
  name: 'cert inspect',
  summary: 'say what a key file holds, every thumbprint, and what is wrong with it',
  synopsis: ['FILE [OPTIONS]'],
  description: [
    'Opens a PFX, PEM, DER or JWK file, whatever its name, and shows the certificate that belongs to its private key, its thumbprints in every form, the chain, and everything that would make Entra ID refuse it. Of several keys and certificates it says which it chose, from how many, and why; --thumbprint or --friendly-name chooses another. The private key itself is never shown.',
    'A certificate signing request is shown as well: for whom it asks, and whether its signature is right.',
    'The exit code is 0 also when there are problems, since they are what was asked for.',
  ],
  operands: { FILE: 'The key file: a path, - for standard input, or env:NAME for an environment variable' },
  maximumOperands: 1,
  options,
  examples: [
    {
      purpose: 'What is in this file?',
      line: 'certgrant cert inspect my-daemon.pfx --password-file my-daemon.password',
    },
    {
      purpose: 'Does this key belong to this certificate?',
      line: 'certgrant cert inspect my-daemon.cer --key my-daemon.pem',
    },
    {
      purpose: 'The thumbprint alone',
      line: 'certgrant cert inspect my-daemon.cer --json | jq -r .certificates[0].sha1',
    },
  ],
  environment: {
    AZURE_CLIENT_CERTIFICATE_PATH: 'the key file, when FILE is not given',
    ...passwordEnvironment,
  },
  handle: async (values, io, [file]) => {
    const source = keyFileSource(file, io);
    const bytes = await readSource(source, 'FILE', io);
    const request = readCertificationRequestFile(bytes);
    if (request !== undefined) {
      const format = bytes[0] === 0x30 ? 'der' : 'pem';
      return describeRequest({ file: source, format }, request, values.json, io);
    }
    const keyBytes = values.key === undefined ? undefined : await readSource(values.key, '--key', io);
    const inspection = await withPassword(values, source, io, async (opening) => {
      const contents = await readKeyFile(bytes, opening);
      const keyFile = keyBytes === undefined ? undefined : await readKeyFile(keyBytes, opening);
      return inspect(source, withKeysOf(contents, keyFile), selectionFrom(values));
    });
    const now = platformWith(io.platform).now();
    const problems = problemsOf(inspection, now);
    if (values.json) io.stdout.write(`${JSON.stringify(await inspectionJson(inspection, problems))}\n`);
    else await describe(inspection, problems, now, io);
  },
});

/** What was found and what was chosen from it. */
interface Inspection {
  readonly source: string;
  readonly format: KeyFileContents['format'];
  readonly key: FoundKey | undefined;
  readonly keyMatches: boolean | null;
  /** Which ones were chosen from how many, and why. */
  readonly chosen: ChoiceJson;
  readonly friendlyName: string | undefined;
  /** The chosen certificate, its issuers, then what belongs to neither. */
  readonly certificates: readonly Certificate[];
  /** How many of the certificates are the chosen one and its issuers. */
  readonly chainLength: number;
  readonly skipped: readonly string[];
}

/** The certificates of the one file with the private keys of the other. */
function withKeysOf(contents: KeyFileContents, keyFile: KeyFileContents | undefined): KeyFileContents {
  if (keyFile === undefined) return contents;
  if (keyFile.privateKeys.length > 0) return { ...contents, privateKeys: keyFile.privateKeys };
  throw new CertgrantError('PRIVATE_KEY_MISSING', 'read --key: there is no private key in the file', {
    fix: 'Give --key the file with the private key, and the certificate as FILE',
  });
}

async function inspect(source: string, contents: KeyFileContents, options: SelectionOptions): Promise<Inspection> {
  const pair = await choosePair(contents, options);
  const { key, certificate, chain, keyMatches } = pair;
  const chosen = new Set(chain);
  const others = contents.certificates.map(({ certificate }) => certificate).filter((one) => !chosen.has(one));
  return {
    source,
    format: contents.format,
    key,
    keyMatches,
    chosen: choiceJson(pair, contents),
    friendlyName: certificate?.friendlyName ?? key?.friendlyName,
    certificates: [...chain, ...others],
    chainLength: chain.length,
    skipped: contents.skipped,
  };
}

interface ShownProblem extends Omit<Problem, 'code'> {
  readonly code: Problem['code'] | 'no-certificate';
}

function problemsOf({ certificates: [leaf], keyMatches, key }: Inspection, at: number): readonly ShownProblem[] {
  if (leaf !== undefined) return certificateProblems(leaf, { at, keyMatches });
  if (key === undefined) return [];
  return [
    {
      code: 'no-certificate',
      message: 'There is no certificate, and Entra ID finds the key by the thumbprint of one',
      fix: 'Give the file that holds the certificate, and this one with --key',
    },
  ];
}

/** What `--json` prints; programs rely on these names. */
interface InspectionJson {
  readonly file: string;
  readonly format: KeyFileContents['format'];
  readonly key: KeyJson | null;
  readonly certificates: readonly CertificateJson[];
  readonly keyMatches: boolean | null;
  readonly chosen: ChoiceJson;
  /** The name that the file gives to the chosen ones. */
  readonly friendlyName: string | null;
  readonly problems: readonly ShownProblem[];
}

async function inspectionJson(
  { source, format, key, certificates, keyMatches, chosen, friendlyName }: Inspection,
  problems: readonly ShownProblem[],
): Promise<InspectionJson> {
  return {
    file: source,
    format,
    key: key === undefined ? null : await keyJson(key.publicKey),
    certificates: await Promise.all(certificates.map(certificateJson)),
    keyMatches,
    chosen,
    friendlyName: friendlyName ?? null,
    problems,
  };
}

async function describe(
  inspection: Inspection,
  problems: readonly ShownProblem[],
  now: number,
  { stdout }: Io,
): Promise<void> {
  const { bold, red, green } = paintFor(stdout);
  const { certificates, chainLength, skipped } = inspection;
  const [leaf] = certificates;
  const wide = Number.POSITIVE_INFINITY;
  const parts = [bold(printable(inspection.source)), twoColumns(overviewRows(inspection), wide)];
  if (leaf !== undefined) {
    parts.push('', bold('Certificate'), twoColumns(await certificateRows(leaf, now), wide));
  }
  if (chainLength > 1) {
    const chain = certificates.slice(0, chainLength).map(({ subject }, index) => `  ${index}  ${printable(subject)}`);
    parts.push('', bold('Chain, leaf first'), ...chain);
  }
  if (certificates.length > chainLength) {
    const others = certificates.slice(chainLength).map(({ subject }) => `  ${printable(subject)}`);
    parts.push('', bold('Certificates that belong to neither'), ...others);
  }
  if (skipped.length > 0) parts.push('', bold('Of no use here'), ...skipped.map((what) => `  ${printable(what)}`));
  parts.push('', bold('For Entra ID'));
  if (problems.length === 0) parts.push(`  ${green('fine')}: nothing about it would be refused`);
  for (const { message, fix } of problems) parts.push(`  ${red('problem')}: ${printable(message)}`, `    ${fix}`);
  stdout.write(`${parts.join('\n')}\n`);
}

const formats = {
  pfx: 'PFX (PKCS#12)',
  pem: 'PEM',
  der: 'DER',
  jwk: 'JWK',
} as const;

function overviewRows(inspection: Inspection): readonly (readonly [string, string])[] {
  const { format, key, keyMatches, chosen, friendlyName } = inspection;
  const { privateKeys, certificates } = chosen;
  return [
    ['Format', formats[format]],
    ['Holds', `${count(privateKeys, 'private key')}, ${count(certificates, 'certificate')}`],
    ...(privateKeys + certificates > 2 ? [['Chosen', choiceInWords(chosen)] as const] : []),
    ...(friendlyName === undefined ? [] : [['Name', printable(friendlyName)] as const]),
    ['Private key', key === undefined ? 'none' : `${keyInWords(key.publicKey)}${matchInWords(keyMatches)}`],
  ];
}

function matchInWords(keyMatches: boolean | null): string {
  if (keyMatches === null) return '';
  return keyMatches ? '; it belongs to the certificate' : '; it does NOT belong to the certificate';
}

function count(number: number, name: string): string {
  return `${number === 0 ? 'no' : number} ${name}${number === 1 ? '' : 's'}`;
}
