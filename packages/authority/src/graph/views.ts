import type {
  Application,
  AppRole,
  AppRoleAssignment,
  CredentialHolder,
  Group,
  KeyCredential,
  PasswordCredential,
  ServicePrincipal,
  Tenant,
  User,
} from '../directory/entities.ts';

/** Entities as Graph shows them. */
export type View = Readonly<Record<string, unknown>>;

/** @param withKeys whether the certificates themselves are shown: only when they are selected from a single object */
export function applicationView(application: Application, withKeys = false): View {
  const { requestedAccessTokenVersion, ...shown } = withoutInternals(application);
  return {
    ...shown,
    appRoles: application.appRoles.map(appRoleView),
    ...credentialsView(application, withKeys),
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

export function servicePrincipalView(servicePrincipal: ServicePrincipal, withKeys = false): View {
  const { requestedAccessTokenVersion: _version, ...shown } = withoutInternals(servicePrincipal);
  return {
    ...shown,
    appDisplayName: servicePrincipal.displayName,
    servicePrincipalType: 'Application',
    appRoles: servicePrincipal.appRoles.map(appRoleView),
    ...credentialsView(servicePrincipal, withKeys),
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

export function groupView(group: Group): View {
  const { tenantId: _tenantId, ...shown } = group;
  return { ...shown, groupTypes: [], mail: null, mailEnabled: false, securityEnabled: true, visibility: null };
}

export function keyCredentialView(credential: KeyCredential, withKey = false): View {
  return withKey ? { ...credential } : { ...credential, key: null };
}

/** @param secretText the secret, for the one answer to the request that has made it */
export function passwordCredentialView(credential: PasswordCredential, secretText: string | null = null): View {
  const { secretHash: _secretHash, ...shown } = credential;
  return { customKeyIdentifier: null, ...shown, secretText };
}

/** Without what the directory keeps for itself. */
function withoutInternals<T extends Application | ServicePrincipal>(
  holder: T,
): Omit<T, 'tenantId' | 'owners' | 'credentialsBefore'> {
  const { tenantId: _tenantId, owners: _owners, credentialsBefore: _before, ...shown } = holder;
  return shown;
}

function credentialsView({ keyCredentials, passwordCredentials }: CredentialHolder, withKeys: boolean): View {
  return {
    keyCredentials: keyCredentials.map((each) => keyCredentialView(each, withKeys)),
    passwordCredentials: passwordCredentials.map((each) => passwordCredentialView(each)),
  };
}

function appRoleView(role: AppRole): View {
  return { ...role, origin: 'Application' };
}
