import type { Certificate } from '../certificate/certificate.ts';
import { thumbprints } from '../certificate/thumbprint.ts';
import { CertgrantError, isCertgrantError } from '../errors.ts';
import { requireGuid } from '../lib/guid.ts';
import { isRecord } from '../lib/http.ts';
import { findAppRoles } from './app-role.ts';
import type { GraphClient, GraphObject, GraphRequestOptions } from './graph-client.ts';
import { IncompleteRegistrationError, type RegisteredSoFar } from './incomplete-registration-error.ts';
import { keyCredentialOf } from './key-credential.ts';
import { pause } from './pause.ts';

/** The application id of Microsoft Graph, the same in every tenant and cloud. */
const microsoftGraph = '00000003-0000-0000-c000-000000000000';

/** What an application is registered with. */
export interface RegisterApplicationOptions {
  readonly displayName: string;
  /** The certificate that the application signs in with; its private key is not needed. */
  readonly certificate: Certificate;
  /** Application permissions of the resource by value, such as `User.Read.All`; consent is given along with them. */
  readonly permissions: readonly string[];
  /** The application id of the API that the permissions belong to; by default Microsoft Graph's. */
  readonly resourceAppId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An application that can sign in. */
export interface RegisteredApplication {
  /** The client id. */
  readonly appId: string;
  /** The id of the application object, which is another than `appId`. */
  readonly objectId: string;
  readonly servicePrincipalId: string;
  /** Of the certificate at the application. */
  readonly keyId: string;
  /** The certificate's SHA-1 in upper-case hexadecimal, as portals show it. */
  readonly thumbprint: string;
}

/** The app roles to grant, and whose they are. */
interface Grant {
  readonly resourceId: string;
  readonly appRoleIds: readonly string[];
}

/**
 * Registers an application with its certificate: application, key credential, service principal, and an app role
 * assignment with consent for each permission (learn.microsoft.com/graph/api, "Create application" and the pages that
 * follow it).
 *
 * The permissions are looked up first, so that a misspelled one leaves nothing behind.
 *
 * @param client with an access token that may make applications, and grant permissions where some are asked for
 * @returns the ids; `appId` is the client id
 * @throws {IncompleteRegistrationError} when a later step failed, with the ids of what exists by then
 * @throws {GraphError} when the first step was refused
 * @throws {CertgrantError} `USAGE` for a permission that the resource does not have; what the network does
 * @example
 * const permissions = ['User.Read.All'];
 * const { appId } = await registerApplication(client, { displayName: 'my-daemon', certificate, permissions });
 */
export async function registerApplication(
  client: GraphClient,
  options: RegisterApplicationOptions,
): Promise<RegisteredApplication> {
  const { certificate, resourceAppId = microsoftGraph, signal } = options;
  if (options.displayName.trim() === '') {
    throw new CertgrantError('USAGE', 'register application: the name is empty', { fix: 'Give it a name' });
  }
  const grant = await lookUp(client, resourceAppId, options);
  const application = await createApplication(client, resourceAppId, grant, options);
  let registered: RegisteredSoFar = application;
  try {
    const keyId = application.keyId ?? (await readKeyId(client, application.objectId, signal));
    const servicePrincipalId = await createServicePrincipal(client, application.appId, signal);
    registered = { appId: application.appId, objectId: application.objectId, servicePrincipalId };
    for (const appRoleId of grant?.appRoleIds ?? []) {
      await assign(client, { servicePrincipalId, resourceId: grant?.resourceId, appRoleId }, signal);
    }
    const { appId, objectId } = application;
    return { appId, objectId, servicePrincipalId, keyId, thumbprint: (await thumbprints(certificate)).sha1 };
  } catch (thrown) {
    throw new IncompleteRegistrationError(registered, thrown);
  }
}

/** The permissions as app roles of the resource's service principal; `undefined` when there are none to grant. */
async function lookUp(
  client: GraphClient,
  resourceAppId: string,
  { permissions, signal }: RegisterApplicationOptions,
): Promise<Grant | undefined> {
  if (permissions.length === 0) return undefined;
  const action = 'find resource';
  const appId = requireGuid(resourceAppId, {
    action,
    name: "the resource's application id",
    fix: 'Give the application (client) id of the API, 8-4-4-4-12 hexadecimal digits',
  });
  const path = `/servicePrincipals(appId='${appId}')?$select=id,displayName,appRoles,oauth2PermissionScopes`;
  const resource = await client.get(path, { action, permission: 'Application.Read.All', signal });
  return { resourceId: member(resource, 'id', action), appRoleIds: findAppRoles(resource, permissions) };
}

async function createApplication(
  client: GraphClient,
  resourceAppId: string,
  grant: Grant | undefined,
  { displayName, certificate, signal }: RegisterApplicationOptions,
): Promise<{ appId: string; objectId: string; keyId: string | undefined }> {
  const action = 'create application';
  const resourceAccess = grant?.appRoleIds.map((id) => ({ id, type: 'Role' }));
  const body = {
    displayName,
    signInAudience: 'AzureADMyOrg',
    keyCredentials: [await keyCredentialOf(certificate)],
    // What the portal lists as the application's permissions; the assignments below are what counts.
    ...(resourceAccess === undefined ? {} : { requiredResourceAccess: [{ resourceAppId, resourceAccess }] }),
  };
  const application = await client.post('/applications', body, {
    action,
    permission: 'Application.ReadWrite.All',
    signal,
  });
  return {
    appId: member(application, 'appId', action),
    objectId: member(application, 'id', action),
    keyId: keyIdOf(application),
  };
}

async function readKeyId(client: GraphClient, objectId: string, signal: AbortSignal | undefined): Promise<string> {
  const action = 'read key credential';
  const path = `/applications/${encodeURIComponent(objectId)}?$select=keyCredentials`;
  const application = await afterCreation(client, (request) => client.get(path, request), { action, signal });
  const keyId = keyIdOf(application);
  if (keyId === undefined) throw missing('keyId', action);
  return keyId;
}

/** The application is new, so its only key is the one that it was created with. */
function keyIdOf({ keyCredentials }: GraphObject): string | undefined {
  const [key] = Array.isArray(keyCredentials) ? keyCredentials : [];
  return isRecord(key) && typeof key.keyId === 'string' ? key.keyId : undefined;
}

async function createServicePrincipal(
  client: GraphClient,
  appId: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const action = 'create service principal';
  const options = { action, permission: 'Application.ReadWrite.All', signal };
  const made = await afterCreation(client, (request) => client.post('/servicePrincipals', { appId }, request), options);
  return member(made, 'id', action);
}

interface Assignment {
  readonly servicePrincipalId: string;
  readonly resourceId: string | undefined;
  readonly appRoleId: string;
}

async function assign(client: GraphClient, assignment: Assignment, signal: AbortSignal | undefined): Promise<void> {
  const { servicePrincipalId, resourceId, appRoleId } = assignment;
  const path = `/servicePrincipals/${encodeURIComponent(servicePrincipalId)}/appRoleAssignments`;
  const body = { principalId: servicePrincipalId, resourceId, appRoleId };
  const options = { action: 'grant permission', permission: 'AppRoleAssignment.ReadWrite.All', signal };
  await afterCreation(client, (request) => client.post(path, body, request), options);
}

/** Waits before another try, in milliseconds: what was created reaches all of Graph's replicas in some seconds. */
const replication = [1000, 2000, 4000, 8000] as const;

/** Makes a request that names an object which was created a moment ago, and bears with a replica that lacks it. */
async function afterCreation(
  client: GraphClient,
  send: (options: GraphRequestOptions) => Promise<GraphObject>,
  options: GraphRequestOptions,
): Promise<GraphObject> {
  for (const wait of replication) {
    try {
      return await send(options);
    } catch (thrown) {
      if (!isUnknownYet(thrown)) throw thrown;
      await pause(client.platform, wait, options);
    }
  }
  return send(options);
}

function isUnknownYet(thrown: unknown): boolean {
  if (!isCertgrantError(thrown) || !('status' in thrown)) return false;
  return (
    thrown.status === 404 ||
    (thrown.status === 400 &&
      /not reference a valid application object|NoBackingApplicationObject/.test(thrown.message))
  );
}

function member(object: GraphObject, name: string, action: string): string {
  const value = object[name];
  if (typeof value !== 'string' || value === '') throw missing(name, action);
  return value;
}

function missing(name: string, action: string): CertgrantError {
  return new CertgrantError('RESPONSE_UNEXPECTED', `${action}: Graph answered without ${name}`, {
    fix: 'Check that the URL is the one of Microsoft Graph',
  });
}
