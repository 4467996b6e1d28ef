import {
  closeSync,
  constants,
  copyFileSync,
  createReadStream,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CertgrantError } from '../errors.ts';
import { type Bytes, toHex } from '../lib/text-encoding.ts';
import { systemPlatform } from '../platform.ts';
import { fileError, systemCode } from './file-error.ts';

/** What is read at most, in bytes: far more than any key file or token. */
const largestInput = 4 * 1024 * 1024;

/**
 * Reads a file that a user named, as a whole; pipes and process substitutions count as files.
 *
 * @param path relative ones start at the working directory
 * @returns the bytes, at least one
 * @throws {CertgrantError} `FILE_NOT_FOUND`, `FILE_NOT_READABLE`, `FILE_IS_DIRECTORY`, `FILE_EMPTY`, `FILE_TOO_LARGE`
 * (over 4 MB)
 * @example
 * const credential = await loadCredential(await readInputFile('my-daemon.pfx'), { password });
 */
export async function readInputFile(path: string): Promise<Bytes> {
  let bytes: Bytes;
  try {
    const stats = statSync(path);
    if (stats.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    bytes = stats.isFile() ? readRegularFile(path) : await readStream(path);
  } catch (thrown) {
    throw fileError(thrown, 'read', path);
  }
  if (bytes.length === 0) {
    throw new CertgrantError('FILE_EMPTY', `read ${path}: it is empty`, { fix: 'Check the path, or how it was made' });
  }
  if (bytes.length > largestInput) {
    throw new CertgrantError('FILE_TOO_LARGE', `read ${path}: it is longer than 4 MB`, {
      fix: 'Give the file with the key, the certificate or the token alone',
    });
  }
  return bytes;
}

/** Without waiting in between: for a file of a few kilobytes, loading what promises need would cost more. */
function readRegularFile(path: string): Bytes {
  const descriptor = openSync(path, 'r');
  try {
    // One byte more than is taken, for telling that there is more. The size of a file in /proc is 0.
    return readUpTo(descriptor, largestInput + 1, fstatSync(descriptor).size);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads to the end of the file or to `limit`, whichever comes first. */
export function readUpTo(descriptor: number, limit: number, expected: number): Bytes {
  let buffer = new Uint8Array(Math.min(limit, Math.max(expected, 4096) + 1));
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    length += count;
    if (count === 0 || length === limit) return buffer.slice(0, length);
    if (length === buffer.length) {
      const larger = new Uint8Array(Math.min(limit, 2 * buffer.length));
      larger.set(buffer);
      buffer = larger;
    }
  }
}

/** A pipe may keep us waiting, so that Ctrl-C must get through in between. */
async function readStream(path: string): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > largestInput) break;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

/** How a file is written. */
export interface WriteOptions {
  /** Permissions, for example 0o600; the process's umask narrows them. */
  readonly mode: number;
  /** Whether a file that is there may be replaced. A symbolic link is replaced itself, not what it points to. */
  readonly overwrite: boolean;
  /** Whether a file that is replaced hands its permissions and its owner on, in place of `mode`; by default not. */
  readonly keepAccess?: boolean | undefined;
}

/**
 * Writes a file so that at every moment there is either the whole new one or what was there before.
 *
 * The bytes go to a new file beside it, which has its final permissions from the start, reach the disk, and only then
 * take the name; without `overwrite` that last step fails if the name was taken meanwhile, by whomever. Nothing is left
 * behind when a step fails.
 *
 * @param path whose folder must exist
 * @param bytes the whole file
 * @throws {CertgrantError} `FILE_EXISTS`, `FILE_IS_DIRECTORY`, `FILE_NOT_WRITABLE`
 * @example
 * await writeFileAtomically('my-daemon.pem', utf8(pem), { mode: 0o600, overwrite: false });
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array, options: WriteOptions): Promise<void> {
  try {
    const stats = options.keepAccess ? statSync(path, { throwIfNoEntry: false }) : undefined;
    const prepare = stats && ((descriptor: number) => giveAccess(descriptor, stats));
    replaceFile(path, bytes, { ...options, durable: true, prepare });
  } catch (thrown) {
    throw thrown instanceof CertgrantError ? thrown : fileError(thrown, 'write', path);
  }
}

export interface ReplaceOptions extends WriteOptions {
  /** Whether to wait until the disk has it. */
  readonly durable: boolean;
  /** Does something to the new file before it takes the name. */
  readonly prepare?: ((descriptor: number) => void) | undefined;
}

/** As {@link writeFileAtomically}, with node:fs's own errors and all in one go: no signal is handled in between. */
export function replaceFile(path: string, bytes: Uint8Array, options: ReplaceOptions): void {
  const { mode, overwrite, durable, prepare } = options;
  refuseSpecialFiles(path);
  const folder = dirname(path);
  const temporary = join(folder, `.certgrant-${toHex(systemPlatform.randomBytes(8)).toLowerCase()}.tmp`);
  let descriptor: number | undefined = openSync(temporary, 'wx', mode);
  try {
    writeWhole(descriptor, bytes);
    prepare?.(descriptor);
    if (durable) fsyncSync(descriptor);
    closeSync(descriptor);
    descriptor = undefined;
    if (overwrite) renameSync(temporary, path);
    else giveFreeName(temporary, path);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
    rmSync(temporary, { force: true });
  }
  if (durable) syncFolder(folder);
}

/** The owner first: changing it takes some permissions away. */
function giveAccess(descriptor: number, { uid, gid, mode }: Stats): void {
  const own = fstatSync(descriptor);
  if (own.uid !== uid || own.gid !== gid) fchownSync(descriptor, uid, gid);
  fchmodSync(descriptor, mode & 0o7777);
}

/** A rename would put a file in the place of a device such as /dev/null, or of a pipe that somebody listens to. */
function refuseSpecialFiles(path: string): void {
  const stats: Stats | undefined = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined || stats.isFile()) return;
  if (stats.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  throw new CertgrantError('FILE_NOT_WRITABLE', `write ${path}: it is not a regular file`, {
    fix: 'Give the path of a file that certgrant may make or replace',
  });
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) {
    offset += writeSync(descriptor, bytes, offset, bytes.length - offset);
  }
}

/** Takes a name that is free and no other; file systems without hard links cannot do that without copying. */
function giveFreeName(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (thrown) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(systemCode(thrown))) throw thrown;
    copyToFreeName(temporary, path);
  }
}

function copyToFreeName(temporary: string, path: string): void {
  try {
    copyFileSync(temporary, path, constants.COPYFILE_EXCL);
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') rmSync(path, { force: true });
    throw thrown;
  }
}

/** The new name is an entry of the folder, which has to reach the disk as well. Windows cannot open a folder for that. */
function syncFolder(folder: string): void {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(folder, 'r');
    fsyncSync(descriptor);
  } catch {
    // The file is written; whether its name survives a power failure is up to this file system.
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}
