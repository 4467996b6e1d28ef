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

export const passwordEnvironment = {
  AZURE_CLIENT_CERTIFICATE_PASSWORD: 'the password of the key file, when no option gives it',
} as const;

export interface PasswordValues {
  readonly 'password-file': string | undefined;
  readonly 'password-env': string | undefined;
}

/** The password from the options or the environment; `undefined` when none is given. */
export async function passwordFrom(values: PasswordValues, io: Io): Promise<string | undefined> {
  const { 'password-file': file, 'password-env': variable } = values;
  if (file !== undefined && variable !== undefined) {
    throw usageError('password: --password-file and --password-env are both given', 'Give one of them');
  }
  if (file !== undefined) return (await readTextSource(file, '--password-file', io)).replace(/\r?\n$/, '');
  if (variable === undefined) return io.env.AZURE_CLIENT_CERTIFICATE_PASSWORD || undefined;
  const password = io.env[variable];
  // The name is not repeated: who mistook the option for --password typed the password there.
  if (password !== undefined) return password;
  throw usageError(
    'password: the environment variable that --password-env names is not set',
    'Set it and export it; --password-env takes the name of a variable, not the password',
  );
}
