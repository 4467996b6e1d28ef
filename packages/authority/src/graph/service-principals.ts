import { Hono } from 'hono';
import type { ServicePrincipal } from '../directory/entities.ts';
import { emptyAnswer, objectAnswer } from './answer.ts';
import { requireRole, requireWriteTo } from './caller.ts';
import { notFound } from './graph-error.ts';
import { list } from './list.ts';
import { readSelect } from './odata.ts';
import {
  type GraphContext,
  type GraphEnvironment,
  notFoundKey,
  objectKey,
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

/** `/servicePrincipals`: create for an application, read, list, enable and disable, delete. */
export function servicePrincipalRoutes(): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  routes.get('/', (context) => {
    requireRole(context.get('caller'), ...servicePrincipalReaders);
    const lookups = ['appId', 'displayName', 'servicePrincipalNames'] as const;
    return list(context, { kind: 'servicePrincipals', set: 'servicePrincipals', view: servicePrincipalView, lookups });
  });
  routes.post('/', create);
  routes.get('/:id', async (context) => {
    requireRole(context.get('caller'), ...servicePrincipalReaders);
    const select = readSelect(new URL(context.req.url).searchParams);
    return objectAnswer(context, 'servicePrincipals', servicePrincipalView(await servicePrincipalAt(context)), {
      select,
    });
  });
  routes.patch('/:id', change);
  routes.delete('/:id', async (context) => {
    const { tenantId, id, ...rest } = await servicePrincipalAt(context);
    requireWriteTo(context.get('caller'), { tenantId, id, ...rest });
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
    ...switches(body),
    owners: caller.servicePrincipalId === undefined ? [] : [caller.servicePrincipalId],
  });
  return objectAnswer(context, 'servicePrincipals', servicePrincipalView(servicePrincipal), { status: 201 });
}

async function change(context: GraphContext): Promise<Response> {
  const servicePrincipal = await servicePrincipalAt(context);
  requireWriteTo(context.get('caller'), servicePrincipal);
  const body = await readObject(context);
  const { tenantId, id } = servicePrincipal;
  await context.get('services').directory.updateServicePrincipal(tenantId, id, switches(body));
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

function switches(
  body: Readonly<Record<string, unknown>>,
): Partial<Pick<ServicePrincipal, 'accountEnabled' | 'appRoleAssignmentRequired'>> {
  const accountEnabled = optionalBoolean(body, 'accountEnabled');
  const appRoleAssignmentRequired = optionalBoolean(body, 'appRoleAssignmentRequired');
  return {
    ...(accountEnabled === undefined ? {} : { accountEnabled }),
    ...(appRoleAssignmentRequired === undefined ? {} : { appRoleAssignmentRequired }),
  };
}
