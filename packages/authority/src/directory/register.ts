import { CertgrantError, type Platform, randomUuid, thumbprints } from '@certgrant/core';
import { type CertificateInput, certificateFrom } from '../lib/certificate-input.ts';
import type { SeedAppRole } from '../seed.ts';
import type { Directory } from './directory.ts';
import { DirectoryError } from './directory-error.ts';
import type { AppRole } from './entities.ts';
import { keyCredential } from './key-credential.ts';
import { newPasswordCredential, type PasswordCredentialDetails } from './password-credential.ts';
import { appRole, graphAppId } from './well-known.ts';

/** What an application is registered with. */
export interface Registration {
  /** By default a new id. */
  readonly appId?: string | undefined;
  readonly displayName?: string | undefined;
  readonly certificate?: CertificateInput | undefined;
  readonly certificates?: readonly CertificateInput[] | undefined;
  /** A client secret: `true` for a random one, or a text, or more of it. */
  readonly secret?: ClientSecretInput | undefined;
  readonly secrets?: readonly ClientSecretInput[] | undefined;
  /** Of Microsoft Graph (`User.Read.All`), or of another API of the tenant (`api://orders/Orders.Read`). */
  readonly permissions?: readonly string[] | undefined;
  readonly identifierUris?: readonly string[] | undefined;
  /** The permissions that it offers as an API. */
  readonly appRoles?: readonly SeedAppRole[] | undefined;
  readonly requestedAccessTokenVersion?: 1 | 2 | null | undefined;
  /** Whether it may sign in; by default yes. */
  readonly enabled?: boolean | undefined;
  /** As an API: whether a client without a role is refused a token. */
  readonly appRoleAssignmentRequired?: boolean | undefined;
}

/** A client secret to be registered: a random one, this text, or what is said of it. */
export type ClientSecretInput = true | string | PasswordCredentialDetails;

/** A registered application. */
export interface Registered {
  readonly tenantId: string;
  readonly appId: string;
  /** Of the application. */
  readonly objectId: string;
  readonly servicePrincipalId: string;
  /** Of the first certificate; `undefined` without one. */
  readonly keyId: string | undefined;
  /** Of the first certificate: SHA-1 in upper-case hexadecimal. */
  readonly thumbprint: string | undefined;
  /** The first client secret, which is told here and nowhere else; `undefined` without one. */
  readonly secret: string | undefined;
}

/** Registers an application with its service principal, certificates and granted permissions. */
export async function register(
  directory: Directory,
  tenantId: string,
  wanted: Registration,
  platform: Platform,
): Promise<Registered> {
  const { displayName = 'daemon', permissions = [], enabled = true, appRoleAssignmentRequired = false } = wanted;
  const inputs = wanted.certificate === undefined ? [] : [wanted.certificate];
  const certificates = [...inputs, ...(wanted.certificates ?? [])].map(certificateFrom);
  const keyCredentials = await Promise.all(
    certificates.map((certificate) => keyCredential(certificate, { keyId: randomUuid(platform) })),
  );
  const secretInputs = wanted.secret === undefined ? [] : [wanted.secret];
  const secrets = [...secretInputs, ...(wanted.secrets ?? [])].map((input) =>
    newPasswordCredential(secretDetails(input), platform),
  );
  const grants = await Promise.all(permissions.map((permission) => findRole(directory, tenantId, permission)));
  const application = await directory.createApplication(tenantId, {
    displayName,
    keyCredentials,
    passwordCredentials: secrets.map(({ credential }) => credential),
    ...(wanted.appId === undefined ? {} : { appId: wanted.appId }),
    identifierUris: wanted.identifierUris ?? [],
    appRoles: (wanted.appRoles ?? []).map((role) => newRole(role, platform)),
    requestedAccessTokenVersion: wanted.requestedAccessTokenVersion ?? null,
  });
  const servicePrincipal = await directory.createServicePrincipal(tenantId, application.appId, {
    accountEnabled: enabled,
    appRoleAssignmentRequired,
  });
  for (const grant of grants) await directory.assignAppRole(tenantId, { principalId: servicePrincipal.id, ...grant });
  const [first] = certificates;
  return {
    tenantId,
    appId: application.appId,
    objectId: application.id,
    servicePrincipalId: servicePrincipal.id,
    keyId: keyCredentials[0]?.keyId,
    thumbprint: first === undefined ? undefined : (await thumbprints(first)).sha1,
    secret: secrets[0]?.secretText,
  };
}

function secretDetails(input: ClientSecretInput): PasswordCredentialDetails {
  if (input === true) return {};
  return typeof input === 'string' ? { secretText: input } : input;
}

/** `User.Read.All` is Microsoft Graph's; anything with a slash is `{API}/{role}`. */
async function findRole(
  directory: Directory,
  tenantId: string,
  permission: string,
): Promise<{ resourceId: string; appRoleId: string }> {
  const slash = permission.lastIndexOf('/');
  const api = slash === -1 ? graphAppId : permission.slice(0, slash);
  const value = permission.slice(slash + 1);
  const resource = await directory.resource(tenantId, api);
  const role = resource?.appRoles.find((each) => each.value.toLowerCase() === value.toLowerCase());
  if (resource !== undefined && role !== undefined) return { resourceId: resource.id, appRoleId: role.id };
  const known = resource?.appRoles.map((each) => each.value).join(', ') ?? '';
  const fault =
    resource === undefined ? `there is no API ${api}` : `${resource.displayName} has no permission ${value}`;
  throw new CertgrantError('SETTINGS_INVALID', `register application: ${fault}`, {
    fix: known === '' ? 'Register the API with this app role first' : `Choose one of ${known}`,
  });
}

function newRole(role: SeedAppRole, platform: Platform): AppRole {
  if (typeof role === 'string') return appRole(randomUuid(platform), role);
  const { id = randomUuid(platform), value, displayName = value } = role;
  return { ...appRole(id.toLowerCase(), value), displayName };
}

/** What the directory refused, as an error for who called the library. */
export function asSettingsError(thrown: unknown): unknown {
  if (!(thrown instanceof DirectoryError)) return thrown;
  const fix = 'Choose another id, domain or identifier URI, or leave it out';
  return new CertgrantError('SETTINGS_INVALID', `register application: ${thrown.message}`, { fix, cause: thrown });
}
