import { spawn } from 'node:child_process';
import { CertgrantError } from '@certgrant/core';
import type { Io } from '../io.ts';
import type { RotationState } from './state.ts';

/** How long a hook may take, in milliseconds. */
const longest = 10 * 60_000;

/** What the hook finds in its environment. */
function hookEnvironment({ direction, files, old, new: next }: RotationState): Record<string, string> {
  const [kept, gone] = direction === 'rotate' ? [next, old] : [old, next];
  return {
    CERTGRANT_EVENT: direction,
    CERTGRANT_CERT: files.current,
    CERTGRANT_PREVIOUS_CERT: files.previous,
    CERTGRANT_THUMBPRINT: kept.thumbprint ?? '',
    CERTGRANT_PREVIOUS_THUMBPRINT: gone.thumbprint ?? '',
  };
}

/**
 * Runs the hook command in the system's shell. What it prints goes to standard error.
 *
 * @throws {CertgrantError} `HOOK_FAILED`; `CANCELLED`
 */
export function runHookCommand(command: string, state: RotationState, io: Io): Promise<void> {
  const env = { ...io.env, ...hookEnvironment(state) };
  return new Promise((resolve, reject) => {
    const child = spawn(command, {
      shell: true,
      cwd: io.cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: longest,
    });
    const stop = (): void => {
      child.kill();
      reject(io.signal.reason);
    };
    io.signal.addEventListener('abort', stop, { once: true });
    child.stdout.on('data', (chunk: Buffer) => io.stderr.writeBytes(chunk));
    child.stderr.on('data', (chunk: Buffer) => io.stderr.writeBytes(chunk));
    child.on('error', (cause) => reject(failed('it could not be started', cause)));
    child.on('close', (code, signal) => {
      io.signal.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else reject(failed(code === null ? `it was ended by ${signal}` : `it ended with exit code ${code}`));
    });
  });
}

function failed(what: string, cause?: unknown): CertgrantError {
  return new CertgrantError('HOOK_FAILED', `run hook: ${what}`, {
    fix: 'Mend the hook and run the same command again: it goes on with the hook. Both certificates work meanwhile',
    cause,
  });
}
