import { Hono } from 'hono';
import { listAnswer } from './answer.ts';
import { requireRole } from './caller.ts';
import { readSelect, selected } from './odata.ts';
import type { GraphEnvironment } from './request.ts';
import { organizationView } from './views.ts';

/** `/organization`: the tenant itself. */
export function organizationRoutes(): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  routes.get('/', async (context) => {
    requireRole(
      context.get('caller'),
      'Organization.Read.All',
      'User.Read.All',
      'Directory.Read.All',
      'Directory.ReadWrite.All',
    );
    const tenant = await context.get('services').directory.tenant(context.get('caller').tenantId);
    const select = readSelect(new URL(context.req.url).searchParams);
    const value = tenant === undefined ? [] : [selected(organizationView(tenant), select)];
    return listAnswer(context, 'organization', { value });
  });
  return routes;
}
