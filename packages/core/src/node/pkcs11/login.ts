import { CertgrantError } from '../../errors.ts';
import { Flag, Result } from './constants.ts';
import { failure, lockedPin, pkcs11Failure, resultOf } from './failure.ts';
import type { Session } from './session.ts';
import { nameOf } from './token.ts';

/** Where the PIN comes from. */
export interface PinOptions {
  /** The PIN of the token's user. Not repeated when it is wrong: tokens lock themselves after a few tries. */
  readonly pin?: string | undefined;
  /**
   * Asks a person for the PIN, at most once and only where the token wants one; `undefined` where nobody is there.
   *
   * @param token how the token is called
   */
  readonly askPin?: ((token: string) => Promise<string | undefined>) | undefined;
}

const action = 'log in to PKCS#11 token';

/**
 * Logs the user in, where the token wants that. A PIN is sent once, whatever comes of it.
 *
 * @returns the PIN, for keys that ask for it again; empty where it is typed at the token itself, `undefined` where none
 * was needed
 * @throws {CertgrantError} `PASSWORD_REQUIRED`, `PASSWORD_WRONG`, `PASSWORD_LOCKED`
 */
export async function logIn(session: Session, { pin, askPin }: PinOptions): Promise<string | undefined> {
  const { flags } = session.tokenInfo();
  if ((flags & Flag.loginRequired) === 0) return pin;
  // A login counts for the whole program (PKCS#11 2.40 §5.6): another credential of the token may have done it.
  if (session.isLoggedIn()) return pin;
  if ((flags & Flag.userPinLocked) !== 0) throw failure(action, lockedPin);
  const hasKeypad = (flags & Flag.protectedAuthenticationPath) !== 0;
  const given = pin ?? (hasKeypad ? '' : undefined);
  const typed = given === undefined ? await askPin?.(session.token.label) : undefined;
  const used = given ?? typed;
  if (used === undefined) throw pinRequired(session);
  // A service that starts again and again with an old PIN would lock the token for good.
  if (pin !== undefined && (flags & Flag.userPinFinalTry) !== 0) throw lastTry();
  try {
    session.login(used);
  } catch (thrown) {
    throw resultOf(thrown) === Result.pinIncorrect ? wrongPin(session, thrown) : pkcs11Failure(action, thrown);
  }
  return used;
}

function pinRequired(session: Session): CertgrantError {
  return new CertgrantError('PASSWORD_REQUIRED', `${action}: it needs its PIN (${nameOf(session.token)})`, {
    fix: 'Give the path of a file with the PIN in the URI: ?pin-source=file:/…, or give the PIN as passwords are given',
  });
}

function lastTry(): CertgrantError {
  return new CertgrantError(
    'PASSWORD_LOCKED',
    `${action}: one try is left before the PIN is locked, and a stored PIN is not risked on it`,
    {
      fix: "Check the PIN with the token's own tool, which sets the count back, or type it when certgrant asks for it",
    },
  );
}

/** What the token says now of the tries that are left. */
function wrongPin(session: Session, cause: unknown): CertgrantError {
  const { flags } = session.tokenInfo();
  if ((flags & Flag.userPinLocked) !== 0) return failure(action, lockedPin, cause);
  let left = '';
  if ((flags & Flag.userPinFinalTry) !== 0) left = '; one try is left before it is locked';
  else if ((flags & Flag.userPinCountLow) !== 0) left = '; the token says that few tries may be left';
  return new CertgrantError('PASSWORD_WRONG', `${action}: the PIN is not the one of the token${left}`, {
    fix: 'Check the PIN before you try again: many tokens lock themselves after three wrong ones',
    cause,
  });
}
