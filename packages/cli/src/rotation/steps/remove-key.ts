import { isCertgrantError } from '@certgrant/core';
import type { Step } from '../engine.ts';
import type { World } from '../world.ts';
import { changedFile, known } from './conflict.ts';

/** The end of the old key. The file that the daemon reads has to get a token first, and its key signs the proof. */
export const removeKey: Step<World> = {
  name: 'remove',
  summary: 'check the new certificate once more, and remove the old one from the application',
  done: ({ removedAt }) => removedAt !== undefined,
  async run(state, { files, server, now }, before) {
    const current = await files.current();
    if (current.thumbprint !== state.new.thumbprint) throw changedFile(state.files.current);
    await server.requestToken(current.credential);
    const objectId = known(state.objectId, 'object id');
    const keyId = known(state.old.keyId, 'key id of the old key');
    const keys = await server.listKeys(objectId, current.credential);
    if (keys === undefined || keys.some((key) => key.keyId === keyId)) {
      try {
        await server.removeKey(objectId, keyId, current.credential);
      } catch (thrown) {
        // The first request was done, and its answer was lost.
        if (!before.unanswered || !isUnknownKey(thrown)) throw thrown;
      }
    }
    return { removedAt: new Date(now()).toISOString() };
  },
};

/** Graph's answer to the id of a key that is not there. */
export function isUnknownKey(thrown: unknown): boolean {
  return isCertgrantError(thrown) && 'status' in thrown && (thrown.status === 400 || thrown.status === 404);
}
