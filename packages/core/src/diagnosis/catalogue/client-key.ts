import { type CatalogueEntry, lowers, proves, says } from './entry.ts';
import {
  anotherCertificate,
  authorityFirst,
  chainMissing,
  changed,
  expired,
  hexText,
  noThumbprint,
  notRegistered,
  notYetValid,
  sha1AsX5tS256,
  sha256AsX5t,
  strictAlgorithm,
  unsupportedAlgorithm,
  wrongApplication,
  wrongKey,
  wrongPadding,
} from './key-causes.ts';
import { algorithmOf } from './signs.ts';
import * as sources from './sources.ts';

/** The key that signed the assertion: which one it is, and whether the signature is its own. */

const keyCauses = [
  notRegistered,
  wrongApplication,
  expired,
  hexText,
  sha256AsX5t,
  sha1AsX5tS256,
  wrongKey,
  wrongPadding,
  chainMissing,
  notYetValid,
  noThumbprint,
  unsupportedAlgorithm,
  strictAlgorithm,
  authorityFirst,
  changed,
  anotherCertificate,
];

/** Codes about the key that signed the assertion. */
export const clientKey: readonly CatalogueEntry[] = [
  {
    code: 700027,
    title: 'The signature of the client assertion could not be verified with a key of the application',
    meaning:
      'One code for several mistakes. The server looks the certificate up by the thumbprint in the header, looks at its dates, and verifies the signature; the part in brackets after Reason says where it stopped.',
    causes: keyCauses,
    sources: [
      sources.certificateCredentials,
      sources.errorCodes,
      sources.thread('open-webui/oikb/pull/120'),
      sources.thread('AzureAD/azure-activedirectory-library-for-dotnet/issues/309'),
      sources.thread('MicrosoftDocs/entra-docs/pull/1607'),
      sources.thread('keycloak/keycloak/issues/25439'),
      sources.thread('AzureAD/azure-activedirectory-library-for-python/issues/225'),
      sources.thread('AzureAD/microsoft-authentication-library-for-js/issues/8339'),
    ],
  },
  {
    code: 7000274,
    title: 'The signature of the client assertion is not valid',
    meaning:
      'A relative of 700027 that Microsoft does not document; its own libraries reload the certificate after it.',
    causes: [notRegistered, { ...expired, usual: 'likely' }, wrongKey, wrongPadding],
    sources: [sources.identityWebReload, sources.certificateCredentials],
  },
  {
    code: 5002730,
    title: 'The key does not fit the signing algorithm',
    meaning: 'The certificate was found, and its key is of a kind that cannot have made such a signature.',
    causes: [
      {
        id: 'key-is-not-rsa',
        usual: 'likely',
        why: 'The certificate has an EC or other key, and Microsoft Entra ID takes RSA keys only',
        fix: 'Use a certificate with an RSA key of 2048 bits or more',
        signs: [
          proves(
            'The certificate at hand has no RSA key',
            ({ certificate }) => certificate !== undefined && certificate.keyType !== 'RSA',
          ),
          lowers('The certificate at hand has an RSA key', ({ certificate }) => certificate?.keyType === 'RSA'),
        ],
      },
      {
        id: 'alg-is-of-another-key-type',
        usual: 'possible',
        why: 'alg in the header names an algorithm of another type of key than the certificate has',
        fix: 'Write the algorithm into alg that the key really signs with: PS256 or RS256',
        signs: [proves('alg is one of EC keys', (evidence) => /^(ES|Ed)/.test(algorithmOf(evidence) ?? ''))],
      },
    ],
    sources: [
      sources.thread('AzureAD/microsoft-authentication-library-for-dotnet/issues/4712'),
      sources.thread('AzureAD/microsoft-authentication-library-for-python/issues/534'),
      sources.thread('n8n-io/n8n/pull/32948'),
    ],
  },
  {
    code: 50012,
    name: 'AuthenticationFailed',
    title: 'The client could not be authenticated',
    meaning:
      'The older frame around what 700027, 700024, 700023 and 7000215 say today; the sentence after it tells which.',
    causes: [
      {
        id: 'signature-not-valid',
        usual: 'likely',
        why: 'The signature of the assertion could not be verified with a certificate of the application',
        fix: 'Compare the thumbprint that certgrant cert inspect shows with the certificates of the application; certgrant explain 700027 lists what else it can be',
        signs: [says(/invalid signature|Reason - /i, 'The server says that the signature is not valid')],
      },
      {
        id: 'assertion-out-of-time',
        usual: 'possible',
        why: 'The assertion is not within its time range',
        fix: "Set this machine's clock right, and sign a new assertion",
        signs: [says(/valid time range/i, 'The server says that the time range does not hold')],
      },
      {
        id: 'audience-mismatch',
        usual: 'possible',
        why: 'The audience of the assertion is not this token endpoint',
        fix: 'Make aud the URL of the token endpoint that the request is posted to',
        signs: [says(/audience/i, 'The server says that the audience does not match')],
      },
      {
        id: 'assertion-used-before',
        usual: 'unlikely',
        why: 'The assertion was sent before, to an authority that takes each one once: certgrant authority --strict',
        fix: 'Sign a new assertion for each request; Microsoft Entra ID takes one more than once',
        signs: [says(/used before/, 'The server says that the assertion was used before')],
      },
      {
        id: 'client-secret-wrong',
        usual: 'unlikely',
        why: 'The client secret is wrong',
        fix: 'Use the value of the secret, or a certificate instead',
        signs: [says(/client secret/i, 'The server says that the secret is not valid')],
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 70002,
    name: 'InvalidClient',
    title: 'The credentials of the client could not be validated',
    meaning: 'A frame: the code that follows it in the same message says why.',
    causes: [
      {
        id: 'see-inner-code',
        usual: 'likely',
        why: 'The client assertion or the secret does not hold; this code alone does not say for what reason',
        fix: 'Look at the code that stands behind this one, or explain the whole message',
      },
    ],
    sources: [sources.errorCodes],
  },
];
