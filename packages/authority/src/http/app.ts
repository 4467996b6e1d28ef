import type { IncomingMessage, ServerResponse } from 'node:http';
import { controlEndpoint, crossSite } from '../controls/control-endpoint.ts';
import type { FaultTarget } from '../controls/faults.ts';
import { type Endangered, type Met, meetFault } from '../controls/meet-fault.ts';
import { instanceDiscovery } from '../endpoints/instance-discovery.ts';
import { jwks } from '../endpoints/jwks.ts';
import { openidConfigurationV1, openidConfigurationV2 } from '../endpoints/openid-configuration.ts';
import type { TenantRequest } from '../endpoints/tenant-request.ts';
import { tokenEndpoint } from '../endpoints/token.ts';
import { entraError, Refusal } from '../entra-error.ts';
import { graphApp, isGraph } from '../graph/graph-app.ts';
import type { Services } from '../services.ts';
import { type Answer, answerOf, discoveryAnswer, errorAnswer, responseOf, send } from './answer.ts';
import { isForeignWrite } from './cross-site.ts';
import { Exchange } from './exchange.ts';
import { ReceivedRequest } from './received-request.ts';
import { FetchSource, type RequestSource, SocketSource } from './request-source.ts';
import { pathOf } from './request-url.ts';

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
const tenantPath =
  /^((?:\/[^/]+)*?)\/([^/]+)\/(oauth2\/v2\.0\/token|oauth2\/token|v2\.0\/\.well-known\/openid-configuration|\.well-known\/openid-configuration|discovery\/v2\.0\/keys|discovery\/keys|discovery\/instance)\/?$/;

/** The authority's endpoints. */
export interface AuthorityApp {
  /** Answers a request that came over a connection. */
  serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void>;
  /** The same without one. */
  respond(request: Request): Promise<Response>;
}

/** What a request comes to: an answer, or none at all. */
type Outcome = Answer | 'dropped';

/** The authority as functions from a request to its answer. */
export function createApp(services: Services): AuthorityApp {
  const router = new Router(services);
  const received = (source: RequestSource): ReceivedRequest => new ReceivedRequest(source, services.platform.now());
  return {
    async serve(incoming, outgoing) {
      const outcome = await router.answer(received(new SocketSource(incoming)), outgoing);
      if (outcome === 'dropped') incoming.socket.destroy();
      else send(outgoing, outcome);
    },
    async respond(request) {
      const outcome = await router.answer(received(new FetchSource(request)), undefined);
      return outcome === 'dropped' ? Response.error() : responseOf(outcome);
    },
  };
}

/** Finds who answers a request, and keeps the log of it. */
class Router {
  readonly #services: Services;
  readonly #graph: ReturnType<typeof graphApp>;

  constructor(services: Services) {
    this.#services = services;
    this.#graph = graphApp(services);
  }

  /** @param outgoing where there is a connection */
  async answer(request: ReceivedRequest, outgoing: ServerResponse | undefined): Promise<Outcome> {
    const path = pathOf(request.url);
    if (path === '/healthz' && (request.method === 'GET' || request.method === 'HEAD')) return healthy;
    const { controls, reporter } = this.#services;
    const begun = reporter?.begin() ?? 0;
    let outcome: Outcome;
    try {
      outcome = await this.#route(request, path, outgoing);
    } catch (thrown) {
      outcome = this.#unexpected(thrown, request, outgoing);
    }
    // A connection that ended before there was an answer has none.
    request.settle(outcome === 'dropped' || outgoing?.destroyed === true ? 0 : outcome.status);
    if (!isControl(path)) controls.requests.add(request);
    reporter?.end(request, begun);
    return outcome;
  }

  async #route(request: ReceivedRequest, path: string, outgoing: ServerResponse | undefined): Promise<Outcome> {
    const services = this.#services;
    const base = services.hosts.baseOf(request.url);
    if (base === undefined) return foreignHost(request, services);
    if (isForeignWrite(request, base)) return isControl(path) ? crossSite() : foreignOrigin(request, services);
    if (isControl(path)) return controlEndpoint({ request, outgoing, base }, services);
    if (isGraph(path)) {
      return (await this.#fault({ request, target: 'graph' })) ?? this.#graphAnswer(request, base);
    }
    const [, prefix = '', tenantName = '', rest = ''] = tenantPath.exec(path) ?? [];
    const endpoint = endpoints[rest];
    if (endpoint === undefined) return notHere(request, services);
    const { target, version } = endpoint;
    const signIn = version === undefined ? {} : { signIn: { version, tenantName } };
    const met = await this.#fault({ request, target, ...signIn });
    return met ?? endpoint.answer({ request, tenantName, base: base + prefix, prefix }, services);
  }

  /** What a fault has come to; nothing when the request goes on. */
  async #fault(endangered: Endangered): Promise<Met> {
    return this.#services.controls.faults.none ? undefined : meetFault(endangered, this.#services);
  }

  async #graphAnswer(received: ReceivedRequest, base: string): Promise<Answer> {
    const { method, url } = received;
    // The Fetch Standard (§2.2.1) has no such requests, and neither has Graph.
    if (method === 'TRACE') return notHere(received, this.#services);
    return answerOf(await this.#graph.fetch(new Request(url, { method }), { received, base }));
  }

  #unexpected(thrown: unknown, request: ReceivedRequest, outgoing: ServerResponse | undefined): Answer {
    const { log, platform } = this.#services;
    // A client that went away before its body was whole is no fault of anybody here.
    if (outgoing?.destroyed !== true) {
      log(`unexpected error: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
    }
    const message = 'An unexpected error occurred in the authority.';
    const refused = entraError(90023, message, { error: 'server_error', status: 500 });
    return errorAnswer(refused, new Exchange(request, platform));
  }
}

const healthy: Answer = {
  status: 200,
  headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
  body: '{"status":"ok"}',
};

function isControl(path: string): boolean {
  return path === '/certgrant' || path.startsWith('/certgrant/');
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
    at.request.exchange = exchange;
    try {
      return discoveryAnswer(await document(at, services), exchange);
    } catch (thrown) {
      if (thrown instanceof Refusal) return errorAnswer(thrown.refused, exchange);
      throw thrown;
    }
  };
  return { answer, target };
}

function notHere(request: ReceivedRequest, { platform }: Services): Answer {
  const message = 'Invalid STS request. There is no endpoint at this URL.';
  return errorAnswer(entraError(90023, message, { status: 404 }), new Exchange(request, platform));
}

function foreignHost(request: ReceivedRequest, { platform }: Services): Answer {
  const message = 'Invalid STS request. The host in the URL is not a name of this authority.';
  return errorAnswer(entraError(90023, message, { status: 421 }), new Exchange(request, platform));
}

/** A confidential client is no page: Entra ID redeems nothing for one either. */
function foreignOrigin(request: ReceivedRequest, { platform }: Services): Answer {
  const message = "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.";
  return errorAnswer(entraError(9002326, message), new Exchange(request, platform));
}
