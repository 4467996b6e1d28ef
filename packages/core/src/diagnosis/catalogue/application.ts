import { type CatalogueEntry, proves, raises, says } from './entry.ts';
import * as sources from './sources.ts';

/** Who asks: the application, its secret, its kind. */

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Codes about the application that asks. */
export const application: readonly CatalogueEntry[] = [
  {
    code: 700016,
    name: 'UnauthorizedClient_DoesNotMatchRequest',
    title: 'The application is not known in this tenant',
    meaning: 'The tenant has neither an application with this client id nor a service principal of one.',
    causes: [
      {
        id: 'client-id-wrong',
        usual: 'likely',
        why: 'The client id is not one of an application: a typing error, or the object id or the name was taken for it',
        fix: 'Take the application (client) id from the overview of the app registration',
        signs: [
          proves(
            'What was sent as the client id is not a GUID',
            ({ facts: { applicationId } }) => applicationId !== undefined && !guid.test(applicationId),
          ),
        ],
      },
      {
        id: 'wrong-tenant',
        usual: 'likely',
        why: 'The application lives in another tenant than the one that was asked',
        fix: 'Check the tenant: it must be the one in which the application is registered, or to which it was added',
      },
      {
        id: 'service-principal-missing',
        usual: 'possible',
        why: 'The application comes from another tenant, and no administrator of this one has consented to it, so that it has no service principal here',
        fix: 'Have an administrator of the tenant consent to the application, or create its service principal',
      },
      {
        id: 'wrong-cloud',
        usual: 'unlikely',
        why: 'The application is registered in another cloud than the one that was asked',
        fix: 'Choose the cloud or the authority host that the application is registered in',
      },
    ],
    sources: [sources.errorCodes, sources.nationalClouds],
  },
  {
    code: 70001,
    name: 'UnauthorizedClient',
    title: 'The application is disabled or not known',
    meaning: 'The older form of 700016 and 7000112.',
    causes: [
      {
        id: 'client-id-or-tenant-wrong',
        usual: 'likely',
        why: 'There is no application with this client id in this tenant',
        fix: 'Check client id and tenant',
      },
      {
        id: 'application-disabled',
        usual: 'possible',
        why: 'The application is disabled',
        fix: 'Have the application enabled in the tenant again',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 7000112,
    name: 'UnauthorizedClientApplicationDisabled',
    title: 'The application is disabled',
    meaning: 'An administrator, or Microsoft after abuse, has switched off sign-in for the application in this tenant.',
    causes: [
      {
        id: 'service-principal-disabled',
        usual: 'likely',
        why: 'Sign-in is switched off on the enterprise application (accountEnabled is false)',
        fix: 'Have an administrator switch "Enabled for users to sign-in" on again, once it is clear why it was off',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 7000114,
    title: 'The application may not act on behalf of users',
    meaning: 'The application asked for a token in the name of a user (on behalf of), and is not allowed to.',
    causes: [
      {
        id: 'on-behalf-of-not-allowed',
        usual: 'likely',
        why: 'The request uses the on-behalf-of flow where the application has permissions of its own only',
        fix: 'Use grant_type client_credentials, which certgrant does, or have the application allowed',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 7000229,
    title: 'The application has no service principal in this tenant',
    meaning: 'The application is registered, and its service principal in the tenant that was asked is missing.',
    causes: [
      {
        id: 'service-principal-missing',
        usual: 'likely',
        why: 'The service principal was never created in this tenant, or it was deleted',
        fix: 'Create it (certgrant app register does for a new application; az ad sp create --id CLIENT-ID for an old one), or have an administrator consent',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 7000215,
    title: 'The client secret is wrong',
    meaning: 'The request came with a client secret that is none of the application.',
    causes: [
      {
        id: 'secret-id-instead-of-value',
        usual: 'likely',
        why: 'The id of the secret was taken for its value; the portal shows both side by side, and the value only once',
        fix: 'Make a new secret and keep its value, or use a certificate instead',
      },
      {
        id: 'secret-of-another-application',
        usual: 'possible',
        why: 'The secret is one of another application, or it was changed on its way: a shell or a form encoded its special characters',
        fix: 'Check client id and secret together, and how the secret gets into the request',
      },
    ],
    sources: [sources.errorCodes, sources.clientCredentials],
  },
  {
    code: 7000222,
    name: 'InvalidClientSecretExpiredKeysProvided',
    title: 'The client secret has expired',
    meaning: 'All secrets of the application that fit the request are over.',
    causes: [
      {
        id: 'secret-expired',
        usual: 'likely',
        why: 'The secret has expired',
        fix: 'Make a new credential for the application: better a certificate, which can be renewed without a person',
      },
    ],
    sources: [sources.errorCodes],
  },
  ...[7000218, 7000216].map(
    (code): CatalogueEntry => ({
      code,
      title: 'The request carried no proof of identity',
      meaning: 'Neither client_assertion nor client_secret was in the request.',
      causes: [
        {
          id: 'no-credential-sent',
          usual: 'likely',
          why: 'No certificate or secret is configured in the client, or its variable is empty',
          fix: 'Check that a certificate is configured: certgrant token --cert FILE',
        },
        {
          id: 'assertion-type-missing',
          usual: 'possible',
          why: 'client_assertion or client_assertion_type is missing or misspelt, or the body is not a form',
          fix: 'Send both as application/x-www-form-urlencoded; the type is urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        },
        {
          id: 'public-client-expected',
          usual: 'unlikely',
          why: 'The program works without a credential, and the application is registered as a confidential client',
          fix: 'Allow public client flows on the application, if a person signs in with it',
        },
      ],
      sources: [sources.errorCodes, sources.clientCredentials],
    }),
  ),
  {
    code: 700025,
    name: 'InvalidClientPublicClientWithCredential',
    title: 'A public client may not present a credential',
    meaning: 'The application counts as a public client here, and the request came with a certificate or a secret.',
    causes: [
      {
        id: 'registered-as-public-client',
        usual: 'likely',
        why: 'The application is registered as a public client, or the redirect address of the request is one of a public client',
        fix: 'Register the application as a confidential client: a public one may not use a certificate',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 50196,
    name: 'LoopDetected',
    title: 'The client asks for the same thing over and over',
    meaning: 'The server ended a loop of equal requests in a short time.',
    causes: [
      {
        id: 'tokens-not-cached',
        usual: 'likely',
        why: 'The program asks for a new token before each call, instead of keeping the one that it has',
        fix: 'Keep the token until shortly before it expires: one TokenClient for the whole program does that',
        signs: [raises('The text has the error several times', ({ facts }) => (facts.occurrences ?? 1) > 1)],
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 1002016,
    title: 'The connection uses a version of TLS that is no longer taken',
    meaning: 'The request came over TLS 1.0 or 1.1, or with a cipher that is given up.',
    causes: [
      {
        id: 'old-tls-version',
        usual: 'likely',
        why: 'An old operating system, an old .NET Framework or a proxy speaks TLS 1.0 or 1.1',
        fix: 'Have the machine speak TLS 1.2 or later',
        signs: [says(/TLS/, 'The server names TLS')],
      },
    ],
    sources: ['https://learn.microsoft.com/troubleshoot/entra/entra-id/ad-dmn-services/enable-support-tls-environment'],
  },
];
