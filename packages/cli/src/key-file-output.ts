import { basename, extname, join, resolve } from 'node:path';
import type { Io } from './io.ts';
import {
  contentInWords,
  formOfName,
  formTraits,
  isSecret,
  type KeyFileForm,
  type KeyFileMaterial,
  type KeyFileSettings,
  renderKeyFile,
  requireMaterial,
} from './key-file-forms.ts';
import type { OpenedKeyFile } from './opened-key-file.ts';
import {
  askForNewPassword,
  makePassword,
  type NewPassword,
  type OutPasswordValues,
  outPasswordFrom,
  outPasswordOptions,
  refuseEmptyPassword,
  warnOfRarePassword,
} from './options/new-password.ts';
import { isFolder, type PlannedFile, refuseOverwriting, writeAll } from './output/files.ts';
import { usageError } from './usage.ts';

/** The options of every command that makes one key file out of others. */
export const outputOptions = {
  out: { type: 'string', value: 'FILE', help: 'Where to write: a path, a folder, or - for standard output' },
  legacy: {
    type: 'boolean',
    help: 'Encrypt the PFX in the old way (3DES, SHA-1), for Windows Server 2016 and older',
  },
  name: {
    type: 'string',
    value: 'NAME',
    help: 'The friendly name to write into the PFX (default: that of the key, else the name of the new file)',
  },
  ...outPasswordOptions,
  force: { type: 'boolean', help: 'Replace a file that is there already' },
} as const;

export interface OutputValues extends OutPasswordValues {
  readonly out: string | undefined;
  readonly legacy: boolean;
  readonly name: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
  readonly pem?: boolean | undefined;
  readonly kid?: string | undefined;
}

/** Which form is written, and where: an absolute path, or `-`. */
export interface Destination {
  readonly form: KeyFileForm;
  readonly path: string;
}

/**
 * What `--to` and `--out` mean together, checked before anything is opened.
 *
 * @param source the file that is read: names the new one in a folder
 */
export function destinationFrom(
  values: OutputValues & { readonly to: KeyFileForm | undefined },
  source: string,
  io: Io,
): Destination {
  const { out } = values;
  if (out === undefined) throw usageError('--out: it is missing', 'Give --out FILE, or --out - for standard output');
  const form = values.to ?? formOfName(out);
  if (form === undefined) {
    throw usageError(
      '--to: it is missing, and the name of --out does not say the form',
      'Give --to pfx, pem, cer, der, jwk or jwks',
    );
  }
  refuseWithoutEffect(values, form);
  if (form === 'der' && /\.(cer|crt)$/i.test(out)) {
    throw usageError(
      '--to der writes the private key, and --out has the name of a certificate',
      'Give --to cer for the certificate as DER',
    );
  }
  if (out === '-') return toStandardOutput(form, values, io);
  const path = resolve(io.cwd, out);
  const destination = isFolder(path) || /[\\/]$/.test(out) ? join(path, `${baseName(source)}.${form}`) : path;
  if (!values.force) refuseOverwriting([destination]);
  return { form, path: destination };
}

function refuseWithoutEffect(values: OutputValues, form: KeyFileForm): void {
  const { 'out-password-file': file, 'out-password-env': variable } = values;
  if ((file !== undefined || variable !== undefined) && !formTraits[form].lockable) {
    throw usageError(
      `--to ${form}: such a file has no password`,
      'Leave out --out-password-file and --out-password-env',
    );
  }
  if (values.legacy && form !== 'pfx') throw usageError(`--legacy: it is for a PFX, not for ${form}`, 'Leave it out');
  if (values.pem && form !== 'cer') throw usageError(`--pem: it is for --to cer, not for ${form}`, 'Leave it out');
  if (values.kid !== undefined && form !== 'jwk' && form !== 'jwks') {
    throw usageError(`--kid: it is for --to jwk and jwks, not for ${form}`, 'Leave it out');
  }
}

function toStandardOutput(form: KeyFileForm, { json, pem }: OutputValues, io: Io): Destination {
  if (json) throw usageError('--json: --out - takes standard output for the file', 'Give one of the two');
  if (io.stdout.isTerminal && !formTraits[form].isText && !pem) {
    throw usageError('--out -: standard output is a terminal, and the file is no text', 'Redirect it, or give a path');
  }
  return { form, path: '-' };
}

function baseName(source: string): string {
  if (source === '-' || source.startsWith('env:')) return 'certificate';
  const name = basename(source);
  return basename(name, extname(name));
}

/**
 * The password of the new file, by what is known first: its own options; a password that the input did not need; for a PFX
 * that of the input; an answer on the terminal; for a PFX one that is made. `undefined` for none.
 */
export async function passwordForOutput(
  { form, path }: Destination,
  material: KeyFileMaterial,
  values: OutPasswordValues,
  input: Pick<OpenedKeyFile, 'password' | 'spare' | 'isPasswordGiven'>,
  io: Io,
): Promise<NewPassword | undefined> {
  requireMaterial(form, material);
  if (!formTraits[form].lockable || material.key === undefined) return undefined;
  const given = (await outPasswordFrom(values, io)) ?? input.spare;
  refuseEmptyPassword(given);
  if (given !== undefined) return { password: given, file: undefined };
  const inherited = form === 'pfx' && input.password !== '' ? input.password : undefined;
  if (!input.isPasswordGiven) {
    const otherwise =
      form !== 'pfx' ? 'for none' : inherited === undefined ? 'to have one made' : 'to keep the old one';
    const typed = await askForNewPassword(otherwise, io);
    if (typed !== undefined && typed !== '') return { password: typed, file: undefined };
  }
  if (inherited !== undefined) return { password: inherited, file: undefined };
  if (form !== 'pfx') return undefined;
  if (path !== '-') return makePassword(path, io);
  throw usageError(
    'password: a PFX on standard output needs one',
    'Give --out-password-file FILE or --out-password-env NAME',
  );
}

/** What was written, for the report. */
export interface WrittenKeyFile {
  readonly path: string;
  readonly passwordFile: string | undefined;
  readonly content: string;
}

/** Renders and writes the file, and the one with its password if that was made here. */
export async function writeKeyFile(
  destination: Destination,
  material: KeyFileMaterial,
  password: NewPassword | undefined,
  values: OutputValues & { readonly friendlyName: string | undefined },
  io: Io,
): Promise<WrittenKeyFile> {
  const { form, path } = destination;
  const settings: KeyFileSettings = {
    password: password?.password,
    legacy: values.legacy,
    pem: values.pem ?? false,
    friendlyName: values.name ?? values.friendlyName ?? (path === '-' ? undefined : basename(path, extname(path))),
    keyId: values.kid,
    platform: io.platform,
  };
  if (form === 'pfx' && settings.password !== undefined) warnOfRarePassword(settings.password, io);
  const bytes = await renderKeyFile(form, material, settings);
  const content = contentInWords(form, material, settings);
  if (path === '-') {
    io.stdout.writeBytes(bytes);
    return { path, passwordFile: undefined, content };
  }
  const files: PlannedFile[] = [{ path, bytes, secret: isSecret(form, material) }];
  if (password?.file !== undefined) {
    if (!values.force) refuseOverwriting([password.file]);
    files.unshift({ path: password.file, bytes: new TextEncoder().encode(`${password.password}\n`), secret: true });
  }
  await writeAll(files, { force: values.force });
  return { path, passwordFile: password?.file, content };
}
