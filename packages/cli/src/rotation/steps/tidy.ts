import type { Step } from '../engine.ts';
import type { World } from '../world.ts';
import { changedFile } from './conflict.ts';

/** The next file has become the current one; a second copy of its private key is not left lying about. */
export const tidy: Step<World> = {
  name: 'tidy',
  summary: 'remove the second copy of the new key file',
  done: async (_, { files }) => (await files.next()) === undefined,
  async run(state, { files }) {
    const [current, next] = [await files.current(), await files.next()];
    const kept = state.direction === 'rotate' ? state.new.thumbprint : state.old.thumbprint;
    if (current.thumbprint !== kept) throw changedFile(state.files.current);
    if (next !== undefined && next.thumbprint !== state.new.thumbprint) throw changedFile(state.files.next);
    await files.discardNext();
    return {};
  },
};
