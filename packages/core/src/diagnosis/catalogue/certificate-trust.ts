import type { Evidence } from '../evidence.ts';
import { type CatalogueEntry, proves, raises, rulesOut, says } from './entry.ts';
import { chainOf } from './signs.ts';
import * as sources from './sources.ts';

/** Certificates that are trusted by their issuer and subject name (SN/I), or presented in TLS. */

function hasExpired({ certificate, serverTime, localTime }: Evidence): boolean {
  const now = serverTime ?? localTime;
  return certificate !== undefined && now !== undefined && certificate.notAfter < now;
}

function hasNotBegun({ certificate, serverTime, localTime }: Evidence): boolean {
  const now = serverTime ?? localTime;
  return certificate !== undefined && now !== undefined && certificate.notBefore > now;
}

/** Codes about certificates that the server judges by themselves. */
export const certificateTrust: readonly CatalogueEntry[] = [
  {
    code: 1000502,
    title: 'The certificate is outside its period of validity',
    meaning: 'The certificate in the header or of the TLS connection has expired or is not valid yet.',
    causes: [
      {
        id: 'certificate-expired',
        usual: 'likely',
        why: 'The certificate has expired, and the client still uses it: an old file, or a copy in memory',
        fix: 'Let the client load the renewed certificate; certgrant cert check says beforehand when one is due',
        signs: [
          proves('The certificate at hand has expired', hasExpired),
          rulesOut('The certificate at hand is not valid yet', hasNotBegun),
        ],
      },
      {
        id: 'certificate-not-yet-valid',
        usual: 'possible',
        why: 'The validity of the certificate has not begun yet',
        fix: 'Use the certificate before it until then',
        signs: [
          proves('The certificate at hand is not valid yet', hasNotBegun),
          rulesOut('The certificate at hand has expired', hasExpired),
        ],
      },
    ],
    sources: [sources.identityWebReload],
  },
  {
    code: 7000213,
    title: 'The certificate chain is not valid',
    meaning:
      'The application trusts certificates by subject name and issuer (SN/I), and the chain ends in no CA that is allowed.',
    causes: [
      {
        id: 'chain-incomplete',
        usual: 'likely',
        why: 'The header has the certificate without the CAs between it and the root',
        fix: 'Give certgrant the whole chain, leaf first, and send it: --send-chain',
        signs: [
          raises('The header carries one certificate', (evidence) => chainOf(evidence)?.length === 1),
          rulesOut('The header carries several certificates', (evidence) => (chainOf(evidence)?.length ?? 0) > 1),
        ],
      },
      {
        id: 'issuer-not-trusted',
        usual: 'likely',
        why: 'The certificate comes from a CA that is not allowed for this application: self-signed, or issued elsewhere',
        fix: 'Have the application trust the issuing CA and its subject name, or upload the certificate itself',
        signs: [
          proves('The certificate at hand is self-signed', ({ certificate }) => certificate?.isSelfSigned === true),
        ],
      },
    ],
    sources: [sources.thread('AzureAD/microsoft-authentication-library-for-dotnet/issues/3909')],
  },
  {
    code: 700030,
    title: 'The subject name of the certificate is not allowed for this application',
    meaning:
      'The application trusts certificates by subject name and issuer (SN/I); the message lists the names that the certificate has.',
    causes: [
      {
        id: 'subject-name-not-configured',
        usual: 'likely',
        why: 'The certificate has another subject name than the application is configured with: a name was changed at renewal, or the application is another one',
        fix: 'Use a certificate with the configured subject name, or have the new name configured on the application',
      },
    ],
    sources: [sources.errorCodes, sources.thread('AzureAD/microsoft-authentication-library-for-js/issues/3741')],
  },
  ...[7000214, 7000277].map(
    (code): CatalogueEntry => ({
      code,
      title: 'The certificate was revoked',
      meaning: 'The CA that issued the certificate has revoked it, or its key was reported as known to others.',
      causes: [
        {
          id: 'certificate-revoked',
          usual: 'likely',
          why: 'The certificate was revoked, and the client still uses it',
          fix: 'Get a new certificate with a new key, let the client load it, and find out why the old one was revoked',
        },
      ],
      sources: [sources.identityWebReload],
    }),
  ),
  {
    code: 392200,
    title: 'The connection came without a client certificate',
    meaning: 'A token that is bound to a certificate (RFC 8705) was asked for, and TLS brought no certificate.',
    causes: [
      {
        id: 'no-certificate-in-tls',
        usual: 'likely',
        why: 'A proxy that opens TLS stands between, or the client did not present the certificate',
        fix: 'Let the connection to the mtlsauth host pass unopened, and configure the certificate for TLS',
      },
    ],
    sources: [sources.mutualTls, sources.thread('AzureAD/microsoft-authentication-library-for-dotnet/issues/6117')],
  },
  {
    code: 51000,
    name: 'RequiredFeatureNotEnabled',
    title: 'A feature that the request needs is switched off',
    meaning:
      'With certificates this is met as MtlsClientAuth: client authentication in TLS is off for this tenant or application.',
    causes: [
      {
        id: 'mtls-not-enabled',
        usual: 'likely',
        why: 'Authentication by mutual TLS is not enabled for this tenant, application or region',
        fix: 'Send a signed client assertion instead, to the ordinary token endpoint',
        signs: [says(/Mtls/i, 'The server names mutual TLS')],
      },
      {
        id: 'feature-not-enabled',
        usual: 'possible',
        why: 'Another feature is off that the message names',
        fix: 'Have the feature enabled, or leave out what asks for it',
        signs: [rulesOut('The server names mutual TLS', ({ message }) => /Mtls/i.test(message))],
      },
    ],
    sources: [sources.errorCodes, sources.mutualTls],
  },
  {
    code: 500181,
    title: 'The token is bound to another certificate',
    meaning:
      'A token that is bound to a certificate (RFC 8705) is good only over a connection with that very certificate.',
    causes: [
      {
        id: 'bound-token-is-stale',
        usual: 'likely',
        why: 'The certificate was renewed, and a token from before is still in the cache',
        fix: 'Clear the cached tokens after the certificate was replaced, and ask for a new one',
      },
    ],
    sources: [sources.mutualTls, sources.thread('AzureAD/microsoft-authentication-library-for-dotnet/issues/6117')],
  },
];
