import { CertgrantError, type ErrorCode } from '../errors.ts';

interface Meaning {
  readonly code: ErrorCode;
  readonly problem: string;
  readonly fix: string;
}

const reading: Readonly<Record<string, Meaning>> = {
  ENOENT: { code: 'FILE_NOT_FOUND', problem: 'there is no such file', fix: 'Check the path' },
  ENOTDIR: { code: 'FILE_NOT_FOUND', problem: 'a part of the path is not a folder', fix: 'Check the path' },
  EACCES: {
    code: 'FILE_NOT_READABLE',
    problem: 'permission denied',
    fix: 'Run as the user that the file belongs to, or have that user allow reading it',
  },
  EISDIR: { code: 'FILE_IS_DIRECTORY', problem: 'it is a folder', fix: 'Give the path of a file in it' },
  ENXIO: { code: 'FILE_NOT_READABLE', problem: 'it is a socket', fix: 'Give the path of a file' },
  ELOOP: { code: 'FILE_NOT_READABLE', problem: 'its links lead in a circle', fix: 'Check where the links point' },
};

const full = 'Make room, or write to another disk';
const writing: Readonly<Record<string, Meaning>> = {
  EEXIST: {
    code: 'FILE_EXISTS',
    problem: 'there is such a file already',
    fix: 'Choose another path, or say that the file may be replaced',
  },
  ENOENT: { code: 'FILE_NOT_WRITABLE', problem: 'its folder does not exist', fix: 'Make the folder first' },
  ENOTDIR: { code: 'FILE_NOT_WRITABLE', problem: 'a part of the path is not a folder', fix: 'Check the path' },
  EISDIR: { code: 'FILE_IS_DIRECTORY', problem: 'it is a folder', fix: 'Give the path of a file in it' },
  EACCES: {
    code: 'FILE_NOT_WRITABLE',
    problem: 'permission denied',
    fix: 'Write to a folder that belongs to this user',
  },
  EROFS: { code: 'FILE_NOT_WRITABLE', problem: 'the disk is read-only', fix: 'Write to another disk' },
  ENOSPC: { code: 'FILE_NOT_WRITABLE', problem: 'the disk is full', fix: full },
  EDQUOT: { code: 'FILE_NOT_WRITABLE', problem: 'the quota of the disk is used up', fix: full },
  EFBIG: { code: 'FILE_NOT_WRITABLE', problem: 'files may not be that long here', fix: full },
  ENAMETOOLONG: { code: 'FILE_NOT_WRITABLE', problem: 'the name is too long', fix: 'Choose a shorter name' },
};

/** Explains why a file could not be read or written, from the error of node:fs. */
export function fileError(thrown: unknown, purpose: 'read' | 'write', path: string): CertgrantError {
  const system = systemCode(thrown);
  const meaning = (purpose === 'read' ? reading : writing)[system === 'EPERM' ? 'EACCES' : system];
  if (meaning !== undefined) {
    const { code, problem, fix } = meaning;
    return new CertgrantError(code, `${purpose} ${path}: ${problem}`, { fix, cause: thrown });
  }
  return new CertgrantError(
    purpose === 'read' ? 'FILE_NOT_READABLE' : 'FILE_NOT_WRITABLE',
    `${purpose} ${path}: the system refuses${system === '' ? '' : ` (${system})`}`,
    { fix: 'Check the path and the disk', cause: thrown },
  );
}

/** The code of a node:fs error such as `ENOENT`; empty for anything else. */
export function systemCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}
