import type { Evidence } from '../evidence.ts';
import { type CatalogueEntry, type Cause, proves, raises, rulesOut } from './entry.ts';
import * as sources from './sources.ts';

/** Assertions that count as those of another issuer (workload identity federation). */

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function issuerOf({ assertion }: Evidence): string | undefined {
  const iss = assertion?.claims.iss;
  return typeof iss === 'string' ? iss : undefined;
}

const issuerIsNotTheClient: Cause = {
  id: 'assertion-issuer-is-not-the-client-id',
  usual: 'possible',
  why: 'The assertion was signed with a certificate, and its iss is not the client id; so the server takes it for one of another issuer',
  fix: 'Take the application (client) id for iss and sub',
  signs: [
    proves('The issuer that the server names is no URL', ({ message }) =>
      /presented assertion issuer '(?!https?:)[^']/.test(message),
    ),
    raises('iss is a GUID', (evidence) => guid.test(issuerOf(evidence) ?? '')),
    rulesOut('iss is the URL of an issuer', (evidence) => /^https:/.test(issuerOf(evidence) ?? '')),
  ],
};

function noMatch(
  code: number,
  member: 'issuer' | 'audience' | 'subject',
  causes: readonly Cause[] = [],
): CatalogueEntry {
  return {
    code,
    title: `No federated credential of the application has this ${member}`,
    meaning: `The assertion counts as one of another issuer, and its ${member} is in no federated identity credential of the application.`,
    causes: [
      {
        id: `federated-${member}-mismatch`,
        usual: 'likely',
        why: `The ${member} of the assertion differs from the configured one, be it in a slash or in upper and lower case`,
        fix: `Compare the ${member} that the message shows with the federated identity credentials of the application, character by character`,
      },
      ...causes,
      {
        id: 'wrong-application-or-tenant',
        usual: 'possible',
        why: 'The federated credential is on another application, or on one in another tenant',
        fix: 'Check client id and tenant',
      },
    ],
    sources: [
      sources.federatedCredentials,
      sources.thread('Azure/azure-workload-identity/issues/1200'),
      sources.thread('Azure/login/issues/515'),
    ],
  };
}

/** Codes about federated assertions. */
export const federation: readonly CatalogueEntry[] = [
  {
    ...noMatch(70021, 'subject', [{ ...issuerIsNotTheClient, usual: 'likely' }]),
    title: 'No federated credential of the application fits this assertion',
    meaning:
      'The assertion counts as one of another issuer, and no federated identity credential of the application fits it. 700211 to 700213 say which member differs.',
  },
  noMatch(700211, 'issuer', [{ ...issuerIsNotTheClient, usual: 'likely' }]),
  noMatch(700212, 'audience', [
    {
      id: 'audience-not-token-exchange',
      usual: 'possible',
      why: 'The identity provider writes another audience than api://AzureADTokenExchange',
      fix: 'Ask the provider for a token with the audience api://AzureADTokenExchange, or the one of the national cloud',
      signs: [
        proves('aud is not api://AzureADTokenExchange', ({ assertion }) => {
          const aud = assertion?.claims.aud;
          return typeof aud === 'string' && !/^api:\/\/AzureADTokenExchange/.test(aud);
        }),
      ],
    },
  ]),
  noMatch(700213, 'subject'),
  {
    ...noMatch(7002138, 'subject'),
    title: 'The subject differs from the federated credential in upper and lower case only',
  },
  {
    code: 700222,
    title: 'A token of Microsoft Entra ID cannot serve as a federated assertion',
    meaning:
      'Federation takes tokens of other issuers, and of Entra ID only those of managed identities that are set up for it.',
    causes: [
      {
        id: 'entra-token-as-assertion',
        usual: 'likely',
        why: 'An access token of Entra ID was sent as client_assertion',
        fix: 'Sign an assertion with the certificate of the application, or use a token of the external provider',
      },
    ],
    sources: [sources.federatedCredentials],
  },
];
