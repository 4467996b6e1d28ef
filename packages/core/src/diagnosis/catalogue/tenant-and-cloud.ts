import { type CatalogueEntry, proves, raises } from './entry.ts';
import * as sources from './sources.ts';

/** Where the request went: the tenant in the URL, the cloud, the region. */

const noTenant = {
  id: 'no-tenant-in-url',
  usual: 'likely',
  why: 'The URL names common, organizations or consumers; an application signs in to one tenant',
  fix: "Give the tenant's id or one of its domain names",
} as const;

function otherCloud(code: number, name?: string): CatalogueEntry {
  return {
    code,
    ...(name === undefined ? {} : { name }),
    title: 'The tenant or the application lives in another cloud',
    meaning:
      'Each national cloud has hosts of its own, and an application is good in the cloud that it is registered in.',
    causes: [
      {
        id: 'wrong-cloud',
        usual: 'likely',
        why: 'The request went to the host of another cloud than the one that the tenant or the application lives in',
        fix: 'Use the cloud that the application is registered in: --cloud, or AZURE_AUTHORITY_HOST',
      },
    ],
    sources: [sources.nationalClouds, sources.errorCodes],
  };
}

/** Codes about the tenant and the cloud. */
export const tenantAndCloud: readonly CatalogueEntry[] = [
  {
    code: 90002,
    name: 'InvalidTenantName',
    title: 'There is no such tenant in this cloud',
    meaning: 'The id or domain name in the URL belongs to no directory here.',
    causes: [
      {
        id: 'tenant-misspelt',
        usual: 'likely',
        why: "The tenant's id or domain name is misspelt, or the client id or a subscription id was taken for it",
        fix: "Check the tenant: the directory (tenant) id from the overview, or one of the tenant's domain names",
        signs: [
          proves(
            'The tenant that was asked is the client id',
            ({ facts, assertion }) => facts.tenant !== undefined && facts.tenant === assertion?.claims.iss,
          ),
        ],
      },
      {
        id: 'wrong-cloud',
        usual: 'possible',
        why: 'The tenant lives in another cloud',
        fix: 'Check that the cloud is the one the tenant lives in: --cloud, or AZURE_AUTHORITY_HOST',
      },
      {
        id: 'tenant-deleted',
        usual: 'unlikely',
        why: 'The tenant was deleted, or it has no active subscription',
        fix: "Ask the tenant's administrator",
      },
    ],
    sources: [sources.errorCodes, sources.nationalClouds],
  },
  {
    code: 900023,
    title: 'What stands in the URL cannot be a tenant',
    meaning: 'It is neither an id nor a domain name.',
    causes: [
      {
        id: 'tenant-malformed',
        usual: 'likely',
        why: 'The tenant is misspelt, a display name was taken for it, or a placeholder was not replaced',
        fix: 'Check the spelling of the tenant: its id or one of its domain names',
        signs: [
          raises('It looks like a placeholder', ({ facts: { tenant } }) =>
            /[{}<>$%[\]]|your|tenant/i.test(tenant ?? ''),
          ),
        ],
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 50059,
    name: 'MissingTenantRealmAndNoUserInformationProvided',
    title: 'The request names no tenant',
    meaning: 'Neither the URL nor anything in the request says in which directory the application is to sign in.',
    causes: [noTenant],
    sources: [sources.errorCodes, sources.clientCredentials],
  },
  {
    code: 50128,
    title: 'The domain name is not one of a tenant',
    meaning: 'No directory has verified the domain that the URL names.',
    causes: [
      {
        id: 'domain-not-verified',
        usual: 'likely',
        why: 'The domain is misspelt or not verified in a tenant',
        fix: "Give the tenant's id instead, or a domain that it lists as verified",
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 90019,
    name: 'MissingTenantRealm',
    title: 'The server cannot tell which tenant is meant',
    meaning: 'The request does not say in which directory the application is to sign in.',
    causes: [noTenant],
    sources: [sources.errorCodes],
  },
  ...[9001023, 90010].map(
    (code): CatalogueEntry => ({
      code,
      title: 'This grant does not work at common or consumers',
      meaning: 'The client credentials grant needs the URL of one tenant.',
      causes: [noTenant],
      sources: [sources.errorCodes, sources.clientCredentials],
    }),
  ),
  {
    code: 50049,
    name: 'NoSuchInstanceForDiscovery',
    title: 'The authority host is not known to Microsoft',
    meaning: 'A client library asked login.microsoftonline.com whether it knows the configured host, and it does not.',
    causes: [
      {
        id: 'private-authority',
        usual: 'likely',
        why: 'The authority is a private or local one, and the library checks every host with Microsoft unless told otherwise',
        fix: 'Switch instance discovery off in the library: knownAuthorities with host and port in MSAL Node, instance_discovery=False in Python, WithInstanceDiscovery(false) in Go and .NET, disableInstanceDiscovery in the Azure SDKs',
      },
      {
        id: 'authority-host-misspelt',
        usual: 'possible',
        why: 'The authority host is misspelt',
        fix: 'Check AZURE_AUTHORITY_HOST and the authority in the settings',
      },
    ],
    sources: [
      sources.thread('AzureAD/microsoft-authentication-library-for-go/issues/438'),
      sources.thread('Azure/azure-powershell/issues/22535'),
      sources.errorCodes,
    ],
  },
  otherCloud(90038, 'NationalCloudTenantRedirection'),
  otherCloud(900382),
  otherCloud(900432),
  otherCloud(90051, 'InvalidNationalCloudId'),
  {
    code: 100007,
    title: 'Regional endpoints are not for this application',
    meaning: 'Regional token endpoints serve managed identities and applications of Microsoft itself.',
    causes: [
      {
        id: 'region-configured',
        usual: 'likely',
        why: 'The client is configured for a region: AZURE_REGIONAL_AUTHORITY_NAME, MSAL_FORCE_REGION or WithAzureRegion',
        fix: 'Remove the region, so that the request goes to the ordinary host',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 500021,
    title: 'Access to this tenant is denied by tenant restrictions',
    meaning: 'A proxy of the network adds a header that lets sign-ins through to some tenants only.',
    causes: [
      {
        id: 'tenant-restrictions',
        usual: 'likely',
        why: "The network's proxy allows other tenants only",
        fix: 'Ask the network team to add the tenant to the allowed ones, or let the host bypass the proxy',
      },
    ],
    sources: [sources.errorCodes],
  },
];
