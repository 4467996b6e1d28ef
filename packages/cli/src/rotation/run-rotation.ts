import { platformWith } from '@certgrant/core';
import type { Io } from '../io.ts';
import { type Progress, runSteps, type Step } from './engine.ts';
import { runHookCommand } from './hook.ts';
import type { KeyFileFormat } from './key-material.ts';
import type { NextSource } from './next-key.ts';
import { rotationFiles } from './rotation-files.ts';
import type { RotationState } from './state.ts';
import { saveState } from './state-file.ts';
import { stepsOf } from './steps.ts';
import type { RotationServer, RotationSettings, World } from './world.ts';

/** All that one run of a rotation goes by. */
export interface RotationRun {
  readonly state: RotationState;
  readonly settings: RotationSettings;
  readonly format: KeyFileFormat;
  readonly source: NextSource;
  readonly server: RotationServer;
  /** Is told of each step that is begun. */
  readonly tell: (step: Pick<Step<World>, 'name' | 'summary'>) => void;
}

/** Goes on with a rotation as far as it goes now. */
export async function runRotation(run: RotationRun, io: Io): Promise<Progress> {
  const { state, settings, format, source, server, tell } = run;
  const platform = platformWith(io.platform);
  const world: World = {
    settings,
    files: rotationFiles({ paths: state.files, format, source, platform: io.platform }),
    server,
    now: () => platform.now(),
    delay: (milliseconds) => platform.delay(milliseconds, io.signal),
    runHook: async (at) => {
      if (settings.hook !== undefined) await runHookCommand(settings.hook, at, io);
    },
  };
  return runSteps(state, stepsOf[state.direction], world, {
    now: () => platform.now(),
    save: saveState,
    tell: (step) => {
      io.signal.throwIfAborted();
      tell(step);
    },
  });
}
