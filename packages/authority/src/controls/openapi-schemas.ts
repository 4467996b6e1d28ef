import { signInChecks } from '../checks/sign-in-checks.ts';
import { faultTargets } from './faults.ts';

type Json = Readonly<Record<string, unknown>>;

const text: Json = { type: 'string' };
const texts: Json = { type: 'array', items: text };
const time: Json = { type: 'string', format: 'date-time' };
const guid: Json = { type: 'string', format: 'uuid' };
const textMap: Json = { type: 'object', additionalProperties: text };
const anything: Json = { type: 'object' };
const duration: Json = { type: ['number', 'string'], description: 'Milliseconds, or 500ms, 30s, 5m, 2h, 7d.' };
const thumbprint: Json = { type: 'string', pattern: '^[0-9A-F]{40}$' };

/** What is answered: nothing but what is named. */
function closed(properties: Json, required: readonly string[] = Object.keys(properties)): Json {
  return { type: 'object', required, properties, additionalProperties: false };
}

const fault: Json = {
  target: { enum: faultTargets },
  times: { oneOf: [{ type: 'integer', minimum: 1 }, { const: 'always' }] },
  aadsts: { type: 'integer', minimum: 1, description: 'Refuses with this code. Not at Graph.' },
  error: { type: 'string', pattern: '^[a-z_]{1,50}$' },
  status: { type: 'integer', minimum: 400, maximum: 599 },
  retryAfter: { type: 'integer', minimum: 0, maximum: 86_400, description: 'Seconds.' },
  drop: { type: 'boolean', description: 'Ends the connection without an answer.' },
  latency: { ...duration, description: 'Waits first: milliseconds, or a text such as 2s; a minute at most.' },
};

const registration: Json = {
  appId: guid,
  displayName: text,
  certificate: { type: 'string', description: 'PEM.' },
  certificates: texts,
  secret: { type: 'boolean', description: 'Whether it gets a client secret, which the answer tells.' },
  secrets: { type: 'array', items: { oneOf: [text, { type: 'object', required: ['secretText'] }] } },
  permissions: { ...texts, description: 'User.Read.All of Microsoft Graph, or {identifier URI}/{role}.' },
  identifierUris: texts,
  appRoles: { type: 'array', items: { oneOf: [text, { type: 'object', required: ['value'] }] } },
  requestedAccessTokenVersion: { enum: [1, 2, null] },
  enabled: { type: 'boolean' },
  appRoleAssignmentRequired: { type: 'boolean' },
};

const check: Json = closed(
  {
    name: { enum: [...new Set([...signInChecks('certificate'), ...signInChecks('secret')])] },
    status: { enum: ['passed', 'failed', 'not-reached'] },
    expected: text,
    received: text,
  },
  ['name', 'status'],
);

const signIn: Json = closed(
  {
    time,
    correlationId: guid,
    traceId: guid,
    version: { enum: [1, 2] },
    tenant: text,
    clientId: text,
    displayName: text,
    credential: { enum: ['certificate', 'secret'] },
    thumbprint,
    resource: text,
    roles: texts,
    outcome: { enum: ['granted', 'refused', 'fault'] },
    status: { type: 'integer' },
    code: { type: 'string', pattern: '^AADSTS[0-9]+$' },
    error: text,
    message: text,
    fault: guid,
    checks: { type: 'array', items: check },
  },
  ['time', 'correlationId', 'traceId', 'version', 'tenant', 'outcome', 'status', 'checks'],
);

const request: Json = closed(
  {
    time,
    method: text,
    path: text,
    query: textMap,
    headers: textMap,
    form: textMap,
    json: {},
    body: text,
    assertion: closed({ header: anything, claims: anything }),
    status: { type: 'integer' },
  },
  ['time', 'method', 'path', 'query', 'headers', 'status'],
);

/** The names of the shapes. */
export type SchemaName =
  | 'Health'
  | 'Error'
  | 'Clock'
  | 'ClockChange'
  | 'Fault'
  | 'ActiveFault'
  | 'Forgery'
  | 'Forged'
  | 'SigningKey'
  | 'Registration'
  | 'Registered'
  | 'SignIn'
  | 'Request';

/** The shapes of everything that goes in and out, as JSON Schema 2020-12. */
export const schemas: Readonly<Record<SchemaName, Json>> = {
  Health: closed({ status: { const: 'ok' } }),
  Error: closed({ error: closed({ code: text, message: text, fix: text }) }),
  Clock: closed({ now: time, frozen: { type: 'boolean' } }),
  ClockChange: closed(
    {
      now: { type: ['number', 'string'], description: 'Milliseconds since 1970, or 2030-01-31T12:00:00Z.' },
      advance: { ...duration, description: 'Moves it after that; negative moves it back.' },
      frozen: { type: 'boolean' },
    },
    [],
  ),
  Fault: closed(fault, []),
  ActiveFault: closed({ id: guid, ...fault }, ['id', 'target', 'times']),
  Forgery: closed(
    {
      clientId: text,
      resource: text,
      version: { enum: [1, 2] },
      roles: texts,
      claims: { type: 'object', description: 'Claims to set, or with null to leave out.' },
      header: { type: 'object', description: 'Header parameters to set, or with null to leave out.' },
      signedBy: { enum: ['authority', 'stranger', 'nobody', 'public-key'] },
      expired: { type: 'boolean' },
    },
    [],
  ),
  Forged: closed({ token: text }),
  SigningKey: closed({ kid: text }),
  Registration: closed(registration, []),
  Registered: closed(
    { tenantId: guid, appId: guid, objectId: guid, servicePrincipalId: guid, keyId: guid, thumbprint, secret: text },
    ['tenantId', 'appId', 'objectId', 'servicePrincipalId'],
  ),
  SignIn: signIn,
  Request: request,
};
