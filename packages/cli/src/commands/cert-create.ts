import { basename, resolve } from 'node:path';
import {
  type Certificate,
  certificateProblems,
  createSelfSignedCertificate,
  generateKeyPair,
  type KeyPair,
  type Problem,
  platformWith,
  readPublicKey,
} from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import {
  contentInWords,
  formOfName,
  formTraits,
  isSecret,
  type KeyFileForm,
  type KeyFileSettings,
  keyFileForms,
  renderKeyFile,
} from '../key-file-forms.ts';
import {
  askForNewPassword,
  makePassword,
  type NewPassword,
  refuseEmptyPassword,
  warnOfRarePassword,
} from '../options/new-password.ts';
import { passwordEnvironment, passwordFrom, passwordOptions } from '../options/password.ts';
import { basePath, daysFrom, subjectFrom, subjectOptions } from '../options/subject.ts';
import {
  type CertificateJson,
  certificateJson,
  certificateRows,
  type KeyJson,
  keyJson,
} from '../output/certificate.ts';
import { type PlannedFile, refuseOverwriting, writeAll } from '../output/files.ts';
import { paintFor, twoColumns } from '../output/text.ts';
import { usageError } from '../usage.ts';

const options = {
  ...subjectOptions,
  days: { type: 'string', value: 'N', help: 'For how many days the certificate is valid (default: 365)' },
  out: {
    type: 'string',
    value: 'PATH',
    help: 'Where to write: a folder, or a path without extension (default: the common name, in the current folder); a path that ends in .pfx, .pem, .cer, .der, .jwk or .jwks writes this one file',
  },
  to: {
    type: 'string',
    choices: keyFileForms,
    value: 'FORM',
    multiple: true,
    help: 'Which files to write: pfx, pem, cer (default: these three), der (the private key alone), jwk (a secret), jwks (the public key)',
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
    'Makes a key pair and a certificate for signing client assertions (key usage digitalSignature, extended key usage clientAuth) and writes NAME.pfx and NAME.pem with the private key, and NAME.cer without it: the file to upload to the app registration. --to der, jwk and jwks write further forms, as in cert convert.',
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
    const days = daysFrom(values.days ?? '365');
    const targets = targetsFrom(values, subject, io);
    if (!values.force) refuseOverwriting(targets.map(({ path }) => path));
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
    const rendered = await render({ keyPair, certificate, targets, password, legacy: values.legacy, io });
    signal.throwIfAborted();
    await writeAll(rendered, { force: values.force });
    await printResult(certificate, rendered, values.json, io);
  },
});

/** A file to be made: its form, and its absolute path. */
interface Target {
  readonly form: KeyFileForm;
  readonly path: string;
}

interface TargetValues {
  readonly out: string | undefined;
  readonly to: readonly string[];
}

function targetsFrom({ out, to }: TargetValues, subject: string, io: Io): readonly Target[] {
  const only = out === undefined ? undefined : formOfName(out);
  if (out !== undefined && only !== undefined) {
    if (!to.every((wanted) => wanted === only)) {
      throw usageError(`--out names a .${only} file, and --to asks for other forms`, 'Give --out without an extension');
    }
    return [{ form: only, path: resolve(io.cwd, out) }];
  }
  const base = basePath(out, subject, io);
  const wanted = to.length === 0 ? (['pfx', 'pem', 'cer'] as const) : keyFileForms.filter((form) => to.includes(form));
  return wanted.map((form) => ({ form, path: `${base}.${form}` }));
}

/** `undefined` when no file needs one. */
async function choosePassword(
  values: Parameters<typeof passwordFrom>[0],
  targets: readonly Target[],
  io: Io,
): Promise<NewPassword | undefined> {
  if (!targets.some(({ form }) => formTraits[form].lockable)) return undefined;
  const pfx = targets.find(({ form }) => form === 'pfx');
  const given = await passwordFrom(values, io);
  refuseEmptyPassword(given);
  const chosen = given ?? (await askForNewPassword(pfx === undefined ? 'for none' : 'to have one made', io));
  if (chosen !== undefined && chosen !== '') {
    if (pfx !== undefined) warnOfRarePassword(chosen, io);
    return { password: chosen, file: undefined };
  }
  return pfx === undefined ? undefined : makePassword(pfx.path, io);
}

interface Rendering {
  readonly keyPair: KeyPair;
  readonly certificate: Certificate;
  readonly targets: readonly Target[];
  readonly password: NewPassword | undefined;
  readonly legacy: boolean;
  readonly io: Io;
}

interface RenderedFile extends PlannedFile {
  readonly form: KeyFileForm | 'password';
  /** What is in it, for people. */
  readonly content: string;
}

async function render(rendering: Rendering): Promise<readonly RenderedFile[]> {
  const { keyPair, certificate, targets, password, legacy, io } = rendering;
  const material = {
    key: { pkcs8: keyPair.pkcs8, publicKey: readPublicKey(keyPair.spki) },
    certificates: [certificate],
  };
  const files: RenderedFile[] = [];
  for (const { form, path } of targets) {
    // A password that lies beside the file would protect nothing, and the PEM is the form that every program opens.
    const isProtected = formTraits[form].lockable && (form === 'pfx' || password?.file === undefined);
    const settings: KeyFileSettings = {
      password: isProtected ? password?.password : undefined,
      legacy,
      pem: false,
      friendlyName: basename(path, '.pfx'),
      keyId: undefined,
      platform: io.platform,
    };
    const bytes = await renderKeyFile(form, material, settings);
    const content = contentInWords(form, material, settings);
    files.push({ form, path, bytes, secret: isSecret(form, material), content });
    if (form === 'pfx' && password?.file !== undefined) {
      const text = new TextEncoder().encode(`${password.password}\n`);
      files.push({
        form: 'password',
        path: password.file,
        bytes: text,
        secret: true,
        content: 'the password of the PFX',
      });
    }
  }
  return files;
}

/** What `--json` prints. */
interface CreatedJson {
  readonly files: { readonly [form in KeyFileForm | 'password']?: string };
  readonly key: KeyJson;
  readonly certificate: CertificateJson;
  readonly problems: readonly Problem[];
}

async function printResult(
  certificate: Certificate,
  files: readonly RenderedFile[],
  json: boolean,
  io: Io,
): Promise<void> {
  const now = platformWith(io.platform).now();
  const problems = certificateProblems(certificate, { at: now, keyMatches: true });
  for (const { message } of problems) io.warn(message);
  if (json) {
    const document: CreatedJson = {
      files: Object.fromEntries(files.map(({ form, path }) => [form, path])),
      key: await keyJson(certificate.publicKey),
      certificate: await certificateJson(certificate),
      problems,
    };
    io.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const { bold } = paintFor(io.stdout);
  const rows = files.map(({ path, content }) => [path, content] as const);
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
