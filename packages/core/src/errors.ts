/**
 * Every error that a user of certgrant can meet, by its stable code.
 *
 * The codes are part of the public surface: programs may switch on them, so a code is added but never renamed.
 */
export type ErrorCode =
  // What was asked for
  | 'USAGE'
  | 'CANCELLED'
  // Files
  | 'FILE_NOT_FOUND'
  | 'FILE_NOT_READABLE'
  | 'FILE_NOT_WRITABLE'
  | 'FILE_IS_DIRECTORY'
  | 'FILE_EMPTY'
  | 'FILE_EXISTS'
  | 'FILE_TOO_LARGE'
  // Key files and certificates
  | 'FORMAT_UNKNOWN'
  | 'FORMAT_MALFORMED'
  | 'FORMAT_UNSUPPORTED'
  | 'PASSWORD_REQUIRED'
  | 'PASSWORD_WRONG'
  | 'PASSWORD_LOCKED'
  | 'KEY_DERIVATION_TOO_COSTLY'
  | 'PRIVATE_KEY_MISSING'
  | 'CERTIFICATE_MISSING'
  | 'KEY_MISMATCH'
  | 'KEY_AMBIGUOUS'
  | 'KEY_UNSUITABLE'
  | 'KEY_STORE_UNAVAILABLE'
  // The wire
  | 'HOST_NOT_FOUND'
  | 'CONNECTION_FAILED'
  | 'TLS_NOT_TRUSTED'
  | 'TIMEOUT'
  | 'PORT_IN_USE'
  | 'DATA_IN_USE'
  // What an authority or API answered
  | 'RESPONSE_TOO_LARGE'
  | 'RESPONSE_NOT_JSON'
  | 'RESPONSE_REDIRECT'
  | 'RESPONSE_UNEXPECTED'
  | 'RESPONSE_WITHOUT_TOKEN'
  | 'DISCOVERY_FAILED'
  | 'ISSUER_MISMATCH'
  | 'TOKEN_REFUSED'
  | 'API_REFUSED'
  | 'KEYS_CHANGED'
  // Tokens
  | 'TOKEN_NOT_FOUND'
  | 'TOKEN_MALFORMED'
  | 'TOKEN_INVALID'
  // Rotations
  | 'ROTATION_CONFLICT'
  | 'HOOK_FAILED'
  // Error texts
  | 'CODE_NOT_FOUND'
  // Settings files
  | 'SETTINGS_INVALID';

/** What {@link CertgrantError} is made from, besides its message. */
export interface ErrorDetails {
  /** What the user can do next: a whole sentence without a final period. */
  readonly fix: string;
  /** The lower error that this one explains. */
  readonly cause?: unknown;
}

/** Marks the class across copies of this module, since a bundle or a second installed version brings its own. */
const brand = Symbol.for('certgrant.error');

/**
 * The base of every error that certgrant throws on purpose.
 *
 * A message states the action, a colon, then what is wrong with what was given. Neither the message, the fix nor any
 * property holds a password, a private key, an assertion or a token.
 */
export class CertgrantError extends Error {
  override readonly name: string = 'CertgrantError';
  /** Stable, for programs. */
  readonly code: ErrorCode;
  /** What to do next, for people. */
  readonly fix: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.fix = details.fix;
    Object.defineProperty(this, brand, { value: true });
  }
}

/**
 * Tells a {@link CertgrantError} apart from anything else that was thrown.
 *
 * @param thrown anything that `catch` caught
 * @returns `true` also for an error of another copy of this library, which `instanceof` does not know
 * @example
 * if (isCertgrantError(thrown) && thrown.code === 'TIMEOUT') return undefined;
 */
export function isCertgrantError(thrown: unknown): thrown is CertgrantError {
  return typeof thrown === 'object' && thrown !== null && brand in thrown;
}
