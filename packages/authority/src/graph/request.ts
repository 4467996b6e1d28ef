import type { Context } from 'hono';
import type { Exchange } from '../http/exchange.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Services } from '../services.ts';
import type { Caller } from './caller.ts';
import { badRequest, GraphError, notFound } from './graph-error.ts';

/** What the Graph endpoints know of each request. */
export interface GraphEnvironment {
  Bindings: { readonly received: ReceivedRequest; readonly base: string };
  Variables: { services: Services; caller: Caller; exchange: Exchange };
}

/** A request to Graph on its way. */
export type GraphContext = Context<GraphEnvironment>;

/** How an object is named in a URL: by its id, or `(appId='…')`. */
export type ObjectKey = { readonly id: string } | { readonly appId: string };

/** The key in the path's parameter: `{id}`, `('{id}')` or `(appId='{appId}')`. */
export function objectKey(context: GraphContext, name = 'id'): ObjectKey {
  const text = context.req.param(name) ?? '';
  const [, field, quoted] = /^\((?:(\w+)=)?'([^']*)'\)$/.exec(text) ?? [];
  if (quoted === undefined) return { id: text };
  if (field === undefined || field === 'id') return { id: quoted };
  if (field === 'appId') return { appId: quoted };
  throw badRequest(`The key '${field}' is not supported here.`);
}

/** How a key is shown in an error. */
export function notFoundKey(key: ObjectKey): GraphError {
  return notFound('id' in key ? key.id : key.appId);
}

/** The body, which must be a JSON object. */
export async function readObject(context: GraphContext): Promise<Readonly<Record<string, unknown>>> {
  const text = await context.env.received.text();
  if (text === undefined) throw new GraphError(413, 'RequestEntityTooLarge', 'The request body is too large.');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badRequest(
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
      cause,
    );
  }
  return objectIn(value, 'The request body');
}

/** A JSON object, or the error that says which value is none. */
export function objectIn(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw badRequest(`${name} must be a JSON object.`);
}

/** A text that must be there. */
export function requiredText(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = optionalText(body, name);
  if (value === undefined || value === '') throw badRequest(`A value is required for property '${name}' of resource.`);
  return value;
}

/** A text that may be missing or null. */
export function optionalText(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw badRequest(`Invalid value specified for property '${name}' of resource: it must be a text.`);
}

/** A point in time that may be missing or null, as ISO 8601 in UTC. */
export function optionalDate(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const text = optionalText(body, name);
  if (text === undefined) return undefined;
  // Edm.DateTimeOffset (OData CSDL §4.4): a date with its time and its zone, which Date.parse alone does not ask for.
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,12})?)?(Z|[+-]\d\d:\d\d)$/i.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw badRequest(
    `Invalid value specified for property '${name}' of resource: it must be a date and time with its zone.`,
  );
}

/** A truth value that may be missing or null. */
export function optionalBoolean(body: Readonly<Record<string, unknown>>, name: string): boolean | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  throw badRequest(`Invalid value specified for property '${name}' of resource: it must be true or false.`);
}

/** An array that may be missing. */
export function optionalArray(body: Readonly<Record<string, unknown>>, name: string): readonly unknown[] | undefined {
  const value = body[name] ?? undefined;
  if (value === undefined || Array.isArray(value)) return value;
  throw badRequest(`Invalid value specified for property '${name}' of resource: it must be an array.`);
}
