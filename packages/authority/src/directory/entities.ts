/**
 * What the directory holds, as plain data: stores keep it as JSON, the Graph endpoints show most of it as it is, so
 * that the names are those of Microsoft Graph. All times are ISO 8601 in UTC.
 */

/** A tenant, whose names in a URL are its id and its domain. */
export interface Tenant {
  readonly id: string;
  readonly displayName: string;
  readonly domain: string;
  readonly createdDateTime: string;
}

/** A certificate of an application. */
export interface KeyCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  /** Base64; the SHA-1 thumbprint unless the caller chose otherwise. */
  readonly customKeyIdentifier: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** The certificate's DER in base64. */
  readonly key: string;
  readonly type: 'AsymmetricX509Cert';
  readonly usage: 'Verify';
}

/** A client secret of an application; the secret itself is told once, when it is made, and kept nowhere. */
export interface PasswordCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  /** The first three characters of the secret. */
  readonly hint: string;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** Salt and hash, see `password-credential.ts`; never shown. */
  readonly secretHash: string;
}

/** What an application proves itself with. */
export interface Credentials {
  readonly keyCredentials: readonly KeyCredential[];
  readonly passwordCredentials: readonly PasswordCredential[];
}

/** Credentials that were replaced, for as long as the token endpoint still goes by them. */
export interface CredentialsBefore extends Credentials {
  /** When they were replaced. */
  readonly until: string;
}

/** An application or a service principal: both have credentials. */
export interface CredentialHolder extends Credentials {
  /** Earliest first; only where changes take time to reach the token endpoint. */
  readonly credentialsBefore?: readonly CredentialsBefore[] | undefined;
}

/** A permission that an API offers; granted to an application, it comes back in the token's `roles`. */
export interface AppRole {
  readonly id: string;
  readonly value: string;
  readonly displayName: string;
  readonly description: string;
  readonly allowedMemberTypes: readonly string[];
  readonly isEnabled: boolean;
}

/** An application's registration, in the tenant that owns it. */
export interface Application extends CredentialHolder {
  /** The object id, not the application id. */
  readonly id: string;
  readonly tenantId: string;
  readonly appId: string;
  readonly displayName: string;
  readonly createdDateTime: string;
  readonly signInAudience: string;
  readonly identifierUris: readonly string[];
  readonly appRoles: readonly AppRole[];
  /** Which version of access tokens this application, as an API, is given; `null` means 1. */
  readonly requestedAccessTokenVersion: 1 | 2 | null;
  /** Object ids of the service principals that may change it with Application.ReadWrite.OwnedBy. */
  readonly owners: readonly string[];
}

/** What an application is inside one tenant: what signs in there and what permissions are granted to. */
export interface ServicePrincipal extends CredentialHolder {
  readonly id: string;
  readonly tenantId: string;
  readonly appId: string;
  readonly displayName: string;
  readonly createdDateTime: string;
  readonly accountEnabled: boolean;
  /** Whether a client without any role is refused a token for it. */
  readonly appRoleAssignmentRequired: boolean;
  readonly appOwnerOrganizationId: string;
  /** The application id and the identifier URIs: what a token may be asked for by. */
  readonly servicePrincipalNames: readonly string[];
  readonly appRoles: readonly AppRole[];
  readonly requestedAccessTokenVersion: 1 | 2 | null;
  readonly owners: readonly string[];
}

/** A granted permission. */
export interface AppRoleAssignment {
  readonly id: string;
  readonly tenantId: string;
  readonly createdDateTime: string;
  readonly principalId: string;
  readonly principalDisplayName: string;
  readonly resourceId: string;
  readonly resourceDisplayName: string;
  /** All zeros is access without a role. */
  readonly appRoleId: string;
}

/** A person in the directory, so that an access token has something to read. */
export interface User {
  readonly id: string;
  readonly tenantId: string;
  readonly displayName: string;
  readonly givenName: string;
  readonly surname: string;
  readonly jobTitle: string;
  readonly mail: string;
  readonly userPrincipalName: string;
}

/** A group of people. */
export interface Group {
  readonly id: string;
  readonly tenantId: string;
  readonly createdDateTime: string;
  readonly displayName: string;
  readonly description: string;
  readonly mailNickname: string;
}

/** That a user belongs to a group. */
export interface GroupMember {
  readonly id: string;
  readonly tenantId: string;
  readonly groupId: string;
  readonly memberId: string;
}

/** The kinds of entities by their names in Microsoft Graph. */
export interface Entities {
  readonly tenants: Tenant;
  readonly applications: Application;
  readonly servicePrincipals: ServicePrincipal;
  readonly appRoleAssignments: AppRoleAssignment;
  readonly users: User;
  readonly groups: Group;
  readonly groupMembers: GroupMember;
}

/** The name of a kind of entities. */
export type Kind = keyof Entities;

/** Grants access without a role. */
export const defaultAppRoleId = '00000000-0000-0000-0000-000000000000';
