import type { Step } from '../engine.ts';
import type { RotationState } from '../state.ts';
import type { World } from '../world.ts';
import { known } from './conflict.ts';

/** Up to this long the command waits itself, in milliseconds; for longer it ends, and a later run goes on. */
const shortWait = 2 * 60_000;

/** Both keys are registered for a while: for other machines that have the old one, and for processes that still hold it. */
export const overlap: Step<World> = {
  name: 'overlap',
  summary: 'keep both keys registered for a while',
  done: (state, world) => left(state, world) <= 0,
  async run(state, world) {
    const remaining = left(state, world);
    const overlapUntil = new Date(world.now() + remaining).toISOString();
    if (remaining > shortWait) {
      return {
        pause: `the old key stays registered until ${overlapUntil.slice(0, 16).replace('T', ' ')} UTC; the same command removes it then`,
        change: { overlapUntil },
      };
    }
    await world.delay(remaining);
    return { overlapUntil };
  },
};

function left({ switchedAt }: RotationState, { settings, now }: World): number {
  return Date.parse(known(switchedAt, 'time of the switch')) + settings.overlap - now();
}
