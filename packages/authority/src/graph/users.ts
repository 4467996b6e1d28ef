import { Hono } from 'hono';
import { objectAnswer } from './answer.ts';
import { requireRole } from './caller.ts';
import { notFound } from './graph-error.ts';
import { list } from './list.ts';
import { readSelect } from './odata.ts';
import { type GraphEnvironment, objectKey } from './request.ts';
import { userView } from './views.ts';

const readers = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'] as const;

/** `/users`: list, and read one by its id or its user principal name. */
export function userRoutes(): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  routes.get('/', (context) => {
    requireRole(context.get('caller'), ...readers);
    const lookups = ['displayName', 'userPrincipalName'] as const;
    return list(context, { kind: 'users', set: 'users', view: userView, lookups });
  });
  routes.get('/:id', async (context) => {
    requireRole(context.get('caller'), ...readers);
    const { directory } = context.get('services');
    const { tenantId } = context.get('caller');
    const key = objectKey(context);
    const name = 'id' in key ? key.id : key.appId;
    const where = { field: 'userPrincipalName', value: name } as const;
    const user =
      (await directory.get('users', tenantId, name)) ??
      (await directory.find('users', tenantId, { where, limit: 1 }))[0];
    if (user === undefined) throw notFound(name);
    const select = readSelect(new URL(context.req.url).searchParams);
    return objectAnswer(context, 'users', userView(user), { select });
  });
  return routes;
}
