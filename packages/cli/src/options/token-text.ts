import { resolve } from 'node:path';
import { CertgrantError, type FoundToken, findToken, isCertgrantError } from '@certgrant/core';
import { readTextSource } from '../input.ts';
import type { Io } from '../io.ts';
import { exists } from '../output/files.ts';

/** What `decode` and `verify` say about their operand. */
export const tokenOperand = {
  TOKEN:
    'The token, or any text with one in it: a Bearer line, a JSON answer, a URL; env:NAME for an environment variable; standard input when it is - or left out',
} as const;

/** The token in the operand or on standard input. */
export async function tokenFrom(operand: string | undefined, io: Io): Promise<FoundToken> {
  if (operand === undefined || operand === '-') {
    if (io.stdinIsTerminal) io.stderr.write('Paste a token, then press Enter and Ctrl-D.\n');
    return findToken(await readTextSource('-', 'TOKEN', io));
  }
  if (operand.startsWith('env:')) return findToken(await readTextSource(operand, 'TOKEN', io));
  try {
    return findToken(operand);
  } catch (thrown) {
    if (!isCertgrantError(thrown) || !exists(resolve(io.cwd, operand))) throw thrown;
    throw new CertgrantError('TOKEN_NOT_FOUND', 'find token: this is the name of a file, not a token', {
      fix: 'Have the file read from standard input: put < before its name',
      cause: thrown,
    });
  }
}
