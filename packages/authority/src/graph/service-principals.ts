import { Hono } from 'hono';
import type { ServicePrincipalSettings } from '../directory/directory.ts';
import type { ServicePrincipal } from '../directory/entities.ts';
import { emptyAnswer, objectAnswer } from './answer.ts';
import { requireRole, requireWriteTo } from './caller.ts';
import { type CredentialHolders, credentialRoutes } from './credentials.ts';
import { notFound } from './graph-error.ts';
import { readKeyCredentials, refusePasswords } from './key-credentials.ts';
import { count, type Listing, list } from './list.ts';
import { readSelect } from './odata.ts';
import {
  type GraphContext,
  type GraphEnvironment,
  notFoundKey,
  objectKey,
  optionalArray,
  optionalBoolean,
  readObject,
  requiredText,
} from './request.ts';
import { servicePrincipalView } from './views.ts';

/** Who may read service principals. */
export const servicePrincipalReaders = [
  'Application.Read.All',
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
] as const;

const listing: Listing<'servicePrincipals'> = {
  kind: 'servicePrincipals',
  set: 'servicePrincipals',
  view: (servicePrincipal) => servicePrincipalView(servicePrincipal),
  properties: [
    'id',
    'appId',
    'displayName',
    'appDisplayName',
    'servicePrincipalNames',
    'servicePrincipalType',
    'appOwnerOrganizationId',
    'accountEnabled',
    'createdDateTime',
    'appRoles/id',
    'appRoles/value',
    'keyCredentials/keyId',
    'passwordCredentials/keyId',
  ],
  lookups: ['appId', 'displayName', 'servicePrincipalNames'],
};

const holders: CredentialHolders<ServicePrincipal> = {
  at: servicePrincipalAt,
  update: ({ tenantId, id }, change, context) =>
    context.get('services').directory.updateServicePrincipal(tenantId, id, change),
};

/** `/servicePrincipals`: create for an application, read, list, enable and disable, delete. */
export function servicePrincipalRoutes(): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  routes.get('/', (context) => {
    requireRole(context.get('caller'), ...servicePrincipalReaders);
    return list(context, listing);
  });
  routes.get('/$count', (context) => {
    requireRole(context.get('caller'), ...servicePrincipalReaders);
    return count(context, listing);
  });
  routes.post('/', create);
  routes.route('/', credentialRoutes(holders));
  routes.get('/:id', async (context) => {
    requireRole(context.get('caller'), ...servicePrincipalReaders);
    const select = readSelect(new URL(context.req.url).searchParams);
    const view = servicePrincipalView(await servicePrincipalAt(context), select?.includes('keyCredentials'));
    return objectAnswer(context, 'servicePrincipals', view, { select });
  });
  routes.patch('/:id', change);
  routes.delete('/:id', async (context) => {
    const servicePrincipal = await servicePrincipalAt(context);
    requireWriteTo(context.get('caller'), servicePrincipal);
    const { tenantId, id } = servicePrincipal;
    await context.get('services').directory.deleteServicePrincipal(tenantId, id);
    return emptyAnswer(context);
  });
  return routes;
}

async function create(context: GraphContext): Promise<Response> {
  const caller = context.get('caller');
  requireRole(caller, 'Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy');
  const { directory } = context.get('services');
  const body = await readObject(context);
  const appId = requiredText(body, 'appId');
  const application = await directory.applicationByAppId(caller.tenantId, appId);
  if (application === undefined) throw notFound(appId);
  requireWriteTo(caller, application);
  const servicePrincipal = await directory.createServicePrincipal(caller.tenantId, appId, {
    ...(await changedSettings(context, body, [])),
    owners: caller.servicePrincipalId === undefined ? [] : [caller.servicePrincipalId],
  });
  return objectAnswer(context, 'servicePrincipals', servicePrincipalView(servicePrincipal), { status: 201 });
}

async function change(context: GraphContext): Promise<Response> {
  const { tenantId, id } = await servicePrincipalAt(context);
  const body = await readObject(context);
  await context.get('services').directory.updateServicePrincipal(tenantId, id, (servicePrincipal) => {
    requireWriteTo(context.get('caller'), servicePrincipal);
    return changedSettings(context, body, servicePrincipal.keyCredentials);
  });
  return emptyAnswer(context);
}

/** The service principal that the URL names. */
export async function servicePrincipalAt(context: GraphContext): Promise<ServicePrincipal> {
  const { directory } = context.get('services');
  const { tenantId } = context.get('caller');
  const key = objectKey(context);
  const found =
    'id' in key
      ? await directory.get('servicePrincipals', tenantId, key.id)
      : await directory.servicePrincipalByAppId(tenantId, key.appId);
  if (found === undefined) throw notFoundKey(key);
  return found;
}

/** What a body says of a service principal; other properties are ignored. */
async function changedSettings(
  context: GraphContext,
  body: Readonly<Record<string, unknown>>,
  present: ServicePrincipal['keyCredentials'],
): Promise<Partial<ServicePrincipalSettings>> {
  refusePasswords(body);
  const accountEnabled = optionalBoolean(body, 'accountEnabled');
  const appRoleAssignmentRequired = optionalBoolean(body, 'appRoleAssignmentRequired');
  const keys = optionalArray(body, 'keyCredentials');
  return {
    ...(accountEnabled === undefined ? {} : { accountEnabled }),
    ...(appRoleAssignmentRequired === undefined ? {} : { appRoleAssignmentRequired }),
    ...(keys === undefined ? {} : { keyCredentials: await readKeyCredentials(keys, present, context.get('services')) }),
  };
}
