import { CertgrantError, isCertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';

/**
 * Turns what the DER reader found wrong into the error that a user meets. Anything else passes through: it is either
 * typed already or a bug.
 */
export function malformed(action: string, what: string, thrown: unknown): unknown {
  if (isCertgrantError(thrown) || !(thrown instanceof DerError)) return thrown;
  return new CertgrantError('FORMAT_MALFORMED', `${action}: ${what} is damaged: ${thrown.message}`, {
    fix: 'Export or download the file again; it may have been cut short or changed on its way',
    cause: thrown,
  });
}
