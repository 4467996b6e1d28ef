import type { Application, AppRole, AppRoleAssignment, ServicePrincipal, Tenant, User } from '../directory/entities.ts';

/** Entities as Graph shows them. */
export type View = Readonly<Record<string, unknown>>;

/** @param withKeys whether the certificates themselves are shown: only when they are selected from a single object */
export function applicationView(application: Application, withKeys = false): View {
  const { tenantId: _tenantId, owners: _owners, requestedAccessTokenVersion, ...shown } = application;
  return {
    ...shown,
    appRoles: application.appRoles.map(appRoleView),
    keyCredentials: application.keyCredentials.map((each) => (withKeys ? each : { ...each, key: null })),
    passwordCredentials: [],
    requiredResourceAccess: [],
    publisherDomain: null,
    api: {
      requestedAccessTokenVersion,
      acceptMappedClaims: null,
      knownClientApplications: [],
      oauth2PermissionScopes: [],
      preAuthorizedApplications: [],
    },
  };
}

export function servicePrincipalView(servicePrincipal: ServicePrincipal): View {
  const { tenantId: _tenantId, owners: _owners, requestedAccessTokenVersion: _version, ...shown } = servicePrincipal;
  return {
    ...shown,
    appDisplayName: servicePrincipal.displayName,
    servicePrincipalType: 'Application',
    appRoles: servicePrincipal.appRoles.map(appRoleView),
    keyCredentials: [],
    passwordCredentials: [],
    tags: [],
  };
}

export function assignmentView(assignment: AppRoleAssignment): View {
  const { tenantId: _tenantId, ...shown } = assignment;
  return { ...shown, principalType: 'ServicePrincipal', deletedDateTime: null };
}

export function userView(user: User): View {
  const { tenantId: _tenantId, ...shown } = user;
  return { ...shown, businessPhones: [], mobilePhone: null, officeLocation: null, preferredLanguage: 'en-GB' };
}

export function organizationView({ id, displayName, domain, createdDateTime }: Tenant): View {
  const verifiedDomains = [{ name: domain, type: 'Managed', capabilities: 'Email', isDefault: true, isInitial: true }];
  return { id, displayName, createdDateTime, tenantType: 'AAD', countryLetterCode: 'GB', verifiedDomains };
}

function appRoleView(role: AppRole): View {
  return { ...role, origin: 'Application' };
}
