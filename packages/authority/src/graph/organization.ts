import { Hono } from 'hono';
import { listAnswer, objectAnswer } from './answer.ts';
import { requireRole } from './caller.ts';
import { notFound } from './graph-error.ts';
import { readSelect, selected } from './odata.ts';
import { type GraphContext, type GraphEnvironment, objectKey } from './request.ts';
import { organizationView, type View } from './views.ts';

const readers = ['Organization.Read.All', 'User.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'] as const;

/** `/organization`: the tenant itself. */
export function organizationRoutes(): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  routes.get('/', async (context) => {
    const select = readSelect(new URL(context.req.url).searchParams);
    return listAnswer(context, 'organization', {
      value: (await organizations(context)).map((each) => selected(each, select)),
    });
  });
  routes.get('/:id', async (context) => {
    const key = objectKey(context);
    const id = 'id' in key ? key.id.toLowerCase() : '';
    const found = (await organizations(context)).find((organization) => organization.id === id);
    if (found === undefined) throw notFound(id);
    return objectAnswer(context, 'organization', found, { select: readSelect(new URL(context.req.url).searchParams) });
  });
  return routes;
}

/** The caller's own tenant, and no other. */
async function organizations(context: GraphContext): Promise<readonly View[]> {
  const caller = context.get('caller');
  requireRole(caller, ...readers);
  const tenant = await context.get('services').directory.tenant(caller.tenantId);
  return tenant === undefined ? [] : [organizationView(tenant)];
}
