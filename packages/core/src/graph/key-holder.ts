import { CertgrantError } from '../errors.ts';
import { requireGuid } from '../lib/guid.ts';
import type { GraphClient } from './graph-client.ts';

/** The kinds of object that carry key credentials, as they stand in Graph's addresses. */
export type KeyHolderType = 'applications' | 'servicePrincipals';

/** An application or a service principal, which carries key credentials. */
export interface KeyHolder {
  readonly type: KeyHolderType;
  /** `id` in Graph, which is another than the application (client) id. */
  readonly objectId: string;
}

/**
 * Looks up the application, or the service principal, of an application (client) id.
 *
 * @param options `type` is the kind of object that is looked for, `appId` the application (client) id of either
 * @returns the object by its object id
 * @throws {GraphError} when Graph refuses: it needs Application.Read.All, or to be asked by an owner
 * @throws {CertgrantError} `USAGE` when the id is no GUID; what the network does
 * @example
 * const holder = await findKeyHolder(graph, { type: 'applications', appId });
 */
export async function findKeyHolder(
  client: GraphClient,
  {
    type,
    appId,
    signal,
  }: { readonly type: KeyHolderType; readonly appId: string; readonly signal?: AbortSignal | undefined },
): Promise<KeyHolder> {
  const action = type === 'applications' ? 'find application' : 'find service principal';
  const fix = 'Give the application (client) id, 8-4-4-4-12 hexadecimal digits';
  const id = requireGuid(appId, { action, name: 'the application id', fix });
  const path = `/${type}(appId='${id}')?$select=id`;
  const { id: objectId } = await client.get(path, { action, permission: 'Application.Read.All', signal });
  if (typeof objectId === 'string' && objectId !== '') return { type, objectId };
  throw new CertgrantError('RESPONSE_UNEXPECTED', `${action}: Graph answered without id`, {
    fix: 'Check that the URL is the one of Microsoft Graph',
  });
}

/** Where the object is, after the version. */
export function pathOf({ type, objectId }: KeyHolder, action: string): string {
  const fix = 'Give the object id (id in Graph), 8-4-4-4-12 hexadecimal digits';
  return `/${type}/${requireGuid(objectId, { action, name: 'the object id', fix })}`;
}
