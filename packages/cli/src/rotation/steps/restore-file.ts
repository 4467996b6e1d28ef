import type { Step } from '../engine.ts';
import type { World } from '../world.ts';
import { changedFile, known } from './conflict.ts';

/** The old key has to get a token before it is put back: who undoes a rotation must not end without a key that works. */
export const restoreFile: Step<World> = {
  name: 'restore',
  summary: 'check the old certificate, and put the old key file back',
  done: ({ restoredAt }) => restoredAt !== undefined,
  async run(state, { files, server, now }) {
    const current = await files.current();
    const isSwitched = current.thumbprint !== state.old.thumbprint;
    if (isSwitched && current.thumbprint !== state.new.thumbprint) throw changedFile(state.files.current);
    const old = isSwitched ? known(await files.previous(), 'key file that was kept aside') : current;
    if (old.thumbprint !== state.old.thumbprint) throw changedFile(state.files.previous);
    await server.requestToken(old.credential);
    if (isSwitched) await files.restore();
    return { restoredAt: new Date(now()).toISOString() };
  },
};
