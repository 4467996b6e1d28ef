import { platformWith } from '@certgrant/core';
import type { Io } from '../io.ts';
import { usageError } from '../usage.ts';
import { optionPassword } from './password.ts';

/** The password of a file that is written, as distinct from that of the file that is read. */
export const outPasswordOptions = {
  'out-password-file': {
    type: 'string',
    value: 'FILE',
    help: 'The password of the new file stands in this file',
  },
  'out-password-env': {
    type: 'string',
    value: 'NAME',
    help: 'The password of the new file stands in this environment variable',
  },
} as const;

export interface OutPasswordValues {
  readonly 'out-password-file': string | undefined;
  readonly 'out-password-env': string | undefined;
}

/** The password that the options give to the new file; `undefined` when none is given. */
export function outPasswordFrom(values: OutPasswordValues, io: Io): Promise<string | undefined> {
  return optionPassword({ file: values['out-password-file'], variable: values['out-password-env'] }, 'out-', io);
}

/** A password for a new file, and where it is written when it was made here. */
export interface NewPassword {
  readonly password: string;
  readonly file: string | undefined;
}

/** No program would ask for an empty password, and one that is given by mistake is most likely an empty file. */
export function refuseEmptyPassword(password: string | undefined): void {
  if (password === '') throw usageError('password: it is empty', 'Give one with characters, or none to have one made');
}

/**
 * Asks on the terminal until the same has been typed twice; an empty answer means "no".
 *
 * @param otherwise what happens then, for the question
 * @returns `undefined` where nobody sits at a terminal
 */
export async function askForNewPassword(otherwise: string, io: Io): Promise<string | undefined> {
  for (;;) {
    const first = await io.askPassword(`Password for the private key (leave empty ${otherwise}): `);
    if (first === undefined || first === '') return first;
    if ((await io.askPassword('The same again: ')) === first) return first;
    io.stderr.write('The two are not the same.\n');
  }
}

/** A password for a PFX that nobody chose one for, and the file beside it that says which it is. */
export function makePassword(pfx: string, io: Io): NewPassword {
  const bytes = platformWith(io.platform).randomBytes(24);
  return { password: Buffer.from(bytes).toString('base64url'), file: passwordFileOf(pfx) };
}

/** Where the password of a PFX is kept when it was made here: `daemon.password` beside `daemon.pfx`. */
export function passwordFileOf(pfx: string): string {
  return `${pfx.replace(/\.(pfx|p12)$/i, '')}.password`;
}

/** Java opens no PFX whose password has letters beyond ASCII, and others differ in how they encode them. */
export function warnOfRarePassword(password: string, io: Io): void {
  if (/^[\x20-\x7e]*$/.test(password)) return;
  io.warn('the password has characters beyond ASCII; Java and some others will not open the PFX');
}
