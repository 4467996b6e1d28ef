import { CertgrantError } from '../../errors.ts';
import type { Cryptoki, Pkcs11Js } from './binding.ts';
import { Flag, Result } from './constants.ts';
import { pkcs11Failure, resultOf } from './failure.ts';

/** A module that is loaded and initialised, shared by everybody in this process who uses it. */
export interface Pkcs11Module {
  readonly cryptoki: Cryptoki;
  /** Whether it may be called from several threads, so that a signature need not hold up everything else. */
  readonly isThreadSafe: boolean;
  /** Marks the time of a call on another thread: C_Finalize must not come in between (PKCS#11 2.40 §5.4). */
  duringCall<T>(call: () => Promise<T>): Promise<T>;
  /** To be called once by each who has it; the last one finalises it. */
  release(): void;
}

/** One library of this process. */
interface Loaded {
  readonly cryptoki: Cryptoki;
  users: number;
  running: number;
  /** Not so where another part of the program initialised it before: then it is not ours to finalise. */
  isOurs: boolean;
  isThreadSafe: boolean;
}

/**
 * PKCS#11 initialises a library once for a process (§5.4), so each is kept here by its path. A library stays loaded
 * after its last use: many do not survive being unloaded.
 */
const loaded = new Map<string, Loaded>();

/**
 * Loads and initialises a module, or shares the one that is there.
 *
 * @throws {CertgrantError} `KEY_STORE_UNAVAILABLE`
 */
export function useModule(path: string, { PKCS11 }: Pkcs11Js): Pkcs11Module {
  const library = loaded.get(path) ?? load(path, PKCS11);
  if (library.users === 0) initialise(path, library);
  library.users++;
  return {
    cryptoki: library.cryptoki,
    isThreadSafe: library.isThreadSafe,
    async duringCall(call) {
      library.running++;
      try {
        return await call();
      } finally {
        library.running--;
      }
    },
    release() {
      library.users--;
      if (library.users === 0) finalise(library);
    },
  };
}

function load(path: string, Module: Pkcs11Js['PKCS11']): Loaded {
  const cryptoki = new Module();
  try {
    cryptoki.load(path);
  } catch (thrown) {
    throw cannotLoad(path, thrown);
  }
  const library = { cryptoki, users: 0, running: 0, isOurs: false, isThreadSafe: false };
  loaded.set(path, library);
  return library;
}

function cannotLoad(path: string, cause: unknown): CertgrantError {
  const reason = cause instanceof Error ? cause.message : '';
  const isLibrary = reason.includes('C_GetFunctionList');
  const problem = isLibrary ? 'it is a library, and not one of PKCS#11' : `the system does not load it (${reason})`;
  return new CertgrantError('KEY_STORE_UNAVAILABLE', `load PKCS#11 module ${path}: ${problem}`, {
    fix: "Give the library that came with the token's software, for this kind of processor: ?module-path=/…/….so",
    cause,
  });
}

function initialise(path: string, library: Loaded): void {
  const { cryptoki } = library;
  library.isOurs = true;
  library.isThreadSafe = true;
  try {
    try {
      cryptoki.C_Initialize({ flags: Flag.osLocking });
    } catch (thrown) {
      if (resultOf(thrown) !== Result.cantLock) throw thrown;
      library.isThreadSafe = false;
      cryptoki.C_Initialize();
    }
  } catch (thrown) {
    if (resultOf(thrown) !== Result.cryptokiAlreadyInitialized) {
      throw pkcs11Failure(`start PKCS#11 module ${path}`, thrown);
    }
    // Whoever did it may not have asked for locks.
    library.isOurs = false;
    library.isThreadSafe = false;
  }
  finaliseAtExit();
}

function finalise({ cryptoki, isOurs, running }: Loaded): void {
  if (!isOurs || running > 0) return;
  try {
    cryptoki.C_Finalize();
  } catch {
    // The token may be gone; there is nothing left to close then.
  }
}

let isWatchingExit = false;

/** A card whose module is not finalised may stay locked for other programs. */
function finaliseAtExit(): void {
  if (isWatchingExit) return;
  isWatchingExit = true;
  process.once('exit', () => {
    for (const library of loaded.values()) if (library.users > 0) finalise(library);
  });
}
