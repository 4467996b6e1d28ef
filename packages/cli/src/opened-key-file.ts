import { isCertgrantError, type KeyFileContents, readKeyFile } from '@certgrant/core';
import { readSource } from './input.ts';
import type { Io } from './io.ts';
import { withGivenPassword } from './options/credential.ts';
import { type OpeningValues, passwordFrom } from './options/password.ts';

/** A file that is made into another one, and what is known of its password. */
export interface OpenedKeyFile {
  readonly contents: KeyFileContents;
  /** The password that opened it; `undefined` where it needed none. */
  readonly password: string | undefined;
  /** A password that was given and is not needed to open it, so that it must be meant for what is written. */
  readonly spare: string | undefined;
  /** Whether a password was given at all, by an option or in the environment. */
  readonly isPasswordGiven: boolean;
}

/**
 * Opens the file with a key and, where the key is in a file of its own, that as well.
 *
 * @throws {CertgrantError} what `readKeyFile` throws
 */
export async function openKeyFile(
  source: string,
  { key, ...values }: OpeningValues & { readonly key?: string | undefined },
  io: Io,
): Promise<OpenedKeyFile> {
  const files = [await readSource(source, 'FILE', io)];
  if (key !== undefined) files.push(await readSource(key, '--key', io));
  const given = await passwordFrom(values, io);
  return withGivenPassword(given, source, io, async (password) => {
    const opened: KeyFileContents[] = [];
    for (const bytes of files) opened.push(await readKeyFile(bytes, { password, allowCostly: values['allow-costly'] }));
    const needed = password !== undefined && (await needsPassword(files, opened));
    return {
      contents: together(opened),
      password: needed ? password : undefined,
      spare: needed ? undefined : given,
      isPasswordGiven: given !== undefined,
    };
  });
}

/** A PFX is sealed with its password; of the others it is seen by opening them without one, which costs nothing. */
async function needsPassword(files: readonly Uint8Array[], opened: readonly KeyFileContents[]): Promise<boolean> {
  if (opened.some(({ format }) => format === 'pfx')) return true;
  try {
    for (const bytes of files) await readKeyFile(bytes);
    return false;
  } catch (thrown) {
    if (isCertgrantError(thrown)) return true;
    throw thrown;
  }
}

/** The keys of the key file if it has any: people also give the two files in the other order. */
function together([file, keyFile]: readonly KeyFileContents[]): KeyFileContents {
  const whole = file ?? { format: 'pem', privateKeys: [], certificates: [], skipped: [] };
  if (keyFile === undefined) return whole;
  return {
    format: whole.format,
    privateKeys: keyFile.privateKeys.length > 0 ? keyFile.privateKeys : whole.privateKeys,
    certificates: [...whole.certificates, ...keyFile.certificates],
    skipped: [...whole.skipped, ...keyFile.skipped],
  };
}
