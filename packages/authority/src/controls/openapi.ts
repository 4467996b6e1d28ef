import { type SchemaName, schemas } from './openapi-schemas.ts';

type Json = Readonly<Record<string, unknown>>;

/** The OpenAPI 3.1 document of `/healthz` and of everything below `/certgrant`. */
export function openApiDocument(base: string): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'certgrant authority: controls for tests',
      version: '1.0.0',
      description: 'What the library offers to a test in its own process, for tests in any language.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: base }],
    security: [{ adminToken: [] }],
    paths,
    components: {
      securitySchemes: {
        adminToken: { type: 'http', scheme: 'bearer', description: 'What stands in the adminTokenFile.' },
      },
      schemas,
    },
  };
}

function schema(name: SchemaName): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function answer(description: string, content?: Json): Json {
  return content === undefined
    ? { description }
    : { description, content: { 'application/json': { schema: content } } };
}

function query(name: string, description: string, content: Json): Json {
  return { name, in: 'query', required: false, description, schema: content };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly answers: Json;
  readonly parameters?: readonly Json[];
  /** What is sent; an operation without it takes no body. */
  readonly body?: Json;
  /** Whether it changes something: a page of another site may not. */
  readonly writes?: true;
  /** Whether what is sent can be wrong. */
  readonly fallible?: true;
}

const error = (description: string): Json => answer(description, schema('Error'));

function operation({ operationId, summary, answers, parameters, body, writes, fallible }: Operation): Json {
  return {
    operationId,
    summary,
    ...(parameters === undefined ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: false, content: { 'application/json': { schema: body } } } }),
    responses: {
      ...answers,
      ...(fallible || body !== undefined ? { 400: error('What was sent is wrong; the message says what.') } : {}),
      401: error('The admin token is missing or not the right one.'),
      ...(writes ? { 403: error('A page of another site has sent this.') } : {}),
      ...(body === undefined
        ? {}
        : { 413: error('The body is larger than a megabyte.'), 415: error('The body is not said to be JSON.') }),
    },
  };
}

const clockAnswer = { 200: answer('How the clock stands.', schema('Clock')) };
const done = { 204: answer('Done.') };

const paths: Json = {
  '/healthz': {
    get: {
      operationId: 'health',
      summary: 'Whether the authority serves.',
      security: [],
      responses: { 200: answer('It does.', schema('Health')) },
    },
  },
  '/certgrant/openapi.json': {
    get: {
      operationId: 'openapi',
      summary: 'This document.',
      security: [],
      responses: { 200: answer('OpenAPI 3.1.', { type: 'object' }) },
    },
  },
  '/certgrant/sign-ins': {
    get: operation({
      operationId: 'signIns',
      summary: 'The last token requests, oldest first, with every check.',
      parameters: [
        query('clientId', 'Only those of this application.', { type: 'string' }),
        query('correlationId', 'Only those with this id.', { type: 'string' }),
        query('limit', 'The last so many.', { type: 'integer', minimum: 1, maximum: 1000 }),
      ],
      answers: { 200: answer('The sign-ins.', listOf('SignIn')) },
      fallible: true,
    }),
  },
  '/certgrant/requests/next': {
    get: operation({
      operationId: 'takeRequest',
      summary: 'The oldest request that has not been taken yet, or the next one that comes. It is taken by this.',
      parameters: [
        query('timeout', 'How long to wait: milliseconds, or 500ms, 5s, 1m at most. By default 5s.', {
          type: 'string',
        }),
      ],
      answers: { 200: answer('The request.', schema('Request')), 204: answer('None came.') },
      fallible: true,
    }),
  },
  '/certgrant/clock': {
    get: operation({ operationId: 'clock', summary: 'How the clock stands.', answers: clockAnswer }),
    put: operation({
      operationId: 'setClock',
      summary: 'Sets, moves, freezes or resumes the clock; what is left out stays.',
      body: schema('ClockChange'),
      answers: clockAnswer,
      writes: true,
    }),
    delete: operation({
      operationId: 'resetClock',
      summary: 'Goes by the system clock again.',
      answers: clockAnswer,
      writes: true,
    }),
  },
  '/certgrant/faults': {
    get: operation({
      operationId: 'faults',
      summary: 'The faults in force.',
      answers: { 200: answer('The faults, in the order in which requests meet them.', listOf('ActiveFault')) },
    }),
    post: operation({
      operationId: 'addFault',
      summary: 'Has something go wrong: once, a number of times, or until it is removed.',
      body: schema('Fault'),
      answers: { 201: answer('The fault, with its id.', schema('ActiveFault')) },
      writes: true,
    }),
    delete: operation({ operationId: 'clearFaults', summary: 'Removes every fault.', answers: done, writes: true }),
  },
  '/certgrant/faults/{id}': {
    delete: operation({
      operationId: 'removeFault',
      summary: 'Removes a fault.',
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      answers: { ...done, 404: error('There is no such fault; it may have been met often enough.') },
      writes: true,
    }),
  },
  '/certgrant/forge': {
    post: operation({
      operationId: 'forge',
      summary: 'Makes an access token with anything about it changed.',
      body: schema('Forgery'),
      answers: { 200: answer('The token.', schema('Forged')) },
      writes: true,
    }),
  },
  '/certgrant/register': {
    post: operation({
      operationId: 'register',
      summary: 'Registers an application in the first tenant, with certificates and granted permissions.',
      body: schema('Registration'),
      answers: { 201: answer('The ids.', schema('Registered')) },
      writes: true,
    }),
  },
  '/certgrant/rotate-signing-key': {
    post: operation({
      operationId: 'rotateSigningKey',
      summary:
        'Makes a new key that signs access tokens; the one before stays published until its tokens have expired.',
      body: { type: 'object', additionalProperties: false },
      answers: { 200: answer('The new key.', schema('SigningKey')) },
      writes: true,
    }),
  },
  '/certgrant/reset': {
    post: operation({
      operationId: 'reset',
      summary: 'Goes back to what the authority began with: no faults, no requests, the real time.',
      body: { type: 'object', additionalProperties: false },
      answers: done,
      writes: true,
    }),
  },
};

function listOf(name: SchemaName): Json {
  return { type: 'object', required: ['value'], properties: { value: { type: 'array', items: schema(name) } } };
}
