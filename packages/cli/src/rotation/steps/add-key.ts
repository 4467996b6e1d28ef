import { isCertgrantError } from '@certgrant/core';
import type { Step, StepOutcome } from '../engine.ts';
import type { RotationState } from '../state.ts';
import type { World } from '../world.ts';
import { awaitAcceptance } from './await-token.ts';
import { changedFile, known } from './conflict.ts';

/**
 * Registers the new certificate, proven with the old key. The key id is chosen beforehand and stands in the state, so that a
 * request whose answer was lost can be made again: a server that has the key refuses a second one of the same id.
 */
export const addKey: Step<World> = {
  name: 'add',
  summary: 'register the new certificate, with a proof that the old key signs',
  done: ({ addedAt }) => addedAt !== undefined,
  async run(state, world, before) {
    const { files, server } = world;
    const objectId = known(state.objectId, 'object id');
    const [current, next] = [await files.current(), known(await files.next(), 'next key file')];
    if (current.thumbprint !== state.old.thumbprint || next.thumbprint !== state.new.thumbprint) {
      throw changedFile(current.thumbprint === state.old.thumbprint ? state.files.next : state.files.current);
    }
    const keys = await server.listKeys(objectId, current.credential);
    const found = keys?.find(({ thumbprint }) => thumbprint === next.thumbprint);
    if (found !== undefined) return added(state, found.keyId, world);
    const { certificate } = next.credential;
    try {
      return added(
        state,
        await server.addKey(objectId, { certificate, keyId: state.new.keyId }, current.credential),
        world,
      );
    } catch (thrown) {
      // Perhaps a second request like the first one, whose answer was lost. Only a registered certificate gets a token.
      if (!before.unanswered || !isRefusedRequest(thrown)) throw thrown;
      await awaitAcceptance(next, world);
      return added(state, state.new.keyId, world);
    }
  },
};

function added(state: RotationState, keyId: string, world: World): StepOutcome {
  return { addedAt: new Date(world.now()).toISOString(), new: { ...state.new, keyId } };
}

/** What the second of two equal requests meets. */
function isRefusedRequest(thrown: unknown): boolean {
  return isCertgrantError(thrown) && 'status' in thrown && (thrown.status === 400 || thrown.status === 409);
}
