import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import { controlEndpoint, crossSite } from '../controls/control-endpoint.ts';
import type { FaultTarget } from '../controls/faults.ts';
import { type Met, meetFault } from '../controls/meet-fault.ts';
import { ReceivedRequest } from '../controls/received-request.ts';
import { instanceDiscovery } from '../endpoints/instance-discovery.ts';
import { jwks } from '../endpoints/jwks.ts';
import { openidConfigurationV1, openidConfigurationV2 } from '../endpoints/openid-configuration.ts';
import type { TenantRequest } from '../endpoints/tenant-request.ts';
import { tokenEndpoint } from '../endpoints/token.ts';
import { entraError, Refusal } from '../entra-error.ts';
import { graphApp } from '../graph/graph-app.ts';
import type { Services } from '../services.ts';
import { type Answer, discoveryAnswer, errorAnswer, respond } from './answer.ts';
import { isForeignWrite } from './cross-site.ts';
import { Exchange } from './exchange.ts';

interface Endpoint {
  readonly answer: (at: TenantRequest, services: Services) => Promise<Answer>;
  /** What faults are ordered for. */
  readonly target: FaultTarget;
  /** Of a token endpoint. */
  readonly version?: 1 | 2;
}

/** The endpoints below a tenant, by the rest of their path. */
const endpoints: Readonly<Record<string, Endpoint>> = {
  'oauth2/v2.0/token': tokens(2),
  'oauth2/token': tokens(1),
  'v2.0/.well-known/openid-configuration': discovery(openidConfigurationV2),
  '.well-known/openid-configuration': discovery(openidConfigurationV1),
  'discovery/v2.0/keys': discovery((at, services) => jwks(at, services, 2), 'jwks'),
  'discovery/keys': discovery((at, services) => jwks(at, services, 1), 'jwks'),
  'discovery/instance': discovery(instanceDiscovery),
};

/** A path before the tenant is passed through, as clients do with an authority that has one. */
const path =
  /^((?:\/[^/]+)*?)\/([^/]+)\/(oauth2\/v2\.0\/token|oauth2\/token|v2\.0\/\.well-known\/openid-configuration|\.well-known\/openid-configuration|discovery\/v2\.0\/keys|discovery\/keys|discovery\/instance)\/?$/;

/** There is a socket unless the app is called without a server. */
interface Environment {
  Bindings: Partial<HttpBindings>;
  Variables: { received: ReceivedRequest };
}

/** The authority's endpoints. */
export type AuthorityApp = Hono<Environment>;

/** The authority as a function from a request to its answer. */
export function createApp(services: Services): AuthorityApp {
  const { controls, hosts, reporter } = services;
  const app = new Hono<Environment>({ getPath: pathOf });
  app.get('/healthz', ({ env }) => respond(env, { status: 200, headers: plainJson, body: '{"status":"ok"}' }));
  app.use(async (context, next) => {
    const { env } = context;
    const begun = reporter?.begin() ?? 0;
    const received = new ReceivedRequest(context.req.raw, env?.incoming, services.platform.now());
    context.set('received', received);
    const refused = refuseOrigin(context.req.raw, services);
    if (refused === undefined) await next();
    else context.res = respond(env, refused);
    received.settle(context.res === RESPONSE_ALREADY_SENT ? statusOf(env?.outgoing) : context.res.status);
    if (!isControl(context.req.path)) controls.requests.add(received);
    reporter?.end(received, begun);
  });
  app.all('/certgrant/*', async (context) => {
    const { env, req } = context;
    const base = hosts.baseOf(req.raw.url) ?? '';
    const at = { request: req.raw, received: context.get('received'), outgoing: env?.outgoing, base };
    return respond(env, await controlEndpoint(at, services));
  });
  app.use('/graph/v1.0/*', async (context, next) => {
    if (controls.faults.none) return next();
    const endangered = { request: context.req.raw, received: context.get('received'), target: 'graph' } as const;
    return instead(await meetFault(endangered, services), context.env) ?? next();
  });
  app.route('/graph/v1.0', graphApp(services));
  app.all('*', async (context) => {
    const request = context.req.raw;
    const [, prefix = '', tenantName = '', rest = ''] = path.exec(context.req.path) ?? [];
    const endpoint = endpoints[rest];
    if (endpoint === undefined) return respond(context.env, notHere(request, services));
    const received = context.get('received');
    if (!controls.faults.none) {
      const { target, version } = endpoint;
      const signIn = version === undefined ? {} : { signIn: { version, tenantName } };
      const met = instead(await meetFault({ request, received, target, ...signIn }, services), context.env);
      if (met !== undefined) return met;
    }
    const base = `${hosts.baseOf(request.url)}${prefix}`;
    return respond(context.env, await endpoint.answer({ request, received, tenantName, base, prefix }, services));
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

const plainJson = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };

function isControl(pathname: string): boolean {
  return pathname === '/certgrant' || pathname.startsWith('/certgrant/');
}

/** What may not be answered at all: a name that is not ours, and what a page of another site has sent. */
function refuseOrigin(request: Request, services: Services): Answer | undefined {
  const base = services.hosts.baseOf(request.url);
  if (base === undefined) return foreignHost(request, services);
  if (!isForeignWrite(request, base)) return undefined;
  return isControl(new URL(request.url).pathname) ? crossSite() : foreignOrigin(request, services);
}

/** 0 when the connection ended before there was an answer. */
function statusOf(outgoing: HttpBindings['outgoing'] | undefined): number {
  return outgoing?.headersSent ? outgoing.statusCode : 0;
}

/** What a fault has come to; nothing when the request goes on. */
function instead(met: Met, bindings: Partial<HttpBindings> | undefined): Response | undefined {
  if (met !== 'dropped') return met === undefined || met instanceof Response ? met : respond(bindings, met);
  bindings?.incoming?.socket.destroy();
  return RESPONSE_ALREADY_SENT;
}

function tokens(version: 1 | 2): Endpoint {
  return { answer: (at, services) => tokenEndpoint(at, services, version), target: 'token', version };
}

/** An endpoint that is read with GET and answers with a document. */
function discovery(
  document: (at: TenantRequest, services: Services) => object | Promise<object>,
  target: FaultTarget = 'discovery',
): Endpoint {
  const answer = async (at: TenantRequest, services: Services): Promise<Answer> => {
    const exchange = new Exchange(at.request, services.platform);
    at.received.exchange = exchange;
    try {
      return discoveryAnswer(await document(at, services), exchange);
    } catch (thrown) {
      if (thrown instanceof Refusal) return errorAnswer(thrown.refused, exchange);
      throw thrown;
    }
  };
  return { answer, target };
}

function notHere(request: Request, { platform }: Services): Answer {
  const message = 'Invalid STS request. There is no endpoint at this URL.';
  return errorAnswer(entraError(90023, message, { status: 404 }), new Exchange(request, platform));
}

function foreignHost(request: Request, { platform }: Services): Answer {
  const message = 'Invalid STS request. The host in the URL is not a name of this authority.';
  return errorAnswer(entraError(90023, message, { status: 421 }), new Exchange(request, platform));
}

/** A confidential client is no page: Entra ID redeems nothing for one either. */
function foreignOrigin(request: Request, { platform }: Services): Answer {
  const message = "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.";
  return errorAnswer(entraError(9002326, message), new Exchange(request, platform));
}

/** OData's key in parentheses, `applications(appId='…')`, becomes a segment of its own. */
function pathOf(request: Request): string {
  const plain = getPath(request);
  return plain.includes('(') ? plain.replace(/(\w)(\([^()/]*\))/, '$1/$2') : plain;
}
