import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { CertgrantError } from '@certgrant/core';
import { isPkcs11Uri } from '../input.ts';
import type { Io } from '../io.ts';
import { openKeyFile } from '../opened-key-file.ts';
import { exists } from '../output/files.ts';
import { formatOf, type KeyFileFormat } from '../rotation/key-material.ts';
import type { RotationState } from '../rotation/state.ts';
import { siblingOf } from '../rotation/state-file.ts';
import type { RotationSettings } from '../rotation/world.ts';
import { usageError } from '../usage.ts';
import { secondsFrom } from './assertion.ts';
import { type AuthorityValues, authorityFrom } from './authority.ts';
import { certificateSource } from './credential.ts';
import { graphOption, graphUrlFrom } from './graph.ts';
import { clientIdFrom, tenantFrom } from './identity.ts';
import type { OpeningValues } from './password.ts';

/** The file that a rotation is about. */
export const currentOption = {
  cert: {
    type: 'string',
    value: 'CURRENT',
    help: 'The key file that the daemon reads: a PFX, PEM or JWK with the private key and its certificate',
  },
} as const;

/** What both a rotation and taking one back do. */
export const hookOption = {
  hook: {
    type: 'string',
    value: 'CMD',
    help: 'A command for the shell, run after the file was switched: CERTGRANT_CERT, CERTGRANT_PREVIOUS_CERT, CERTGRANT_THUMBPRINT, CERTGRANT_PREVIOUS_THUMBPRINT and CERTGRANT_EVENT are in its environment',
  },
} as const;

export const timingOptions = {
  overlap: {
    type: 'string',
    value: 'TIME',
    help: 'How long both certificates stay registered after the switch: seconds, or like 10m, 1h (default), 7d; 0 for not at all',
  },
  wait: {
    type: 'string',
    value: 'TIME',
    help: 'How long the new certificate may take to get its first token (default: 10m)',
  },
} as const;

export const registrationOptions = {
  'object-id': {
    type: 'string',
    value: 'ID',
    help: 'The object id of the application, where it may not look that up itself',
  },
  'key-id': {
    type: 'string',
    value: 'ID',
    help: 'The key id of the current certificate, where the application may not look that up itself; only the first rotation of a file asks for it',
  },
  ...graphOption,
} as const;

const day = 24 * 3600;

/** In milliseconds. */
export function overlapFrom(text = '1h'): number {
  return /^0[smhd]?$/.test(text) ? 0 : secondsFrom(text, '--overlap', 90 * day) * 1000;
}

/** In milliseconds. */
export function patienceFrom(text = '10m'): number {
  return secondsFrom(text, '--wait', day) * 1000;
}

/** The settings of a run that takes none of the options. */
export const plainSettings: RotationSettings = {
  overlap: 0,
  patience: patienceFrom(),
  objectId: undefined,
  keyId: undefined,
  hook: undefined,
};

export function guidFrom(text: string | undefined, option: string): string | undefined {
  if (text === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text?.toLowerCase();
  throw usageError(`${option}: this is not a GUID`, 'Write 8-4-4-4-12 hexadecimal digits');
}

export interface WhoValues extends AuthorityValues {
  readonly tenant: string | undefined;
  readonly 'client-id': string | undefined;
  readonly graph: string | undefined;
}

/** Which application it is, and where. */
export function whoFrom(
  values: WhoValues,
  io: Io,
): Pick<RotationState, 'tenant' | 'clientId' | 'authority' | 'graphUrl'> {
  return {
    tenant: tenantFrom(values, io),
    clientId: clientIdFrom(values, io, 'guid').toLowerCase(),
    authority: authorityFrom(values, io),
    graphUrl: graphUrlFrom(values, io),
  };
}

/** The absolute path of the current file, behind all links: the link itself stays as it is. */
export function currentPath(values: { readonly cert: string | undefined }, io: Io): string {
  const source = certificateSource(values, io);
  if (source === '-' || source.startsWith('env:') || isPkcs11Uri(source)) {
    throw usageError('--cert: a rotation replaces a file, and this is none', 'Give the path of a PFX, PEM or JWK file');
  }
  const path = resolve(io.cwd, source);
  return exists(path) ? realPathOf(path) : path;
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new CertgrantError('FILE_NOT_FOUND', `read ${path}: its links lead nowhere`, {
      fix: 'Check where the links point',
      cause,
    });
  }
}

/** Where the files of a new rotation are. */
export function pathsFrom(current: string, out: string | undefined, io: Io): RotationState['files'] {
  const next = out === undefined ? siblingOf(current, 'next') : resolve(io.cwd, out);
  const previous = siblingOf(current, 'previous');
  if (next === current || next === previous) {
    throw usageError('--out: this file has another part in the rotation', 'Give the path of a file that is not there');
  }
  return { current, next, previous };
}

/** How the current file is written, and so the new one. Asks for a password on a terminal where one is needed. */
export async function keyFileFormat(current: string, values: OpeningValues, io: Io): Promise<KeyFileFormat> {
  const { contents, password } = await openKeyFile(current, values, io);
  return formatOf(contents, { password, allowCostly: values['allow-costly'] });
}
