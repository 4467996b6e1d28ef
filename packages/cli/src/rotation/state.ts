import { CertgrantError } from '@certgrant/core';

/** What is known of a key that a rotation deals with. */
export interface RotationKey {
  /** Of the certificate: SHA-1 in upper-case hexadecimal, as portals show it. */
  readonly thumbprint?: string | undefined;
  /** Of the key credential at the application. */
  readonly keyId?: string | undefined;
  /** ISO 8601. */
  readonly notAfter?: string | undefined;
}

/** What became of a step. */
export interface StepRecord {
  readonly name: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly doneAt?: string | undefined;
  /**
   * Whether it was begun and nothing is known of how it ended: the process was killed, or no answer came. What it asked of
   * the server may have been done.
   */
  readonly unanswered: boolean;
}

/** The files of a rotation, by absolute paths. */
export interface RotationPaths {
  /** The key file that the daemon reads. */
  readonly current: string;
  /** The new key file until it takes the place of the current one. */
  readonly next: string;
  /** The old key file, kept aside. */
  readonly previous: string;
}

/**
 * Everything that a rotation has to know when it goes on after a crash. It stands in a file; nothing secret is in it. When
 * the rotation has ended, it is the report.
 */
export interface RotationState {
  readonly version: 1;
  readonly direction: 'rotate' | 'undo';
  readonly tenant: string;
  readonly clientId: string;
  readonly authority: string;
  readonly graphUrl: string;
  /** Of the application, as found or given. */
  readonly objectId?: string | undefined;
  readonly files: RotationPaths;
  readonly old: RotationKey & { readonly thumbprint: string };
  readonly new: RotationKey & { readonly keyId: string };
  readonly startedAt: string;
  /** When the current key got a token. Before that nothing has been done, and nothing stands in the way of another rotation. */
  readonly checkedAt?: string | undefined;
  /** Since when the application has the new key. */
  readonly addedAt?: string | undefined;
  /** Since when the new key gets tokens. */
  readonly acceptedAt?: string | undefined;
  readonly switchedAt?: string | undefined;
  readonly hookRunAt?: string | undefined;
  /** Until when both keys are to be there. */
  readonly overlapUntil?: string | undefined;
  /** Since when the application has the old key no more. */
  readonly removedAt?: string | undefined;
  readonly restoredAt?: string | undefined;
  /** Since when, after an undo, the application has the new key no more. */
  readonly withdrawnAt?: string | undefined;
  readonly finishedAt?: string | undefined;
  readonly steps: readonly StepRecord[];
}

/** What a step changes of it. */
export type StateChange = Partial<Omit<RotationState, 'version' | 'direction' | 'files' | 'steps' | 'finishedAt'>>;

/** The state as the text of its file. */
export function writeState(state: RotationState): string {
  return `${JSON.stringify(state, undefined, 2)}\n`;
}

/**
 * Reads what {@link writeState} wrote.
 *
 * @throws {CertgrantError} `FORMAT_MALFORMED`, `FORMAT_UNSUPPORTED`
 */
export function readState(text: string, path: string): RotationState {
  const action = `read ${path}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed(action, cause);
  }
  if (!isRecord(value)) throw malformed(action);
  if (value.version !== 1) {
    throw new CertgrantError('FORMAT_UNSUPPORTED', `${action}: another version of certgrant wrote it`, {
      fix: 'Go on with the version that began the rotation',
    });
  }
  if (!isState(value)) throw malformed(action);
  return value;
}

const texts = ['tenant', 'clientId', 'authority', 'graphUrl', 'startedAt'] as const;
const optionalTexts = [
  'objectId',
  'checkedAt',
  'addedAt',
  'acceptedAt',
  'switchedAt',
  'hookRunAt',
  'overlapUntil',
  'removedAt',
  'restoredAt',
  'withdrawnAt',
  'finishedAt',
] as const;

function isState(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & RotationState {
  const { direction, files, old, new: next, steps } = value;
  return (
    (direction === 'rotate' || direction === 'undo') &&
    texts.every((name) => typeof value[name] === 'string') &&
    optionalTexts.every((name) => isOptionalText(value[name])) &&
    isRecord(files) &&
    [files.current, files.next, files.previous].every((path) => typeof path === 'string') &&
    isKey(old) &&
    typeof old.thumbprint === 'string' &&
    isKey(next) &&
    typeof next.keyId === 'string' &&
    Array.isArray(steps) &&
    steps.every(isStepRecord)
  );
}

function isKey(value: unknown): value is RotationKey {
  return isRecord(value) && [value.thumbprint, value.keyId, value.notAfter].every(isOptionalText);
}

function isStepRecord(value: unknown): value is StepRecord {
  return (
    isRecord(value) &&
    typeof value.name === 'string' &&
    typeof value.startedAt === 'string' &&
    isOptionalText(value.doneAt) &&
    typeof value.unanswered === 'boolean'
  );
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(action: string, cause?: unknown): CertgrantError {
  return new CertgrantError('FORMAT_MALFORMED', `${action}: it is not the state of a rotation`, {
    fix: 'Restore it from a backup; without one, look at the keys of the application before you remove the file',
    cause,
  });
}
