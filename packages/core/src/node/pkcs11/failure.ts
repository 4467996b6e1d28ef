import { CertgrantError } from '../../errors.ts';

/** The return value (CKR_…) behind an error of pkcs11js; `undefined` for any other error. */
export function resultOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'number') return undefined;
  return /^CKR_/.test(thrown.message) ? thrown.code : undefined;
}

interface Meaning {
  readonly code: 'KEY_STORE_UNAVAILABLE' | 'KEY_UNSUITABLE' | 'PASSWORD_WRONG' | 'PASSWORD_LOCKED' | 'CANCELLED';
  readonly problem: string;
  readonly fix: string;
}

const gone: Meaning = {
  code: 'KEY_STORE_UNAVAILABLE',
  problem: 'the token is not there any more',
  fix: 'Put it back, or have the service behind it checked, and start again',
};
const broken: Meaning = {
  code: 'KEY_STORE_UNAVAILABLE',
  problem: 'the token reports a fault of its own',
  fix: "Take it out and put it back, or look at the log of the token's software",
};
const wrongPin: Meaning = {
  code: 'PASSWORD_WRONG',
  problem: 'the PIN is not the one of the token',
  fix: 'Check the PIN before you try again: tokens lock themselves after a few wrong ones',
};
const noPin: Meaning = {
  code: 'PASSWORD_LOCKED',
  problem: 'the token has no valid user PIN',
  fix: "Set one with the token's own tool",
};
const unfit: Meaning = {
  code: 'KEY_UNSUITABLE',
  problem: 'the token does not allow that with this key',
  fix: 'Choose another --alg, or have the key made or imported with permission to sign',
};
const refused: Meaning = {
  code: 'CANCELLED',
  problem: 'it was refused or not confirmed at the token',
  fix: 'Start again, and touch the token or confirm at its keypad when it asks',
};

export const lockedPin: Meaning = {
  code: 'PASSWORD_LOCKED',
  problem: 'the PIN is locked after too many wrong ones',
  fix: "Have it unlocked with the token's own tool and the PUK or the security officer's PIN",
};

/** PKCS#11 2.40 §5.1: the return values that a user can do something about. */
const meanings: Readonly<Record<number, Meaning>> = {
  // CKR_CANCEL, CKR_FUNCTION_CANCELED, CKR_FUNCTION_REJECTED
  1: refused,
  80: refused,
  512: refused,
  // CKR_SLOT_ID_INVALID, CKR_DEVICE_REMOVED, CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID, CKR_SESSION_CLOSED,
  // CKR_SESSION_HANDLE_INVALID, CKR_TOKEN_NOT_PRESENT, CKR_TOKEN_NOT_RECOGNIZED, CKR_CRYPTOKI_NOT_INITIALIZED
  3: gone,
  50: gone,
  96: gone,
  130: gone,
  176: gone,
  179: gone,
  224: gone,
  225: gone,
  400: gone,
  // CKR_GENERAL_ERROR, CKR_FUNCTION_FAILED, CKR_DEVICE_ERROR, CKR_DEVICE_MEMORY
  5: broken,
  6: broken,
  48: broken,
  49: broken,
  // CKR_KEY_SIZE_RANGE, CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_MECHANISM_INVALID,
  // CKR_MECHANISM_PARAM_INVALID
  98: unfit,
  99: unfit,
  104: unfit,
  112: unfit,
  113: unfit,
  // CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE, CKR_PIN_EXPIRED, CKR_PIN_LOCKED,
  // CKR_USER_PIN_NOT_INITIALIZED
  160: wrongPin,
  161: wrongPin,
  162: wrongPin,
  163: noPin,
  164: lockedPin,
  258: noPin,
};

/** Explains an error of pkcs11js; any other error comes back as it is. */
export function pkcs11Failure(action: string, thrown: unknown): unknown {
  const result = resultOf(thrown);
  if (result === undefined || !(thrown instanceof Error)) return thrown;
  const meaning = meanings[result];
  if (meaning !== undefined) return failure(action, meaning, thrown);
  const name = /^CKR_[A-Z0-9_]+/.exec(thrown.message)?.[0] ?? 'CKR';
  return new CertgrantError(
    'KEY_STORE_UNAVAILABLE',
    `${action}: the PKCS#11 module refuses (${name}, 0x${result.toString(16)})`,
    { fix: "Look at the log of the token's software, and try the same with pkcs11-tool", cause: thrown },
  );
}

export function failure(action: string, { code, problem, fix }: Meaning, cause?: unknown): CertgrantError {
  return new CertgrantError(code, `${action}: ${problem}`, { fix, cause });
}

/** Runs calls of PKCS#11, with their errors explained. */
export function explained<T>(action: string, calls: () => T): T {
  try {
    return calls();
  } catch (thrown) {
    throw pkcs11Failure(action, thrown);
  }
}
