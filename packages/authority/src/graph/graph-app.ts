import { Hono } from 'hono';
import { Exchange } from '../http/exchange.ts';
import type { Services } from '../services.ts';
import { graphErrorAnswer } from './answer.ts';
import { appRoleAssignmentRoutes } from './app-role-assignments.ts';
import { applicationRoutes } from './applications.ts';
import { callerOf } from './caller.ts';
import { asGraphError, GraphError } from './graph-error.ts';
import { groupRoutes } from './groups.ts';
import { organizationRoutes } from './organization.ts';
import type { GraphEnvironment } from './request.ts';
import { servicePrincipalRoutes } from './service-principals.ts';
import { userRoutes } from './users.ts';

/** The endpoints by the first segment of their path. */
const segments: Readonly<Record<string, readonly (() => Hono<GraphEnvironment>)[]>> = {
  applications: [applicationRoutes],
  servicePrincipals: [servicePrincipalRoutes, appRoleAssignmentRoutes],
  users: [userRoutes],
  groups: [groupRoutes],
  organization: [organizationRoutes],
};

/** As much of Microsoft Graph as an application and its keys need, and a directory to read. */
export function graphApp(services: Services): Hono<GraphEnvironment> {
  const app = new Hono<GraphEnvironment>();
  app.use(async (context, next) => {
    const request = context.req.raw;
    const exchange = new Exchange(request, services.platform);
    context.set('exchange', exchange);
    context.get('received').exchange = exchange;
    context.set('services', services);
    context.set('base', services.hosts.baseOf(request.url) ?? '');
    context.set('caller', await callerOf(request.headers.get('authorization'), services));
    await next();
  });
  for (const [segment, routes] of Object.entries(segments))
    for (const route of routes) app.route(`/${segment}`, route());
  app.all('*', (context) => {
    const [segment = ''] = context.req.path.replace(/^\/graph\/v1\.0\//, '').split('/');
    if (segment === 'me') {
      throw new GraphError(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
    }
    if (Object.hasOwn(segments, segment) && context.req.method !== 'GET') {
      throw new GraphError(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.');
    }
    throw new GraphError(400, 'BadRequest', `Resource not found for the segment '${segment.slice(0, 100)}'.`);
  });
  app.onError((thrown, context) => {
    const known = asGraphError(thrown);
    const exchange = context.get('exchange');
    if (known instanceof GraphError) {
      if (known.status === 507) services.log(thrown.message);
      return graphErrorAnswer(known, exchange);
    }
    services.log(`unexpected error: ${thrown.stack ?? thrown.message}`);
    return graphErrorAnswer(new GraphError(500, 'InternalServerError', 'An unexpected error occurred.'), exchange);
  });
  return app;
}
