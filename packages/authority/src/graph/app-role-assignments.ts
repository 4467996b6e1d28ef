import { Hono } from 'hono';
import type { AppRoleAssignment } from '../directory/entities.ts';
import { emptyAnswer, objectAnswer } from './answer.ts';
import { requireRole } from './caller.ts';
import { badRequest, notFound } from './graph-error.ts';
import { list } from './list.ts';
import { type GraphContext, type GraphEnvironment, readObject, requiredText } from './request.ts';
import { servicePrincipalAt, servicePrincipalReaders } from './service-principals.ts';
import { assignmentView } from './views.ts';

/** The two ends of a granted permission: who has it, and on which API. */
const ends = {
  appRoleAssignments: 'principalId',
  appRoleAssignedTo: 'resourceId',
} as const;

/** What the list of assignments can be filtered by. */
const properties = ['id', 'principalId', 'principalDisplayName', 'principalType', 'resourceId', 'appRoleId'];

/** `/servicePrincipals/{id}/appRoleAssignments` and `…/appRoleAssignedTo`: grant, list, revoke. */
export function appRoleAssignmentRoutes(): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  for (const [name, end] of Object.entries(ends)) {
    routes.get(`/:id/${name}`, async (context) => {
      requireRole(context.get('caller'), ...servicePrincipalReaders, 'AppRoleAssignment.ReadWrite.All');
      const within = { field: end, value: (await servicePrincipalAt(context)).id };
      const set = `servicePrincipals('${within.value}')/${name}`;
      return list(context, { kind: 'appRoleAssignments', set, view: assignmentView, properties, lookups: [], within });
    });
    routes.get(`/:id/${name}/:assignmentId`, async (context) => {
      requireRole(context.get('caller'), ...servicePrincipalReaders, 'AppRoleAssignment.ReadWrite.All');
      const { id } = await servicePrincipalAt(context);
      const view = assignmentView(await assignmentAt(context, end, id));
      return objectAnswer(context, `servicePrincipals('${id}')/${name}`, view);
    });
    routes.post(`/:id/${name}`, (context) => grant(context, end));
    routes.delete(`/:id/${name}/:assignmentId`, (context) => revoke(context, end));
  }
  return routes;
}

async function grant(context: GraphContext, end: (typeof ends)[keyof typeof ends]): Promise<Response> {
  const caller = context.get('caller');
  requireRole(caller, 'AppRoleAssignment.ReadWrite.All');
  const { id } = await servicePrincipalAt(context);
  const body = await readObject(context);
  const wanted = {
    principalId: requiredText(body, 'principalId'),
    resourceId: requiredText(body, 'resourceId'),
    appRoleId: requiredText(body, 'appRoleId'),
  };
  if (wanted[end].toLowerCase() !== id) throw badRequest(`The property '${end}' must be the id in the URL.`);
  const assignment = await context.get('services').directory.assignAppRole(caller.tenantId, wanted);
  const set = `servicePrincipals('${id}')/appRoleAssignments`;
  return objectAnswer(context, set, assignmentView(assignment), { status: 201 });
}

async function revoke(context: GraphContext, end: (typeof ends)[keyof typeof ends]): Promise<Response> {
  const caller = context.get('caller');
  requireRole(caller, 'AppRoleAssignment.ReadWrite.All');
  const { id } = await servicePrincipalAt(context);
  const assignment = await assignmentAt(context, end, id);
  await context.get('services').directory.removeAppRole(caller.tenantId, assignment.id);
  return emptyAnswer(context);
}

/** The assignment that the URL names, of the service principal that it names. */
async function assignmentAt(
  context: GraphContext,
  end: (typeof ends)[keyof typeof ends],
  servicePrincipalId: string,
): Promise<AppRoleAssignment> {
  const id = context.req.param('assignmentId') ?? '';
  const { tenantId } = context.get('caller');
  const assignment = await context.get('services').directory.get('appRoleAssignments', tenantId, id);
  if (assignment?.[end] !== servicePrincipalId) throw notFound(id);
  return assignment;
}
