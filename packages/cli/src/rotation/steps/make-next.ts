import { CertgrantError, certificateProblems } from '@certgrant/core';
import type { Step } from '../engine.ts';
import type { HeldKey, World } from '../world.ts';

/** However the next file came about, from here on it is the same: a key file that is not the current one and may be used now. */
export const makeNext: Step<World> = {
  name: 'make',
  summary: 'make the new key and certificate',
  done: (state) => state.new.thumbprint !== undefined,
  async run(state, world) {
    const { files } = world;
    const pause = (await files.next()) === undefined ? await files.makeNext(state) : undefined;
    if (pause !== undefined) return pause;
    const next = await files.next();
    if (next === undefined) {
      throw new CertgrantError('FILE_NOT_FOUND', `read ${state.files.next}: it has gone again`, {
        fix: 'Run the same command again, and see to it that nobody else removes the file',
      });
    }
    requireUsable(next, state.old.thumbprint, state.files.next, world.now());
    const { notAfter } = next.credential.certificate;
    return { new: { ...state.new, thumbprint: next.thumbprint, notAfter: notAfter.toISOString() } };
  },
};

function requireUsable(next: HeldKey, old: string, path: string, now: number): void {
  if (next.thumbprint === old) {
    throw new CertgrantError('USAGE', `rotate: the certificate in ${path} is the current one`, {
      fix: 'Give the new certificate',
    });
  }
  const problem = certificateProblems(next.credential.certificate, { at: now, keyMatches: true }).find(({ code }) =>
    ['expired', 'not-yet-valid', 'key-type', 'key-size'].includes(code),
  );
  if (problem === undefined) return;
  throw new CertgrantError('KEY_UNSUITABLE', `rotate: the new certificate cannot be used: ${problem.message}`, {
    fix: problem.fix,
  });
}
