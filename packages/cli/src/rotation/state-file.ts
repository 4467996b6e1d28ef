import { basename, dirname, extname, join } from 'node:path';
import { isCertgrantError, utf8 } from '@certgrant/core';
import { readInputFile, writeFileAtomically } from '@certgrant/core/node';
import { type RotationState, readState, writeState } from './state.ts';

/** Where the state of a file's rotation is kept: beside it, so that whoever may change the file may also rotate it. */
function statePath(current: string): string {
  return `${current}.rotation.json`;
}

/** Held by the one process that works on a file. */
export function lockPath(current: string): string {
  return `${current}.rotation.lock`;
}

/** `daemon.pem` has `daemon.next.pem` and `daemon.previous.pem` beside it. */
export function siblingOf(current: string, word: 'next' | 'previous'): string {
  const extension = extname(current);
  return join(dirname(current), `${basename(current, extension)}.${word}${extension}`);
}

/** The state of the rotation that was begun or finished last; `undefined` where there was none. */
export async function loadState(current: string): Promise<RotationState | undefined> {
  const path = statePath(current);
  try {
    return readState(new TextDecoder().decode(await readInputFile(path)), path);
  } catch (thrown) {
    if (isCertgrantError(thrown) && thrown.code === 'FILE_NOT_FOUND') return undefined;
    throw thrown;
  }
}

/** Is on the disk when it returns. */
export async function saveState(state: RotationState): Promise<void> {
  const options = { mode: 0o600, overwrite: true };
  await writeFileAtomically(statePath(state.files.current), utf8(writeState(state)), options);
}
