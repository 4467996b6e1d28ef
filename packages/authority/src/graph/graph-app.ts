import { Hono } from 'hono';
import { getPath } from 'hono/utils/url';
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

/** Where Graph is. */
const root = '/graph/v1.0';

/** Whether a path is one of Graph's. */
export function isGraph(path: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/** As much of Microsoft Graph as an application and its keys need, and a directory to read. */
export function graphApp(services: Services): Hono<GraphEnvironment> {
  const app = new Hono<GraphEnvironment>({ getPath: pathOf }).basePath(root) as Hono<GraphEnvironment>;
  app.use(async (context, next) => {
    const { received } = context.env;
    const exchange = new Exchange(received, services.platform);
    context.set('exchange', exchange);
    received.exchange = exchange;
    context.set('services', services);
    context.set('caller', await callerOf(received.header('authorization'), services));
    await next();
  });
  for (const [segment, routes] of Object.entries(segments))
    for (const route of routes) app.route(`/${segment}`, route());
  app.all('*', (context) => {
    const [segment = ''] = context.req.path.slice(root.length + 1).split('/');
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

/** OData's key in parentheses, `applications(appId='…')`, becomes a segment of its own. */
function pathOf(request: Request): string {
  const plain = getPath(request);
  return plain.includes('(') ? plain.replace(/(\w)(\([^()/]*\))/, '$1/$2') : plain;
}
