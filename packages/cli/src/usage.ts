import { CertgrantError } from '@certgrant/core';

/** The command line asks for something that cannot be: exit code 2. */
export function usageError(problem: string, fix: string): CertgrantError {
  return new CertgrantError('USAGE', problem, { fix });
}
