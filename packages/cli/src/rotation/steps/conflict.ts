import { CertgrantError } from '@certgrant/core';

/** What is there does not go together with what the state says. */
export function conflict(what: string, fix: string): CertgrantError {
  return new CertgrantError('ROTATION_CONFLICT', `rotate: ${what}`, { fix });
}

/** Somebody else wrote the file; nothing that the rotation could put in its place is known to be right. */
export function changedFile(path: string): CertgrantError {
  return conflict(
    `${path} holds neither the old certificate nor the new one`,
    'Put the right file back; certgrant rotate status shows both thumbprints and where the files are',
  );
}

/** A fact that an earlier step has found out. */
export function known<T>(fact: T | undefined, name: string): T {
  if (fact !== undefined) return fact;
  throw conflict(`the state lacks the ${name}`, 'Restore the state file from a backup');
}
