import { type CatalogueEntry, proves, says } from './entry.ts';
import * as sources from './sources.ts';

/** What is asked for: the scope, the resource, the permission to have it. */

/** Codes about the API that the token is for. */
export const resourceAndScope: readonly CatalogueEntry[] = [
  {
    code: 1002012,
    title: 'The scope has to end in /.default',
    meaning: 'An application gets the permissions that were granted to it beforehand, and asks for them all at once.',
    causes: [
      {
        id: 'scope-without-default',
        usual: 'likely',
        why: 'The scope names a single permission, or the resource alone',
        fix: 'Ask for a scope of the form https://resource/.default; for Graph that is https://graph.microsoft.com/.default',
        signs: [
          proves(
            'The scope that the server names does not end in /.default',
            ({ facts: { scope } }) => scope !== undefined && !scope.endsWith('/.default'),
          ),
        ],
      },
    ],
    sources: [sources.clientCredentials, sources.thread('MicrosoftDocs/azure-docs/issues/99862')],
  },
  {
    code: 70011,
    name: 'InvalidScope',
    title: 'The scope is malformed',
    meaning: 'The server cannot read what stands in scope.',
    causes: [
      {
        id: 'scope-malformed',
        usual: 'likely',
        why: 'The scope is empty, misspelt, or encoded twice',
        fix: 'Ask for a scope of the form https://resource/.default',
      },
      {
        id: 'scope-of-a-user',
        usual: 'possible',
        why: 'The scope is one that users consent to (User.Read, openid), which an application cannot ask for by itself',
        fix: 'Ask for /.default of the resource, and have application permissions granted',
      },
    ],
    sources: [sources.errorCodes, sources.clientCredentials],
  },
  {
    code: 700022,
    name: 'InvalidMultipleResourcesScope',
    title: 'The scope names several resources',
    meaning: 'A token is for one API.',
    causes: [
      {
        id: 'several-resources',
        usual: 'likely',
        why: 'The scope lists permissions of several APIs',
        fix: 'Ask for one token for each API',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 28003,
    title: 'The scope is empty',
    meaning: 'The request named no scope where one is needed.',
    causes: [
      {
        id: 'scope-empty',
        usual: 'likely',
        why: 'scope is empty: a variable was not set',
        fix: 'Ask for a scope of the form https://resource/.default',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 901002,
    title: 'The v2.0 endpoint takes no resource parameter',
    meaning: 'resource belongs to the older endpoint; the newer one takes a scope.',
    causes: [
      {
        id: 'resource-at-v2',
        usual: 'likely',
        why: 'resource was sent to /oauth2/v2.0/token',
        fix: 'Send scope=RESOURCE/.default instead, or post to /oauth2/token',
      },
    ],
    sources: [sources.clientCredentials],
  },
  {
    code: 500011,
    name: 'InvalidResourceServicePrincipalNotFound',
    title: 'The API is not known in this tenant',
    meaning: 'The tenant has no service principal with the name that the scope begins with.',
    causes: [
      {
        id: 'resource-misspelt',
        usual: 'likely',
        why: "The API's address is misspelt, has a slash too many or too few, or is the address of a website instead of the App ID URI",
        fix: 'Check the resource in the scope: the App ID URI or the client id of the API, then /.default',
      },
      {
        id: 'resource-without-service-principal',
        usual: 'possible',
        why: 'The API has no service principal in this tenant: nobody has consented to it here',
        fix: 'Have an administrator add the API to the tenant, or ask in the tenant where it lives',
      },
      {
        id: 'wrong-tenant',
        usual: 'possible',
        why: 'The request went to another tenant than the one in which the API lives',
        fix: 'Check the tenant',
      },
      {
        id: 'wrong-cloud',
        usual: 'unlikely',
        why: "The API's address is the one of another cloud",
        fix: 'Take the address that the API has in this cloud',
      },
    ],
    sources: [sources.errorCodes, sources.nationalClouds],
  },
  {
    code: 50001,
    name: 'InvalidResource',
    title: 'The API is disabled or does not exist',
    meaning: 'The older form of 500011.',
    causes: [
      {
        id: 'resource-unknown',
        usual: 'likely',
        why: "The API's address is misspelt, or the API has no service principal in this tenant",
        fix: 'Check the resource, and that it exists in this tenant',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 500014,
    name: 'InvalidResourceServicePrincipalDisabled',
    title: 'The API is disabled in this tenant',
    meaning: 'The service principal of the resource is switched off, or its subscription has ended.',
    causes: [
      {
        id: 'resource-disabled',
        usual: 'likely',
        why: 'An administrator has switched off the API, or its subscription has lapsed',
        fix: "Have the API's enterprise application enabled again",
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 90009,
    title: 'The application asks for a token for itself in the wrong way',
    meaning: 'An application that asks for a token for its own API has to name itself by its client id.',
    causes: [
      {
        id: 'own-resource-by-uri',
        usual: 'likely',
        why: 'The resource is the App ID URI of the application that asks',
        fix: 'Name the resource by the client id: CLIENT-ID/.default',
      },
    ],
    sources: [sources.errorCodes],
  },
  ...[501051, 50105].map(
    (code): CatalogueEntry => ({
      code,
      ...(code === 50105 ? { name: 'EntitlementGrantsNotFound' } : {}),
      title: 'The application has no role at this API',
      meaning: 'The API gives tokens only to those that were assigned to a role of it (assignment required).',
      causes: [
        {
          id: 'no-app-role-assigned',
          usual: 'likely',
          why: 'No app role of the API was granted to the application',
          fix: 'Have an administrator assign the application to a role of that resource, or grant the application permission and consent',
        },
        {
          id: 'assignment-required-by-mistake',
          usual: 'possible',
          why: 'The API demands assignment although it knows no roles',
          fix: 'Switch "Assignment required" off on the enterprise application of the API',
        },
      ],
      sources: [sources.errorCodes, sources.clientCredentials],
    }),
  ),
  {
    code: 65001,
    name: 'DelegationDoesNotExist',
    title: 'Nobody has consented to this permission',
    meaning: 'Neither a user nor an administrator has allowed the application to do this in the name of a user.',
    causes: [
      {
        id: 'consent-missing',
        usual: 'likely',
        why: 'The permission was added to the application and not consented to, or other permissions are asked for than those that were',
        fix: 'Have an administrator grant consent',
      },
      {
        id: 'delegated-flow',
        usual: 'possible',
        why: 'The request is made in the name of a user; an application with a certificate has permissions of its own',
        fix: 'Ask with grant_type client_credentials and /.default, and have application permissions granted',
      },
    ],
    sources: [sources.errorCodes, sources.graphPermissions],
  },
  {
    code: 53003,
    name: 'BlockedByConditionalAccess',
    title: 'Conditional Access blocks this sign-in',
    meaning: 'A policy for workload identities applies to the service principal, and does not allow a token.',
    causes: [
      {
        id: 'location-not-allowed',
        usual: 'likely',
        why: 'The request comes from an address that is not among the allowed ones: another network, a new egress address, a changed proxy',
        fix: 'Have an administrator look up the sign-in by its correlation id; then ask from an allowed address, or have the new one added',
        signs: [says(/location|IP address/i, 'The server names the location')],
      },
      {
        id: 'service-principal-at-risk',
        usual: 'possible',
        why: 'The service principal counts as being at risk, as after leaked credentials',
        fix: 'Have an administrator look at the risky workload identities, replace the credentials, and clear the risk',
        signs: [says(/\brisk/i, 'The server names a risk')],
      },
      {
        id: 'policy-blocks-all',
        usual: 'possible',
        why: 'A policy blocks the application everywhere: it was included by mistake',
        fix: 'Have an administrator look up which Conditional Access policy blocks this workload, and exclude the application',
      },
    ],
    sources: [sources.conditionalAccess, sources.errorCodes],
  },
];
