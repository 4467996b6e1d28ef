import { platformWith } from '@certgrant/core';
import type { Io } from '../io.ts';
import { beginRotation, isUnderWay, resumeRotation, type Who } from './begin.ts';
import type { KeyFileFormat } from './key-material.ts';
import type { NextSource } from './next-key.ts';
import { rotationFiles } from './rotation-files.ts';
import type { RotationState } from './state.ts';
import { loadState } from './state-file.ts';
import type { HeldKey, RotationSettings } from './world.ts';

/** A rotation as it was asked for. */
export interface RotationOrder {
  readonly who: Who;
  readonly files: RotationState['files'];
  /** In milliseconds; `undefined` where it does not matter when the current certificate ends. */
  readonly within: number | undefined;
  readonly settings: RotationSettings;
  readonly format: KeyFileFormat;
  readonly source: NextSource;
}

/** Where a rotation starts: from where it was, from the beginning, or not at all. */
export interface Start {
  readonly current: HeldKey;
  /** `undefined` when it is not due. */
  readonly state: RotationState | undefined;
}

/** What an order comes to now. A rotation that is under way goes on, whether the certificate is due or not. */
export async function startOf(order: RotationOrder, io: Io): Promise<Start> {
  const { who, files, within, format, source } = order;
  const platform = platformWith(io.platform);
  const last = await loadState(files.current);
  const current = await rotationFiles({ paths: files, format, source, platform: io.platform }).current();
  if (isUnderWay(last)) return { current, state: resumeRotation(last, who) };
  const left = current.credential.certificate.notAfter.getTime() - platform.now();
  if (within !== undefined && left > within) return { current, state: undefined };
  return { current, state: beginRotation({ who, files, current, last, platform }) };
}
