import { dirname, join, resolve } from 'node:path';
import type { Io } from '../io.ts';
import { isFolder, makeFolder, type PlannedFile, refuseOverwriting, writeAll } from '../output/files.ts';
import { usageError } from '../usage.ts';
import type { ExportedFile } from './format.ts';

/** Where the files of an export go, by what `--out` says: each with its absolute path. */
export function plannedFiles(
  files: readonly ExportedFile[],
  out: string,
  { inFolder }: { readonly inFolder: boolean },
  io: Io,
): readonly PlannedFile[] {
  const target = resolve(io.cwd, out);
  const namesFolder = inFolder || /[\\/]$/.test(out) || isFolder(target);
  return files.map(({ path, contents, mode }) => ({
    path: namesFolder ? join(target, path) : target,
    bytes: new TextEncoder().encode(contents),
    secret: mode === 0o600,
    executable: mode === 0o755,
  }));
}

/** Writes all of them or none, and makes the folders that they need. */
export async function writeExport(
  files: readonly PlannedFile[],
  { force }: { readonly force: boolean },
): Promise<void> {
  if (!force) refuseOverwriting(files.map(({ path }) => path));
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) makeFolder(folder);
  await writeAll(files, { force });
}

/** `--out -`: the one file of a format that makes one. */
export function printExport(files: readonly ExportedFile[], name: string, io: Io): void {
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) {
    throw usageError(`--out -: ${name} makes several files, and standard output takes one`, 'Give --out FOLDER');
  }
  io.stdout.write(file.contents);
}
