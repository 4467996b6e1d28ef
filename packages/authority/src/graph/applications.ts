import { Hono } from 'hono';
import type { NewApplication } from '../directory/directory.ts';
import type { Application, AppRole } from '../directory/entities.ts';
import { appRole } from '../directory/well-known.ts';
import { isGuid } from '../lib/identifiers.ts';
import { emptyAnswer, objectAnswer } from './answer.ts';
import { requireRole, requireWriteTo } from './caller.ts';
import { type CredentialHolders, credentialRoutes } from './credentials.ts';
import { badRequest } from './graph-error.ts';
import { readKeyCredentials, refusePasswords } from './key-credentials.ts';
import { count, type Listing, list } from './list.ts';
import { readSelect } from './odata.ts';
import {
  type GraphContext,
  type GraphEnvironment,
  notFoundKey,
  objectIn,
  objectKey,
  optionalArray,
  optionalBoolean,
  optionalText,
  readObject,
  requiredText,
} from './request.ts';
import { applicationView } from './views.ts';

const readers = [
  'Application.Read.All',
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
] as const;

const listing: Listing<'applications'> = {
  kind: 'applications',
  set: 'applications',
  view: (application) => applicationView(application),
  properties: [
    'id',
    'appId',
    'displayName',
    'identifierUris',
    'signInAudience',
    'createdDateTime',
    'appRoles/id',
    'appRoles/value',
    'keyCredentials/keyId',
    'passwordCredentials/keyId',
  ],
  lookups: ['appId', 'displayName', 'identifierUris'],
};

const holders: CredentialHolders<Application> = {
  at: applicationAt,
  update: ({ tenantId, id }, change, context) =>
    context
      .get('services')
      .directory.updateApplication(tenantId, id, async (current) => ({ ...current, ...(await change(current)) })),
};

/** `/applications`: create, read, list, change, delete; `keyCredentials` are replaced as a whole. */
export function applicationRoutes(): Hono<GraphEnvironment> {
  const routes = new Hono<GraphEnvironment>();
  routes.get('/', (context) => {
    requireRole(context.get('caller'), ...readers);
    return list(context, listing);
  });
  routes.get('/$count', (context) => {
    requireRole(context.get('caller'), ...readers);
    return count(context, listing);
  });
  routes.post('/', create);
  routes.route('/', credentialRoutes(holders));
  routes.get('/:id', async (context) => {
    requireRole(context.get('caller'), ...readers);
    const select = readSelect(new URL(context.req.url).searchParams);
    const view = applicationView(await applicationAt(context), select?.includes('keyCredentials'));
    return objectAnswer(context, 'applications', view, { select });
  });
  routes.patch('/:id', change);
  routes.delete('/:id', async (context) => {
    const application = await applicationAt(context);
    requireWriteTo(context.get('caller'), application);
    await context.get('services').directory.deleteApplication(application.tenantId, application.id);
    return emptyAnswer(context);
  });
  return routes;
}

async function create(context: GraphContext): Promise<Response> {
  const caller = context.get('caller');
  requireRole(caller, 'Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy');
  const services = context.get('services');
  const body = await readObject(context);
  const displayName = requiredText(body, 'displayName');
  const owners = caller.servicePrincipalId === undefined ? [] : [caller.servicePrincipalId];
  const changed = await changedFields(context, body, []);
  const application = await services.directory.createApplication(caller.tenantId, { ...changed, displayName, owners });
  return objectAnswer(context, 'applications', applicationView(application), { status: 201 });
}

async function change(context: GraphContext): Promise<Response> {
  const { tenantId, id } = await applicationAt(context);
  const body = await readObject(context);
  await context.get('services').directory.updateApplication(tenantId, id, async (application) => {
    requireWriteTo(context.get('caller'), application);
    const displayName = body.displayName === undefined ? {} : { displayName: requiredText(body, 'displayName') };
    return { ...application, ...(await changedFields(context, body, application.keyCredentials)), ...displayName };
  });
  return emptyAnswer(context);
}

/** The application that the URL names. */
async function applicationAt(context: GraphContext): Promise<Application> {
  const { directory } = context.get('services');
  const { tenantId } = context.get('caller');
  const key = objectKey(context);
  const found =
    'id' in key
      ? await directory.get('applications', tenantId, key.id)
      : await directory.applicationByAppId(tenantId, key.appId);
  if (found === undefined) throw notFoundKey(key);
  return found;
}

/** What a body says of an application, except its name; other properties are ignored. */
async function changedFields(
  context: GraphContext,
  body: Readonly<Record<string, unknown>>,
  present: Application['keyCredentials'],
): Promise<Omit<NewApplication, 'displayName' | 'appId' | 'owners'>> {
  refusePasswords(body);
  const signInAudience = optionalText(body, 'signInAudience');
  const identifierUris = optionalArray(body, 'identifierUris');
  const appRoles = optionalArray(body, 'appRoles');
  const keys = optionalArray(body, 'keyCredentials');
  const version = body.api === undefined ? undefined : objectIn(body.api, "Property 'api'").requestedAccessTokenVersion;
  return {
    ...(signInAudience === undefined ? {} : { signInAudience }),
    ...(identifierUris === undefined ? {} : { identifierUris: identifierUris.map(readIdentifierUri) }),
    ...(appRoles === undefined ? {} : { appRoles: readAppRoles(appRoles) }),
    ...(version === undefined ? {} : { requestedAccessTokenVersion: readVersion(version) }),
    ...(keys === undefined ? {} : { keyCredentials: await readKeyCredentials(keys, present, context.get('services')) }),
  };
}

function readIdentifierUri(value: unknown): string {
  if (typeof value === 'string' && URL.canParse(value) && !/\s/.test(value)) return value;
  throw badRequest("Invalid value specified for property 'identifierUris' of resource: each must be a URI.");
}

function readAppRoles(values: readonly unknown[]): readonly AppRole[] {
  const roles = values.map(readAppRole);
  for (const name of ['id', 'value'] as const) {
    if (new Set(roles.map((role) => role[name])).size === roles.length) continue;
    throw badRequest(`Property 'appRoles' has two entries with the same '${name}'.`);
  }
  return roles;
}

function readAppRole(value: unknown): AppRole {
  const entry = objectIn(value, 'An app role');
  const name = requiredText(entry, 'value');
  const id = requiredText(entry, 'id').toLowerCase();
  if (!isGuid(id)) throw badRequest("Invalid value specified for property 'id' of an app role: it must be a GUID.");
  return {
    ...appRole(id, name, optionalText(entry, 'description') ?? name),
    displayName: optionalText(entry, 'displayName') ?? name,
    isEnabled: optionalBoolean(entry, 'isEnabled') ?? true,
  };
}

function readVersion(value: unknown): 1 | 2 | null {
  if (value === 1 || value === 2 || value === null) return value;
  throw badRequest(
    "Invalid value specified for property 'requestedAccessTokenVersion' of resource: it must be 1, 2 or null.",
  );
}
