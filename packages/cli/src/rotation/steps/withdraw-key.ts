import type { Step } from '../engine.ts';
import type { World } from '../world.ts';
import { changedFile, known } from './conflict.ts';
import { isUnknownKey } from './remove-key.ts';

/** Takes the new key away from the application again, if it has it. */
export const withdrawKey: Step<World> = {
  name: 'withdraw',
  summary: 'remove the new certificate from the application',
  done: ({ withdrawnAt }) => withdrawnAt !== undefined,
  async run(state, { files, server, now }, before) {
    const { objectId, new: added } = state;
    const wasSent = state.addedAt !== undefined || state.steps.some(({ name }) => name === 'add');
    if (objectId !== undefined && wasSent) {
      const current = await files.current();
      if (current.thumbprint !== state.old.thumbprint) throw changedFile(state.files.current);
      const keys = await server.listKeys(objectId, current.credential);
      const thumbprint = known(added.thumbprint, 'thumbprint of the new certificate');
      const keyId = keys === undefined ? added.keyId : keys.find((key) => key.thumbprint === thumbprint)?.keyId;
      if (keyId !== undefined) {
        await server.removeKey(objectId, keyId, current.credential).catch((thrown: unknown) => {
          // It may never have got there, or was removed by a request whose answer was lost.
          const mayBeGone = state.addedAt === undefined || before.unanswered;
          if (!mayBeGone || !isUnknownKey(thrown)) throw thrown;
        });
      }
    }
    return { withdrawnAt: new Date(now()).toISOString() };
  },
};
