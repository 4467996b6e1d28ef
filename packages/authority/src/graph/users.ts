import { Hono } from 'hono';
import type { User } from '../directory/entities.ts';
import { objectAnswer } from './answer.ts';
import { requireRole } from './caller.ts';
import { notFound } from './graph-error.ts';
import { groupMemberReaders } from './groups.ts';
import { count, type Listing, list } from './list.ts';
import { readSelect } from './odata.ts';
import { type GraphContext, type GraphEnvironment, objectKey } from './request.ts';
import { groupView, userView } from './views.ts';

const readers = ['User.Read.All', 'User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'] as const;

const listing: Listing<'users'> = {
  kind: 'users',
  set: 'users',
  view: userView,
  properties: ['id', 'displayName', 'givenName', 'surname', 'jobTitle', 'mail', 'userPrincipalName'],
  lookups: ['displayName', 'userPrincipalName'],
};

/** `/users`: list, read one by its id or its user principal name, and the groups that it is in. */
export function userRoutes(): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  routes.get('/', (context) => {
    requireRole(context.get('caller'), ...readers);
    return list(context, listing);
  });
  routes.get('/$count', (context) => {
    requireRole(context.get('caller'), ...readers);
    return count(context, listing);
  });
  routes.get('/:id', async (context) => {
    requireRole(context.get('caller'), ...readers);
    const select = readSelect(new URL(context.req.url).searchParams);
    return objectAnswer(context, 'users', userView(await userAt(context)), { select });
  });
  routes.get('/:id/memberOf', async (context) => {
    requireRole(context.get('caller'), ...groupMemberReaders, 'User.Read.All', 'User.ReadWrite.All');
    const { tenantId, id } = await userAt(context);
    const { directory } = context.get('services');
    return list(context, {
      kind: 'groupMembers',
      set: 'directoryObjects',
      view: async ({ groupId }) => {
        const group = await directory.get('groups', tenantId, groupId);
        return { '@odata.type': '#microsoft.graph.group', ...(group && groupView(group)) };
      },
      properties: ['id', 'displayName'],
      lookups: [],
      within: { field: 'memberId', value: id },
    });
  });
  return routes;
}

async function userAt(context: GraphContext): Promise<User> {
  const { directory } = context.get('services');
  const { tenantId } = context.get('caller');
  const key = objectKey(context);
  const name = 'id' in key ? key.id : key.appId;
  const user =
    (await directory.get('users', tenantId, name)) ??
    (await directory.find('users', tenantId, { field: 'userPrincipalName', value: name }))[0];
  if (user === undefined) throw notFound(name);
  return user;
}
