import { isCertgrantError } from '@certgrant/core';
import type { RotationState, StateChange, StepRecord } from './state.ts';

/** What a step came to: what it learned, or that it is too early to go on. */
export type StepOutcome = StateChange | Pause;

/** A step that has to be gone on with by a later run. */
export interface Pause {
  /** Why, and what to do, for people: a sentence without a final period. */
  readonly pause: string;
  /** What it has learned so far. */
  readonly change?: StateChange | undefined;
}

/**
 * One step of a rotation. Running it again after it was done, or after it was interrupted anywhere, must do no harm and must end
 * in the same way: that is all that makes a rotation survive a crash.
 */
export interface Step<World> {
  readonly name: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** Whether nothing remains to be done, by the state and by what is there. */
  done(state: RotationState, world: World): boolean | Promise<boolean>;
  /** @param before what is known of earlier tries */
  run(state: RotationState, world: World, before: StepRecord): Promise<StepOutcome>;
}

/** What the loop needs besides the steps. */
export interface Keeper {
  now(): number;
  /** Keeps the state: when it has resolved, a power cut does not lose it. */
  save(state: RotationState): Promise<void>;
  /** Is told of each step before it is run; what it throws ends the run. */
  tell(step: Pick<Step<never>, 'name' | 'summary'>): void;
}

/** How far a rotation came in this run. */
export interface Progress {
  readonly state: RotationState;
  /** Why it did not go on; `undefined` when all steps are done. */
  readonly pause: string | undefined;
}

/**
 * Goes through the steps in their order. The state is kept before each step and after it, so that whenever the process ends, the
 * next one knows which step may have been begun.
 */
export async function runSteps<World>(
  begun: RotationState,
  steps: readonly Step<World>[],
  world: World,
  keeper: Keeper,
): Promise<Progress> {
  let state = begun;
  for (const step of steps) {
    if (await step.done(state, world)) continue;
    const before = recordOf(state, step.name) ?? { name: step.name, startedAt: timeOf(keeper), unanswered: false };
    keeper.tell(step);
    state = withRecord(state, { ...before, unanswered: true });
    await keeper.save(state);
    let outcome: StepOutcome;
    try {
      outcome = await step.run(state, world, before);
    } catch (thrown) {
      // What was refused for certain was not done. Where that cannot be kept, the next run is merely more careful.
      if (isRefusal(thrown)) await keeper.save(withRecord(state, { ...before, unanswered: before.unanswered }));
      throw thrown;
    }
    if ('pause' in outcome) {
      state = withRecord({ ...state, ...outcome.change }, { ...before, unanswered: false });
      await keeper.save(state);
      return { state, pause: outcome.pause };
    }
    state = withRecord({ ...state, ...outcome }, { ...before, unanswered: false, doneAt: timeOf(keeper) });
    await keeper.save(state);
  }
  state = { ...state, finishedAt: timeOf(keeper) };
  await keeper.save(state);
  return { state, pause: undefined };
}

function timeOf(keeper: Keeper): string {
  return new Date(keeper.now()).toISOString();
}

function recordOf(state: RotationState, name: string): StepRecord | undefined {
  return state.steps.find((record) => record.name === name);
}

function withRecord(state: RotationState, record: StepRecord): RotationState {
  const others = state.steps.filter(({ name }) => name !== record.name);
  return { ...state, steps: [...others, record] };
}

/** The server answered that it will not: 4xx, but for 408, which says that it did not wait for the whole request. */
function isRefusal(thrown: unknown): boolean {
  if (!isCertgrantError(thrown) || !('status' in thrown)) return false;
  const { status } = thrown;
  return typeof status === 'number' && status >= 400 && status < 500 && status !== 408;
}
