import { isCertgrantError } from '@certgrant/core';
import type { Services } from '../services.ts';
import type { Fault } from './faults.ts';
import { Fields } from './fields.ts';
import { forgeToken } from './forge.ts';
import { openApiDocument } from './openapi.ts';
import { registerApplication, registrationIn } from './registration.ts';
import { requestView } from './request-view.ts';
import { resetAuthority } from './reset.ts';
import { signInsAmong } from './sign-in.ts';

/** A request to one of the routes below `/certgrant`, taken apart. */
export interface ControlRequest {
  readonly services: Services;
  /** Where it came in, without a trailing slash. */
  readonly base: string;
  readonly query: Readonly<Record<string, string>>;
  /** What stands in the path for `{id}`. */
  readonly id: string;
  /** What was sent as JSON; an empty body is an empty object. */
  readonly body: unknown;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** What it comes to. */
export interface ControlAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/** One route: what is documented is served, and nothing else. */
export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As OpenAPI writes it. */
  readonly path: string;
  /** Whether it is for everybody; all others are for the admin token. */
  readonly open?: true;
  readonly handle: (request: ControlRequest) => ControlAnswer | Promise<ControlAnswer>;
}

const done: ControlAnswer = { status: 204 };

/** Every route below `/certgrant`. */
export const controlRoutes: readonly ControlRoute[] = [
  { method: 'GET', path: '/certgrant/openapi.json', open: true, handle: ({ base }) => ok(openApiDocument(base)) },
  { method: 'GET', path: '/certgrant/sign-ins', handle: signIns },
  { method: 'GET', path: '/certgrant/requests/next', handle: nextRequest },
  { method: 'GET', path: '/certgrant/clock', handle: ({ services }) => ok(services.controls.clock.state) },
  { method: 'PUT', path: '/certgrant/clock', handle: setClock },
  { method: 'DELETE', path: '/certgrant/clock', handle: resetClock },
  {
    method: 'GET',
    path: '/certgrant/faults',
    handle: ({ services }) => ok({ value: services.controls.faults.list() }),
  },
  { method: 'POST', path: '/certgrant/faults', handle: addFault },
  { method: 'DELETE', path: '/certgrant/faults', handle: clearFaults },
  { method: 'DELETE', path: '/certgrant/faults/{id}', handle: removeFault },
  { method: 'POST', path: '/certgrant/forge', handle: forge },
  { method: 'POST', path: '/certgrant/register', handle: register },
  { method: 'POST', path: '/certgrant/rotate-signing-key', handle: rotateSigningKey },
  { method: 'POST', path: '/certgrant/reset', handle: reset },
];

function ok(body: unknown): ControlAnswer {
  return { status: 200, body };
}

function signIns({ services, query }: ControlRequest): ControlAnswer {
  const { limit, ...rest } = query;
  const given = { ...rest, ...(limit === undefined ? {} : { limit: numberIn(limit) }) };
  const at = new Fields(given, 'list sign-ins', ['clientId', 'correlationId', 'limit']);
  const filter = {
    clientId: at.text('clientId'),
    correlationId: at.text('correlationId'),
    limit: at.integer('limit', 1, 1000),
  };
  return ok({ value: signInsAmong(services.controls.requests.all(), filter) });
}

async function nextRequest({ services, query, signal }: ControlRequest): Promise<ControlAnswer> {
  const timeout = new Fields(query, 'take request', ['timeout']).text('timeout') ?? '5s';
  try {
    return ok(requestView(await services.controls.requests.take(numberIn(timeout), signal)));
  } catch (thrown) {
    if (isCertgrantError(thrown) && (thrown.code === 'TIMEOUT' || thrown.code === 'CANCELLED')) return done;
    throw thrown;
  }
}

function setClock({ services: { controls }, body }: ControlRequest): ControlAnswer {
  const at = new Fields(body, 'move clock', ['now', 'advance', 'frozen']);
  const [now, advance] = [at.textOrNumber('now'), at.textOrNumber('advance')];
  controls.clock.set({ now, advance, frozen: at.boolean('frozen') });
  return ok(controls.clock.state);
}

function resetClock({ services: { controls } }: ControlRequest): ControlAnswer {
  controls.clock.reset();
  return ok(controls.clock.state);
}

function addFault({ services: { controls }, body }: ControlRequest): ControlAnswer {
  return { status: 201, body: controls.faults.add(body as Fault) };
}

function clearFaults({ services: { controls } }: ControlRequest): ControlAnswer {
  controls.faults.clear();
  return done;
}

function removeFault({ services: { controls }, id }: ControlRequest): ControlAnswer {
  if (controls.faults.remove(id)) return done;
  const error = { code: 'NOT_FOUND', message: 'remove fault: there is none with this id', fix: 'List them first' };
  return { status: 404, body: { error } };
}

async function forge({ services, base, body }: ControlRequest): Promise<ControlAnswer> {
  return ok({ token: await forgeToken(body, base, services) });
}

async function register({ services, body }: ControlRequest): Promise<ControlAnswer> {
  return { status: 201, body: await registerApplication(services, registrationIn(body)) };
}

async function rotateSigningKey({ services, body }: ControlRequest): Promise<ControlAnswer> {
  new Fields(body, 'rotate signing key', []);
  return ok({ kid: await services.signingKeys.rotateSigningKey() });
}

async function reset({ services, body }: ControlRequest): Promise<ControlAnswer> {
  new Fields(body, 'reset', []);
  await resetAuthority(services);
  return done;
}

/** Numbers stand in a query as texts. */
function numberIn(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}
