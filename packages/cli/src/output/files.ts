import { lstatSync, mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { CertgrantError } from '@certgrant/core';
import { writeFileAtomically } from '@certgrant/core/node';

/** A file to be written. */
export interface PlannedFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Whether others on this machine must not read it. */
  readonly secret: boolean;
  /** Whether it is a program that is run by its name. */
  readonly executable?: boolean | undefined;
}

/** Refuses early, before any work is done, when a file would be overwritten. */
export function refuseOverwriting(paths: readonly string[]): void {
  const existing = paths.filter(exists);
  const [first] = existing;
  if (first === undefined) return;
  throw new CertgrantError(
    'FILE_EXISTS',
    `write ${existing.join(', ')}: ${existing.length > 1 ? 'there are such files already' : 'there is such a file already'}`,
    {
      fix: `Give another --out, or --force to replace ${existing.length > 1 ? 'them' : 'it'}`,
    },
  );
}

/** Writes all files or, when one fails, takes back those that it newly wrote. */
export async function writeAll(files: readonly PlannedFile[], { force }: { readonly force: boolean }): Promise<void> {
  const written: string[] = [];
  try {
    for (const { path, bytes, secret, executable } of files) {
      const isNew = !exists(path);
      const mode = secret ? 0o600 : executable ? 0o755 : 0o644;
      await writeFileAtomically(path, bytes, { mode, overwrite: force });
      if (isNew) written.push(path);
    }
  } catch (thrown) {
    await Promise.all(written.map((path) => rm(path, { force: true })));
    throw thrown;
  }
}

export function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

export function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Makes a folder, and those above it, where they are not there yet. Only this user may look into it. */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    throw new CertgrantError('FILE_NOT_WRITABLE', `make folder ${path}: the system refuses`, {
      fix: 'Choose a folder that belongs to this user',
      cause: thrown,
    });
  }
}
