import type { Step } from './engine.ts';
import type { RotationState } from './state.ts';
import { addKey } from './steps/add-key.ts';
import { awaitToken } from './steps/await-token.ts';
import { checkCurrent } from './steps/check-current.ts';
import { makeNext } from './steps/make-next.ts';
import { overlap } from './steps/overlap.ts';
import { removeKey } from './steps/remove-key.ts';
import { restoreFile } from './steps/restore-file.ts';
import { runHook } from './steps/run-hook.ts';
import { switchFile } from './steps/switch-file.ts';
import { tidy } from './steps/tidy.ts';
import { withdrawKey } from './steps/withdraw-key.ts';
import type { World } from './world.ts';

/** A rotation, and taking one back, as their steps in order. */
export const stepsOf: Readonly<Record<RotationState['direction'], readonly Step<World>[]>> = {
  rotate: [checkCurrent, makeNext, addKey, awaitToken, switchFile, runHook, overlap, removeKey, tidy],
  undo: [restoreFile, runHook, withdrawKey, tidy],
};
