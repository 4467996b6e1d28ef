import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import { instanceDiscovery } from '../endpoints/instance-discovery.ts';
import { jwks } from '../endpoints/jwks.ts';
import { openidConfigurationV1, openidConfigurationV2 } from '../endpoints/openid-configuration.ts';
import type { TenantRequest } from '../endpoints/tenant-request.ts';
import { tokenEndpoint } from '../endpoints/token.ts';
import { entraError, Refusal } from '../entra-error.ts';
import { graphApp } from '../graph/graph-app.ts';
import type { Services } from '../services.ts';
import { type Answer, discoveryAnswer, errorAnswer, respond } from './answer.ts';
import { Exchange } from './exchange.ts';

type Endpoint = (at: TenantRequest, services: Services) => Promise<Answer>;

/** The endpoints below a tenant, by the rest of their path. */
const endpoints: Readonly<Record<string, Endpoint>> = {
  'oauth2/v2.0/token': (at, services) => tokenEndpoint(at, services, 2),
  'oauth2/token': (at, services) => tokenEndpoint(at, services, 1),
  'v2.0/.well-known/openid-configuration': discovery(openidConfigurationV2),
  '.well-known/openid-configuration': discovery(openidConfigurationV1),
  'discovery/v2.0/keys': discovery((at, services) => jwks(at, services, 2)),
  'discovery/keys': discovery((at, services) => jwks(at, services, 1)),
  'discovery/instance': discovery(instanceDiscovery),
};

/** A path before the tenant is passed through, as clients do with an authority that has one. */
const path =
  /^((?:\/[^/]+)*?)\/([^/]+)\/(oauth2\/v2\.0\/token|oauth2\/token|v2\.0\/\.well-known\/openid-configuration|\.well-known\/openid-configuration|discovery\/v2\.0\/keys|discovery\/keys|discovery\/instance)\/?$/;

/** There is a socket unless the app is called without a server. */
interface Environment {
  Bindings: Partial<HttpBindings>;
}

/** The authority's endpoints. */
export type AuthorityApp = Hono<Environment>;

/** The authority as a function from a request to its answer. */
export function createApp(services: Services): AuthorityApp {
  const app = new Hono<Environment>({ getPath: pathOf });
  app.use(async ({ req, env }, next) => {
    if (services.hosts.baseOf(req.raw.url) === undefined) return respond(env, foreignHost(req.raw, services));
    return next();
  });
  app.route('/graph/v1.0', graphApp(services));
  app.all('*', async (context) => {
    const request = context.req.raw;
    const [, prefix = '', tenantName = '', rest = ''] = path.exec(context.req.path) ?? [];
    const endpoint = endpoints[rest];
    if (endpoint === undefined) return respond(context.env, notHere(request, services));
    const base = `${services.hosts.baseOf(request.url)}${prefix}`;
    return respond(context.env, await endpoint({ request, tenantName, base, prefix }, services));
  });
  app.onError((thrown, context) => {
    // A client that went away before its body was whole is no fault of anybody here.
    if (context.env?.outgoing?.destroyed !== true) services.log(`unexpected error: ${thrown.stack ?? thrown.message}`);
    const refused = entraError(90023, 'An unexpected error occurred in the authority.', {
      error: 'server_error',
      status: 500,
    });
    return respond(context.env, errorAnswer(refused, new Exchange(context.req.raw, services.platform)));
  });
  return app;
}

/** An endpoint that is read with GET and answers with a document. */
function discovery(document: (at: TenantRequest, services: Services) => object | Promise<object>): Endpoint {
  return async (at, services) => {
    const exchange = new Exchange(at.request, services.platform);
    try {
      return discoveryAnswer(await document(at, services), exchange);
    } catch (thrown) {
      if (thrown instanceof Refusal) return errorAnswer(thrown.refused, exchange);
      throw thrown;
    }
  };
}

function notHere(request: Request, { platform }: Services): Answer {
  const message = 'Invalid STS request. There is no endpoint at this URL.';
  return errorAnswer(entraError(90023, message, { status: 404 }), new Exchange(request, platform));
}

function foreignHost(request: Request, { platform }: Services): Answer {
  const message = 'Invalid STS request. The host in the URL is not a name of this authority.';
  return errorAnswer(entraError(90023, message, { status: 421 }), new Exchange(request, platform));
}

/** OData's key in parentheses, `applications(appId='…')`, becomes a segment of its own. */
function pathOf(request: Request): string {
  const plain = getPath(request);
  return plain.includes('(') ? plain.replace(/(\w)(\([^()/]*\))/, '$1/$2') : plain;
}
