import type { Step } from '../engine.ts';
import type { World } from '../world.ts';
import { changedFile, known } from './conflict.ts';

/** From here on whoever reads the file has the new key. At every moment there is either the whole old one or the whole new one. */
export const switchFile: Step<World> = {
  name: 'switch',
  summary: 'put the new key file in the place of the current one',
  done: async (state, { files }) =>
    state.switchedAt !== undefined && (await files.current()).thumbprint === state.new.thumbprint,
  async run(state, { files, now }) {
    const { thumbprint } = await files.current();
    if (thumbprint === state.old.thumbprint) {
      const next = known(await files.next(), 'next key file');
      if (next.thumbprint !== state.new.thumbprint) throw changedFile(state.files.next);
      await files.switch();
    } else if (thumbprint !== state.new.thumbprint) {
      throw changedFile(state.files.current);
    }
    return { switchedAt: new Date(now()).toISOString() };
  },
};
