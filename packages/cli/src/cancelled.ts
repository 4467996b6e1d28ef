import { CertgrantError } from '@certgrant/core';

/** What a command that was stopped from outside ends with. */
export function cancelled(): CertgrantError {
  return new CertgrantError('CANCELLED', 'stopped: interrupted before it was done', {
    fix: 'Run it again; nothing was left half-written',
  });
}
