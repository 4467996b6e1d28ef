import { findKeyHolder, type GraphClient, type KeyHolder, type KeyHolderType } from '@certgrant/core';
import type { Io } from '../io.ts';
import { usageError } from '../usage.ts';
import { isGuid } from './identity.ts';

/** Whose keys: the application, or its service principal, by one of its ids. */
export const keyHolderOptions = {
  'object-id': {
    type: 'string',
    value: 'ID',
    help: 'The object id of the application (id in Graph), which is another than its application (client) id',
  },
  'app-id': {
    type: 'string',
    value: 'ID',
    help: 'The application (client) id; without --object-id, the object id is looked up by it in Graph',
  },
  'service-principal': {
    type: 'boolean',
    help: 'The keys of the service principal, which has an object id of its own, and not of the application',
  },
} as const;

export const keyHolderEnvironment = {
  AZURE_CLIENT_ID: 'the application, when --app-id is not given',
} as const;

export interface KeyHolderValues {
  readonly 'object-id': string | undefined;
  readonly 'app-id': string | undefined;
  readonly 'service-principal': boolean;
}

/** What is known of the holder before Graph is asked. */
export interface NamedHolder {
  readonly type: KeyHolderType;
  readonly objectId: string | undefined;
  readonly appId: string | undefined;
}

/** The ids that are given, checked. */
export function namedHolderFrom(values: KeyHolderValues, io: Io): NamedHolder {
  const objectId = idFrom(values['object-id'], '--object-id');
  const appId = idFrom(values['app-id'] ?? io.env.AZURE_CLIENT_ID, '--app-id');
  if (objectId === undefined && appId === undefined) {
    throw usageError(
      'application: neither its object id nor its application id is given',
      'Give --object-id ID, or --app-id ID to have it looked up; the Entra admin center shows both on the overview page',
    );
  }
  if (objectId !== undefined && objectId.toLowerCase() === appId?.toLowerCase()) {
    throw usageError(
      '--object-id: this is the application (client) id as well, and the two always differ',
      'Give the object id that the Entra admin center shows beside it, or --app-id alone to have it looked up',
    );
  }
  return { type: values['service-principal'] ? 'servicePrincipals' : 'applications', objectId, appId };
}

/** The holder, by its object id or looked up by the application id. */
export async function resolveHolder(
  { type, objectId, appId }: NamedHolder,
  client: GraphClient,
  io: Io,
): Promise<KeyHolder> {
  if (objectId !== undefined) return { type, objectId };
  return findKeyHolder(client, { type, appId: appId ?? '', signal: io.signal });
}

/** The application id, where a token of the application itself is asked for. */
export function clientIdOf({ appId }: NamedHolder): string {
  if (appId !== undefined) return appId;
  throw usageError(
    'application id: none is given',
    'Give --app-id ID, with which the access token is asked for, or an access token with --access-token-file FILE',
  );
}

function idFrom(text: string | undefined, option: string): string | undefined {
  const id = text?.trim() ?? '';
  if (id === '') return undefined;
  if (isGuid(id)) return id;
  throw usageError(`${option}: this is not a GUID`, 'Write it like 6731de76-14a6-49ae-97bc-6eba6914391e');
}
