import { Hono } from 'hono';
import type { Group } from '../directory/entities.ts';
import { objectAnswer } from './answer.ts';
import { requireRole } from './caller.ts';
import { notFound } from './graph-error.ts';
import { count, type Listing, list } from './list.ts';
import { readSelect } from './odata.ts';
import { type GraphContext, type GraphEnvironment, objectKey } from './request.ts';
import { groupView, userView } from './views.ts';

/** Who may read who belongs to what. */
export const groupMemberReaders = [
  'GroupMember.Read.All',
  'Group.Read.All',
  'Group.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
] as const;

const listing: Listing<'groups'> = {
  kind: 'groups',
  set: 'groups',
  view: groupView,
  properties: ['id', 'displayName', 'description', 'mailNickname', 'mailEnabled', 'securityEnabled', 'createdDateTime'],
  lookups: ['displayName'],
};

/** `/groups`: list, read one, and its members. */
export function groupRoutes(): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  routes.get('/', (context) => {
    requireRole(context.get('caller'), ...groupMemberReaders);
    return list(context, listing);
  });
  routes.get('/$count', (context) => {
    requireRole(context.get('caller'), ...groupMemberReaders);
    return count(context, listing);
  });
  routes.get('/:id', async (context) => {
    requireRole(context.get('caller'), ...groupMemberReaders);
    const select = readSelect(new URL(context.req.url).searchParams);
    return objectAnswer(context, 'groups', groupView(await groupAt(context)), { select });
  });
  routes.get('/:id/members', async (context) => {
    requireRole(context.get('caller'), ...groupMemberReaders);
    const { tenantId, id } = await groupAt(context);
    const { directory } = context.get('services');
    return list(context, {
      kind: 'groupMembers',
      set: 'directoryObjects',
      view: async ({ memberId }) => {
        const user = await directory.get('users', tenantId, memberId);
        return { '@odata.type': '#microsoft.graph.user', ...(user && userView(user)) };
      },
      properties: ['id', 'displayName', 'userPrincipalName'],
      lookups: [],
      within: { field: 'groupId', value: id },
    });
  });
  return routes;
}

async function groupAt(context: GraphContext): Promise<Group> {
  const key = objectKey(context);
  const id = 'id' in key ? key.id : key.appId;
  const group = await context.get('services').directory.get('groups', context.get('caller').tenantId, id);
  if (group === undefined) throw notFound(id);
  return group;
}
