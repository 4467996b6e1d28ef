import { CertgrantError, type Platform, randomUuid } from '@certgrant/core';
import { exists } from '../output/files.ts';
import type { RotationState } from './state.ts';
import { conflict } from './steps/conflict.ts';
import type { HeldKey } from './world.ts';

/** Which application it is, and where. */
export type Who = Pick<RotationState, 'tenant' | 'clientId' | 'authority' | 'graphUrl'>;

/** What a new rotation is begun from. */
export interface BeginOptions {
  readonly who: Who;
  readonly files: RotationState['files'];
  readonly current: HeldKey;
  /** The state that is there: that of a finished rotation is its report. */
  readonly last: RotationState | undefined;
  readonly platform: Platform;
}

/** Whether a rotation is to be gone on with: one that has got beyond the check of the current certificate. */
export function isUnderWay(state: RotationState | undefined): state is RotationState {
  return state?.checkedAt !== undefined && state.finishedAt === undefined;
}

/** The state with which a rotation starts. What the last report knows of the current certificate need not be looked up again. */
export function beginRotation({ who, files, current, last, platform }: BeginOptions): RotationState {
  if (exists(files.next)) {
    throw new CertgrantError(
      'FILE_EXISTS',
      `rotate: there is ${files.next} already, where the new key is to be written`,
      {
        fix: 'Move it away, or give another --out; to rotate to the certificate in it, move it and give it with --new',
      },
    );
  }
  const { thumbprint, credential } = current;
  const isSame = last !== undefined && last.clientId === who.clientId && last.graphUrl === who.graphUrl;
  const keyId = isSame ? [last.new, last.old].find((key) => key.thumbprint === thumbprint)?.keyId : undefined;
  return {
    version: 1,
    direction: 'rotate',
    ...who,
    objectId: isSame ? last.objectId : undefined,
    files,
    old: { thumbprint, keyId, notAfter: credential.certificate.notAfter.toISOString() },
    new: { keyId: randomUuid(platform) },
    startedAt: new Date(platform.now()).toISOString(),
    steps: [],
  };
}

/** The state of a rotation that is under way, if this command may go on with it. */
export function resumeRotation(state: RotationState, who: Who): RotationState {
  if (state.direction === 'undo') {
    throw conflict('the last rotation is being taken back', 'Let that end first: certgrant rotate undo --cert FILE');
  }
  for (const name of ['clientId', 'tenant', 'authority', 'graphUrl'] as const) {
    if (state[name].toLowerCase() === who[name].toLowerCase()) continue;
    throw conflict(
      `a rotation of this file is under way for another ${name === 'clientId' ? 'client id' : name}: ${state[name]}`,
      'Give that one; certgrant rotate status shows it, certgrant rotate undo takes it back',
    );
  }
  return state;
}

/** The state with which a rotation is taken back: what it did stays known, how far taking it back came is noted anew. */
export function beginUndo(state: RotationState | undefined): RotationState {
  if (state?.direction === 'undo' && isUnderWay(state)) return state;
  if (!isUnderWay(state)) {
    throw conflict('there is no rotation under way', 'certgrant rotate status shows what was done last');
  }
  if (state.removedAt !== undefined || state.steps.some(({ name, unanswered }) => name === 'remove' && unanswered)) {
    throw conflict(
      'the old certificate is removed from the application already, or may be',
      'Run certgrant rotate again: it goes on to the end. Rotate once more for yet another certificate',
    );
  }
  return { ...state, direction: 'undo', hookRunAt: undefined };
}
