import { readdirSync, statSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { CertgrantError } from '@certgrant/core';
import { isFolder } from './output/files.ts';

/** More files than any folder of certificates has: a wrong path, most likely. */
const most = 10_000;

/**
 * The regular files in a folder, in the order of their names, or `undefined` when the source is no folder.
 *
 * @throws {CertgrantError} `FILE_NOT_READABLE`; `FILE_TOO_LARGE` for a folder with very many files
 */
export function filesInFolder(
  source: string,
  { cwd, recursive }: { readonly cwd: string; readonly recursive: boolean },
): readonly string[] | undefined {
  if (source === '-' || source.startsWith('env:') || !leadsToFolder(resolve(cwd, source))) return undefined;
  const files = filesIn(source, { cwd, recursive });
  if (files.length <= most) return files;
  throw new CertgrantError('FILE_TOO_LARGE', `look into ${source}: there are more than ${most} files`, {
    fix: 'Give the folder that holds the certificates, or the files themselves',
  });
}

/** Also through a link, since it was named. */
function leadsToFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function filesIn(folder: string, { cwd, recursive }: { readonly cwd: string; readonly recursive: boolean }): string[] {
  const files: string[] = [];
  for (const name of entriesOf(resolve(cwd, folder), folder)) {
    const file = join(folder, name);
    const path = resolve(cwd, file);
    if (isFolder(path)) {
      // Links to folders are not followed: they may lead back up.
      if (recursive) files.push(...filesIn(file, { cwd, recursive }));
    } else if (isRegularFile(path)) {
      // A pipe or a device would keep the command waiting.
      files.push(file);
    }
    if (files.length > most) break;
  }
  return files;
}

function entriesOf(path: string, folder: string): readonly string[] {
  try {
    // Hidden files are those of other programs.
    return readdirSync(path)
      .filter((name) => !name.startsWith('.'))
      .sort();
  } catch (cause) {
    throw new CertgrantError('FILE_NOT_READABLE', `look into ${folder}: the system refuses`, {
      fix: 'Run as the user that the folder belongs to',
      cause,
    });
  }
}

function isRegularFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    // A link whose target is gone is listed, so that reading it says so.
    return true;
  }
}

const certificateNames = /^\.(pfx|p12|cer|crt|cert|p7b|p7c)$/i;
const otherNames = /^\.(pem|der|key|jwk|jwks)$/i;

/**
 * What a file's name says is in it: a certificate, or at least something of a key file; a damaged one is then a finding and
 * not just some other file.
 */
export function nameSays(file: string): 'certificate' | 'key file' | undefined {
  const extension = extname(file);
  if (certificateNames.test(extension)) return 'certificate';
  return otherNames.test(extension) ? 'key file' : undefined;
}
