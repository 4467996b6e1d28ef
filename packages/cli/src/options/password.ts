import { readTextSource } from '../input.ts';
import type { Io } from '../io.ts';
import { usageError } from '../usage.ts';

/** How a password is given: never as an option's value, which every user of the machine can read in the process list. */
export const passwordOptions = {
  'password-file': {
    type: 'string',
    value: 'FILE',
    help: 'The password stands in this file (its last line break does not count)',
  },
  'password-env': { type: 'string', value: 'NAME', help: 'The password stands in this environment variable' },
} as const;

/** For commands that open a file which may come from anybody. */
export const openingOptions = {
  ...passwordOptions,
  'allow-costly': {
    type: 'boolean',
    help: 'Open the file even if its password takes more than a million rounds of hashing: it may keep this machine busy for minutes',
  },
} as const;

export const passwordEnvironment = {
  AZURE_CLIENT_CERTIFICATE_PASSWORD: 'the password of the key file, when no option gives it',
} as const;

export interface PasswordValues {
  readonly 'password-file': string | undefined;
  readonly 'password-env': string | undefined;
}

export interface OpeningValues extends PasswordValues {
  readonly 'allow-costly': boolean;
}

/** The password from the options or the environment; `undefined` when none is given. */
export async function passwordFrom(values: PasswordValues, io: Io): Promise<string | undefined> {
  const given = await optionPassword({ file: values['password-file'], variable: values['password-env'] }, '', io);
  return given ?? (io.env.AZURE_CLIENT_CERTIFICATE_PASSWORD || undefined);
}

/**
 * A password that a pair of options gives: `--password-file` and `--password-env`, or the same with a prefix.
 *
 * @param prefix what stands between `--` and `password`
 */
export async function optionPassword(
  { file, variable }: { readonly file: string | undefined; readonly variable: string | undefined },
  prefix: '' | 'out-',
  io: Io,
): Promise<string | undefined> {
  const [fileOption, variableOption] = [`--${prefix}password-file`, `--${prefix}password-env`];
  if (file !== undefined && variable !== undefined) {
    throw usageError(`password: ${fileOption} and ${variableOption} are both given`, 'Give one of them');
  }
  if (file !== undefined) return (await readTextSource(file, fileOption, io)).replace(/\r?\n$/, '');
  if (variable === undefined) return undefined;
  const password = io.env[variable];
  // The name is not repeated: who mistook the option for --password typed the password there.
  if (password !== undefined) return password;
  throw usageError(
    `password: the environment variable that ${variableOption} names is not set`,
    `Set it and export it; ${variableOption} takes the name of a variable, not the password`,
  );
}
