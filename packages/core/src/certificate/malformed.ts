import { CertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';

/** Runs `read` and says of bytes that are not the structure it expects: `FORMAT_MALFORMED`, with what is wrong. */
export function readingDer<T>(action: string, fix: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof DerError)) throw thrown;
    throw new CertgrantError('FORMAT_MALFORMED', `${action}: ${thrown.message}`, { fix, cause: thrown });
  }
}
