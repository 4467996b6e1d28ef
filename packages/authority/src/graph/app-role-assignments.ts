import { Hono } from 'hono';
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

/** `/servicePrincipals/{id}/appRoleAssignments` and `…/appRoleAssignedTo`: grant, list, revoke. */
export function appRoleAssignmentRoutes(): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  for (const [name, end] of Object.entries(ends)) {
    routes.get(`/:id/${name}`, async (context) => {
      requireRole(context.get('caller'), ...servicePrincipalReaders, 'AppRoleAssignment.ReadWrite.All');
      const within = { field: end, value: (await servicePrincipalAt(context)).id };
      const set = `servicePrincipals('${within.value}')/${name}`;
      return list(context, { kind: 'appRoleAssignments', set, view: assignmentView, lookups: [], within });
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
  const { directory } = context.get('services');
  const { id } = await servicePrincipalAt(context);
  const assignmentId = context.req.param('assignmentId') ?? '';
  const assignment = await directory.get('appRoleAssignments', caller.tenantId, assignmentId);
  if (assignment?.[end] !== id) throw notFound(assignmentId);
  await directory.removeAppRole(caller.tenantId, assignment.id);
  return emptyAnswer(context);
}
