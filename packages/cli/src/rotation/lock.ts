import { linkSync, readFileSync, rmSync, unlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { CertgrantError, type Platform, randomUuid, utf8 } from '@certgrant/core';
import { writeFileAtomically } from '@certgrant/core/node';

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process began, as the system counts it; tells it from a later one with the same number. */
  readonly born: string | undefined;
  /** Tells two holders in one process apart. */
  readonly id: string;
}

/** Those of this process. */
const held = new Set<string>();

/** How often a lock that changes under our hands is looked at again. */
const attempts = 20;

/**
 * Takes a lock that only one process on this machine can hold: a file that is made where there is none (O_EXCL), with the number of
 * the process in it. One that a killed process has left is taken over.
 *
 * @returns gives it back
 * @throws {CertgrantError} `DATA_IN_USE` when somebody else holds it; `FILE_NOT_WRITABLE`
 */
export async function takeLock(path: string, platform: Platform): Promise<() => void> {
  const holder: Holder = { pid: process.pid, host: hostname(), born: bornOf(process.pid), id: randomUuid(platform) };
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await makeLock(path, holder)) {
      held.add(holder.id);
      return () => {
        held.delete(holder.id);
        rmSync(path, { force: true });
      };
    }
    const other = holderOf(path);
    if (other === 'none') continue;
    if (other === undefined || isAlive(other)) throw inUse(path, other);
    breakLock(path, other);
  }
  throw inUse(path, undefined);
}

/** @returns whether the name was free */
async function makeLock(path: string, holder: Holder): Promise<boolean> {
  // Written elsewhere first: whoever finds the lock finds a whole one.
  const own = `${path}.${holder.id}`;
  await writeFileAtomically(own, utf8(JSON.stringify(holder)), { mode: 0o600, overwrite: false });
  try {
    linkSync(own, path);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false;
    throw new CertgrantError('FILE_NOT_WRITABLE', `write ${path}: the system refuses (${codeOf(thrown)})`, {
      fix: 'Keep the key file on a file system that has hard links',
      cause: thrown,
    });
  } finally {
    rmSync(own, { force: true });
  }
}

/**
 * Removes the lock of a process that is gone. Only one can be at it: it gives the lock a second name, which must be free, and
 * then sees by what stands in the file whether it is the lock that it took it for, or one that somebody made since.
 */
function breakLock(path: string, dead: Holder): void {
  const mark = `${path}.broken`;
  try {
    linkSync(path, mark);
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') removeLeftMark(mark);
    return;
  }
  try {
    const marked = holderOf(mark);
    if (typeof marked === 'object' && marked.id === dead.id) unlinkSync(path);
  } finally {
    rmSync(mark, { force: true });
  }
}

/** The mark of a process that was killed within the few instructions above stands for a lock whose holder is dead, too. */
function removeLeftMark(mark: string): void {
  // A moment is enough for one that is alive to be through with it.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  const marked = holderOf(mark);
  if (typeof marked === 'object' && !isAlive(marked)) rmSync(mark, { force: true });
}

/** `undefined` for a file that is no lock of ours. */
function holderOf(path: string): Holder | 'none' | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isHolder(value) ? value : undefined;
  } catch (thrown) {
    return codeOf(thrown) === 'ENOENT' ? 'none' : undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, host, id } = value as Partial<Record<keyof Holder, unknown>>;
  return (
    typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && typeof host === 'string' && typeof id === 'string'
  );
}

/** Of another machine that shares the disk nothing can be known, so it counts as alive. */
function isAlive({ pid, host, born, id }: Holder): boolean {
  if (host !== hostname()) return true;
  const now = bornOf(pid);
  if (born !== undefined && now !== undefined && born !== now) return false;
  if (pid === process.pid) return held.has(id);
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    // EPERM: it is there and belongs to somebody else.
    return codeOf(thrown) !== 'ESRCH';
  }
}

/** From Linux's /proc (proc_pid_stat(5), field 22); other systems do not say it so cheaply. */
function bornOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, which may hold spaces and parentheses.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

function inUse(path: string, holder: Holder | undefined): CertgrantError {
  const who =
    holder === undefined
      ? 'another process'
      : `process ${holder.pid}${holder.host === hostname() ? '' : ` on ${holder.host}`}`;
  return new CertgrantError('DATA_IN_USE', `rotate: ${who} is at work on this key file`, {
    fix: `Wait until it is done; if it cannot be running any more, remove ${path}`,
  });
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
}
