import type { Step } from '../engine.ts';
import type { World } from '../world.ts';

/** Tells the daemon, where it does not look at its file by itself. Interrupted or failed, the hook is run again. */
export const runHook: Step<World> = {
  name: 'hook',
  summary: 'run the hook command',
  done: ({ hookRunAt, switchedAt }, { settings }) =>
    settings.hook === undefined || hookRunAt !== undefined || switchedAt === undefined,
  async run(state, world) {
    await world.runHook(state);
    return { hookRunAt: new Date(world.now()).toISOString() };
  },
};
