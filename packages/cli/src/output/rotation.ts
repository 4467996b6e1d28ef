import type { Io } from '../io.ts';
import { isUnderWay } from '../rotation/begin.ts';
import type { Progress } from '../rotation/engine.ts';
import type { RotationRun } from '../rotation/run-rotation.ts';
import type { RotationKey, RotationState } from '../rotation/state.ts';
import { stepsOf } from '../rotation/steps.ts';
import { paintFor, printable, twoColumns } from './text.ts';
import { utc } from './time.ts';

/** How a rotation stands. */
export type RotationStatus = 'not-due' | 'planned' | 'not-begun' | 'waiting' | 'under-way' | 'finished';

/** A rotation as `--json` shows it; programs rely on these names. */
export interface RotationJson extends Omit<RotationState, 'version'> {
  readonly status: RotationStatus;
  /** What it waits for. */
  readonly waitingFor?: string | undefined;
}

export function rotationJson(
  { version: _, ...state }: RotationState,
  status: RotationStatus,
  waitingFor?: string | undefined,
): RotationJson {
  return { status, ...(waitingFor === undefined ? {} : { waitingFor }), ...state };
}

/** How a rotation stands by its note. */
export function statusOf(state: RotationState): RotationStatus {
  if (state.finishedAt !== undefined) return 'finished';
  return isUnderWay(state) ? 'under-way' : 'not-begun';
}

/** How far it came: the status, and for people in a line. */
function outcomeOf({ state, pause }: Progress): { readonly status: RotationStatus; readonly line: string } {
  if (pause !== undefined) return { status: 'waiting', line: `Waiting: ${pause}.` };
  const { files, old, new: next } = state;
  const line =
    state.direction === 'rotate'
      ? `Done: ${files.current} holds the new certificate ${next.thumbprint}. The old one is removed from the application; its file is ${files.previous}.`
      : `Taken back: ${files.current} holds the old certificate ${old.thumbprint}, and the application has only that one of the two.`;
  return { status: 'finished', line };
}

/** The steps, each with what became of it. */
export function stepLines(state: RotationState): string {
  const rows = stepsOf[state.direction].map(({ name, summary }) => {
    const record = state.steps.find((each) => each.name === name);
    const what =
      record === undefined
        ? ''
        : record.doneAt === undefined
          ? `; begun ${utc(Date.parse(record.startedAt))}`
          : `; done ${utc(Date.parse(record.doneAt))}`;
    return [name, `${summary}${what}`] as const;
  });
  return twoColumns(rows, Number.POSITIVE_INFINITY);
}

/** What is known of both keys and of the files. */
export function rotationRows({
  clientId,
  objectId,
  tenant,
  files,
  old,
  new: next,
}: RotationState): readonly (readonly [string, string])[] {
  return [
    ['Application', `${clientId} in ${tenant}${objectId === undefined ? '' : `, object id ${objectId}`}`],
    ['Old certificate', inWords(old)],
    ['New certificate', next.thumbprint === undefined ? 'not made yet' : inWords(next)],
    ['Key file', files.current],
    ['New key file', `${files.next} until the switch`],
    ['Old key file', `${files.previous} after the switch`],
  ];
}

function inWords({ thumbprint, keyId, notAfter }: RotationKey): string {
  const end = notAfter === undefined ? '' : `, valid until ${notAfter.slice(0, 10)}`;
  return `${thumbprint}${end}${keyId === undefined ? '' : `, key id ${keyId}`}`;
}

/** Says which step is begun, on standard error. */
export function narrator(json: boolean, io: Io): RotationRun['tell'] {
  if (json) return () => undefined;
  const { bold } = paintFor(io.stderr);
  return ({ name, summary }) => io.stderr.write(`${bold(name.padEnd(9))}${summary}\n`);
}

/** Says how far it came, on standard output. */
export function reportProgress(progress: Progress, json: boolean, io: Io): void {
  const { status, line } = outcomeOf(progress);
  const document = rotationJson(progress.state, status, progress.pause);
  io.stdout.write(json ? `${JSON.stringify(document)}\n` : `${printable(line)}\n`);
}
