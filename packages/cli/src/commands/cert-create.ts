import { basename, join, resolve } from 'node:path';
import {
  type Certificate,
  certificateProblems,
  createSelfSignedCertificate,
  generateKeyPair,
  type KeyAlgorithm,
  type KeyPair,
  type Problem,
  platformWith,
  writePem,
  writePfx,
} from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { passwordEnvironment, passwordFrom, passwordOptions } from '../options/password.ts';
import {
  type CertificateJson,
  certificateJson,
  certificateRows,
  type KeyJson,
  keyJson,
} from '../output/certificate.ts';
import { isFolder, type PlannedFile, refuseOverwriting, writeAll } from '../output/files.ts';
import { paintFor, twoColumns } from '../output/text.ts';
import { usageError } from '../usage.ts';

const keyTypes = ['RSA-2048', 'RSA-3072', 'RSA-4096', 'P-256', 'P-384'] as const satisfies readonly KeyAlgorithm[];
const forms = ['pfx', 'pem', 'cer'] as const;
type Form = (typeof forms)[number];

const options = {
  subject: { type: 'string', value: 'NAME', help: 'The subject, for example CN=my-daemon,O=Contoso' },
  'key-type': {
    type: 'string',
    choices: keyTypes,
    value: 'TYPE',
    help: 'The kind of key: RSA-2048 (default), RSA-3072, RSA-4096, P-256 or P-384; Entra ID takes the RSA ones only',
  },
  days: { type: 'string', value: 'N', help: 'For how many days the certificate is valid (default: 365)' },
  san: {
    type: 'string',
    value: 'NAME',
    multiple: true,
    help: 'A subject alternative name: dns:HOST, uri:URI, email:ADDRESS or ip:ADDRESS',
  },
  out: {
    type: 'string',
    value: 'PATH',
    help: 'Where to write: a folder, or a path without extension (default: the common name, in the current folder); a path that ends in .pfx, .pem or .cer writes this one file',
  },
  to: {
    type: 'string',
    choices: forms,
    value: 'FORM',
    multiple: true,
    help: 'Which files to write: pfx, pem, cer (default: all three)',
  },
  legacy: { type: 'boolean', help: 'Encrypt the PFX in the old way, for Windows Server 2016 and older' },
  ...passwordOptions,
  force: { type: 'boolean', help: 'Replace files that are there already' },
  json: { type: 'boolean', help: 'Print one JSON document' },
} as const;

export const command: Command = defineCommand({
  name: 'cert create',
  summary: 'make a private key and a self-signed certificate',
  synopsis: ['--subject NAME [OPTIONS]'],
  description: [
    'Makes a key pair and a certificate for signing client assertions (key usage digitalSignature, extended key usage clientAuth) and writes NAME.pfx and NAME.pem with the private key, and NAME.cer without it: the file to upload to the app registration.',
    'The password that you give protects the private key in the PFX and in the PEM. On a terminal it is asked for. When none is given, one is made for the PFX, because many programs open no PFX without a password; it is written to NAME.password and shown nowhere, and the PEM has none. Files with a secret are readable by you alone (mode 0600), and nothing is overwritten without --force.',
  ],
  options,
  examples: [
    { purpose: 'Key and certificate for a daemon', line: 'certgrant cert create --subject CN=my-daemon' },
    {
      purpose: 'Two years, a stronger key, into a folder',
      line: 'certgrant cert create --subject CN=my-daemon --key-type RSA-3072 --days 730 --out keys/',
    },
    {
      purpose: 'A PEM file alone',
      line: 'certgrant cert create --subject CN=my-daemon --out my-daemon.pem',
    },
  ],
  environment: passwordEnvironment,
  handle: async (values, io) => {
    const subject = subjectFrom(values.subject);
    const days = daysFrom(values.days);
    const targets = targetsFrom(values, subject, io);
    const all = Object.values(targets).filter((path) => path !== undefined);
    if (!values.force) refuseOverwriting(all);
    const password = await choosePassword(values, targets, io);
    if (password?.file !== undefined && !values.force) refuseOverwriting([password.file]);

    const { signal } = io;
    const keyPair = await generateKeyPair(values['key-type'] ?? 'RSA-2048');
    const certificate = await createSelfSignedCertificate({
      keyPair,
      subject,
      validityDays: days,
      subjectAlternativeNames: values.san,
      platform: io.platform,
    });
    const files = await render({ keyPair, certificate, targets, password, legacy: values.legacy, io });
    signal.throwIfAborted();
    await writeAll(files, { force: values.force });
    await printResult(certificate, { ...targets, password: password?.file }, values.json, io);
  },
});

function subjectFrom(subject: string | undefined): string {
  if (subject === undefined) {
    throw usageError('subject: none is given', 'Give --subject CN=my-daemon, with a name of your choice');
  }
  return subject.includes('=') ? subject : `CN=${subject}`;
}

function daysFrom(text = '365'): number {
  const days = Number(text);
  if (/^\d{1,5}$/.test(text) && days >= 1 && days <= 36_500) return days;
  throw usageError('--days: this is not a number of days between 1 and 36500', 'Write --days 365');
}

type Targets = { readonly [form in Form]: string | undefined };

interface TargetValues {
  readonly out: string | undefined;
  readonly to: readonly string[];
}

/** The paths to write, made absolute. */
function targetsFrom({ out, to }: TargetValues, subject: string, io: Io): Targets {
  const [, path, extension] = /^(.*)\.(pfx|pem|cer)$/i.exec(out ?? '') ?? [];
  if (path !== undefined && extension !== undefined) {
    const form = extension.toLowerCase();
    if (to.length > 0 && !to.every((wanted) => wanted === form)) {
      throw usageError(`--out names a .${form} file, and --to asks for other forms`, 'Give --out without an extension');
    }
    const only = (candidate: Form): string | undefined => (candidate === form ? resolve(io.cwd, out ?? '') : undefined);
    return { pfx: only('pfx'), pem: only('pem'), cer: only('cer') };
  }
  const base = basePath(out, subject, io);
  const wanted = (form: Form): string | undefined =>
    to.length === 0 || to.includes(form) ? `${base}.${form}` : undefined;
  return { pfx: wanted('pfx'), pem: wanted('pem'), cer: wanted('cer') };
}

function basePath(out: string | undefined, subject: string, io: Io): string {
  const path = resolve(io.cwd, out ?? '.');
  const namesFolder = out === undefined || /[\\/]$/.test(out) || isFolder(path);
  return namesFolder ? join(path, fileNameFor(subject)) : path;
}

/** The common name, or the whole subject where there is none, as a file name that every system takes. */
function fileNameFor(subject: string): string {
  const name = /(?:^|,)\s*CN\s*=\s*((?:[^,\\]|\\.)+)/i.exec(subject)?.[1] ?? subject;
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/^[-.]+|[-.]+$/g, '');
  return safe === '' ? 'certificate' : safe.slice(0, 100);
}

interface ChosenPassword {
  readonly password: string;
  /** Where a password that was made here is written. */
  readonly file: string | undefined;
}

/** `undefined` when no file needs one. */
async function choosePassword(
  values: Parameters<typeof passwordFrom>[0],
  { pfx, pem }: Targets,
  io: Io,
): Promise<ChosenPassword | undefined> {
  if (pfx === undefined && pem === undefined) return undefined;
  const given = await passwordFrom(values, io);
  if (given === '') throw usageError('password: it is empty', 'Give one with characters, or none to have one made');
  if (given !== undefined) return { password: given, file: undefined };
  const typed = await askForNewPassword(pfx !== undefined, io);
  if (typed !== undefined && typed !== '') return { password: typed, file: undefined };
  if (pfx === undefined) return undefined;
  const bytes = platformWith(io.platform).randomBytes(24);
  return { password: Buffer.from(bytes).toString('base64url'), file: pfx.replace(/\.pfx$/i, '.password') };
}

async function askForNewPassword(makesOne: boolean, io: Io): Promise<string | undefined> {
  const otherwise = makesOne ? 'leave empty to have one made' : 'leave empty for none';
  for (;;) {
    const first = await io.askPassword(`Password for the private key (${otherwise}): `);
    if (first === undefined || first === '') return first;
    if ((await io.askPassword('The same again: ')) === first) return first;
    io.stderr.write('The two are not the same.\n');
  }
}

interface Rendering {
  readonly keyPair: KeyPair;
  readonly certificate: Certificate;
  readonly targets: Targets;
  readonly password: ChosenPassword | undefined;
  readonly legacy: boolean;
  readonly io: Io;
}

async function render(rendering: Rendering): Promise<readonly PlannedFile[]> {
  const { keyPair, certificate, targets, password, legacy, io } = rendering;
  const { pkcs8 } = keyPair;
  const certificates = [certificate];
  const files: PlannedFile[] = [];
  if (targets.pfx !== undefined && password !== undefined) {
    if (password.file !== undefined) files.push(secretFile(password.file, `${password.password}\n`));
    const friendlyName = basename(targets.pfx, '.pfx');
    const bytes = await writePfx(
      { pkcs8, certificates, friendlyName },
      {
        password: password.password,
        encryption: legacy ? 'tripledes-sha1' : 'aes256-sha256',
        platform: io.platform,
      },
    );
    files.push({ path: targets.pfx, bytes, secret: true });
  }
  if (targets.pem !== undefined) {
    // A password that lies beside the file would protect nothing, and the PEM is the form that every program opens.
    const ownPassword = password?.file === undefined ? password?.password : undefined;
    files.push(secretFile(targets.pem, await writePem({ pkcs8, certificates }, { password: ownPassword })));
  }
  if (targets.cer !== undefined) files.push({ path: targets.cer, bytes: certificate.der, secret: false });
  return files;
}

function secretFile(path: string, text: string): PlannedFile {
  return { path, bytes: new TextEncoder().encode(text), secret: true };
}

/** What `--json` prints. */
interface CreatedJson {
  readonly files: { readonly [form in Form | 'password']?: string };
  readonly key: KeyJson;
  readonly certificate: CertificateJson;
  readonly problems: readonly Problem[];
}

async function printResult(
  certificate: Certificate,
  paths: Targets & { readonly password: string | undefined },
  json: boolean,
  io: Io,
): Promise<void> {
  const now = platformWith(io.platform).now();
  const problems = certificateProblems(certificate, { at: now, keyMatches: true });
  for (const { message } of problems) io.warn(message);
  if (json) {
    const files = Object.fromEntries(Object.entries(paths).filter(([, path]) => path !== undefined));
    const document: CreatedJson = {
      files,
      key: await keyJson(certificate.publicKey),
      certificate: await certificateJson(certificate),
      problems,
    };
    io.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const contents: readonly (readonly [string | undefined, string])[] = [
    [paths.pfx, 'private key and certificate, with a password'],
    [paths.password, 'the password of the PFX'],
    [paths.pem, 'private key and certificate'],
    [paths.cer, 'the certificate alone: upload this one'],
  ];
  const rows = contents.flatMap(([path, content]) => (path === undefined ? [] : [[path, content] as const]));
  const { bold } = paintFor(io.stdout);
  io.stdout.write(
    [
      bold('Certificate'),
      twoColumns(await certificateRows(certificate, now), Number.POSITIVE_INFINITY),
      '',
      bold('Files'),
      twoColumns(rows, Number.POSITIVE_INFINITY, { widest: 120 }),
      '',
    ].join('\n'),
  );
}
