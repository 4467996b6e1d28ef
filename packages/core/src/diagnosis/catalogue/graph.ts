import { type CatalogueEntry, proves, raises, rulesOut, says } from './entry.ts';
import * as sources from './sources.ts';

/** Errors of Microsoft Graph that a client with a certificate meets. */

const azureAdGraph = '00000002-0000-0000-c000-000000000000';

/** Codes of Graph's `error.code`. */
export const graph: readonly CatalogueEntry[] = [
  {
    code: 'Authentication_MissingOrMalformed',
    title: 'The access token or the proof of possession is missing or malformed',
    meaning:
      'addKey and removeKey answer this to every fault of the proof, although the text speaks of the access token.',
    causes: [
      {
        id: 'proof-audience-wrong',
        usual: 'likely',
        why: `aud of the proof is not ${azureAdGraph}; it is not the id of Microsoft Graph, and not its address`,
        fix: `Write ${azureAdGraph} into aud`,
        signs: [
          proves(
            'aud of the proof is another one',
            ({ assertion }) => assertion !== undefined && assertion.claims.aud !== azureAdGraph,
          ),
          rulesOut('aud of the proof is right', ({ assertion }) => assertion?.claims.aud === azureAdGraph),
        ],
      },
      {
        id: 'proof-issuer-is-not-the-object-id',
        usual: 'likely',
        why: 'iss of the proof is the client id; it has to be the object id of the application or service principal that the request names',
        fix: 'Take the object id for iss: id of the application in Graph, not appId',
        signs: [
          proves(
            'iss of the proof is another id than the request names',
            ({ assertion, objectId }) =>
              assertion !== undefined && objectId !== undefined && assertion.claims.iss !== objectId,
          ),
          rulesOut(
            'iss of the proof is the id that the request names',
            ({ assertion, objectId }) => objectId !== undefined && assertion?.claims.iss === objectId,
          ),
          raises(
            'iss and sub are the same, as in a client assertion',
            ({ assertion }) => assertion?.claims.iss !== undefined && assertion.claims.iss === assertion.claims.sub,
          ),
        ],
      },
      {
        id: 'proof-signed-with-unregistered-key',
        usual: 'possible',
        why: 'The proof is signed with the new key, or with one that has expired; only a key that is registered and valid now can vouch for another',
        fix: 'Sign the proof with the certificate that the application has at present',
      },
      {
        id: 'proof-lifetime-too-long',
        usual: 'possible',
        why: 'The proof is good for more than ten minutes, or it has expired',
        fix: 'Make exp at most ten minutes after nbf, and send it at once',
        signs: [
          proves(
            'The proof is good for more than ten minutes',
            ({ assertion }) =>
              assertion?.expiry !== undefined &&
              assertion.notBefore !== undefined &&
              assertion.expiry - assertion.notBefore > 600,
          ),
          raises(
            'The proof had expired when the answer came',
            ({ assertion, serverTime, localTime }) =>
              assertion?.expiry !== undefined &&
              assertion.expiry * 1000 < (serverTime ?? localTime ?? Number.NEGATIVE_INFINITY),
          ),
          rulesOut(
            'The proof is good for ten minutes or less',
            ({ assertion, serverTime, localTime }) =>
              assertion?.expiry !== undefined &&
              assertion.notBefore !== undefined &&
              assertion.expiry - assertion.notBefore <= 600 &&
              (serverTime ?? localTime) !== undefined &&
              assertion.expiry * 1000 >= (serverTime ?? localTime ?? 0),
          ),
        ],
      },
      {
        id: 'access-token-missing',
        usual: 'possible',
        why: 'The Authorization header is missing, or what follows Bearer is not a token',
        fix: 'Send Authorization: Bearer and the access token, without quotes or line breaks',
      },
      {
        id: 'proof-padded',
        usual: 'unlikely',
        why: 'The parts of the proof end in =; base64url in a JWT has no padding',
        fix: 'Remove the padding before signing',
        signs: [
          proves('The proof has padding', ({ assertion }) => assertion?.isPadded === true),
          rulesOut('The proof has no padding', ({ assertion }) => assertion?.isPadded === false),
        ],
      },
    ],
    sources: [
      sources.proofToken,
      sources.thread('microsoftgraph/microsoft-graph-docs/issues/14626'),
      sources.thread('microsoftgraph/microsoft-graph-docs/issues/10686'),
      sources.thread('microsoftgraph/microsoft-graph-docs/issues/22076'),
    ],
  },
  {
    code: 'InvalidAuthenticationToken',
    title: 'Graph does not accept the access token',
    meaning: 'The token is for another API, has expired, or is not a whole token.',
    causes: [
      {
        id: 'token-for-another-api',
        usual: 'likely',
        why: 'The token was issued for another API than Microsoft Graph',
        fix: 'Get a new access token with the scope https://graph.microsoft.com/.default; certgrant decode shows aud',
        signs: [says(/audience/i, 'Graph says that the audience does not match')],
      },
      {
        id: 'token-expired',
        usual: 'possible',
        why: 'The token has expired',
        fix: 'Ask for a new token',
        signs: [says(/expired|lifetime/i, 'Graph says that the token has expired')],
      },
      {
        id: 'token-damaged',
        usual: 'possible',
        why: 'The token was cut or changed on its way: a line break, quotation marks, a masked copy',
        fix: 'Pass the token on as certgrant token prints it; certgrant decode shows damage',
        signs: [says(/malformed|not well formed|parse|compact|empty/i, 'Graph says that the token is malformed')],
      },
    ],
    sources: [sources.graphErrors],
  },
  {
    code: 'Authorization_RequestDenied',
    title: 'The application lacks a permission',
    meaning: 'The token is good, and what it may do is not enough for this request.',
    causes: [
      {
        id: 'permission-not-granted',
        usual: 'likely',
        why: 'The application permission that the request needs was not granted, or an administrator has not consented to it',
        fix: 'Have the application permission granted with consent; certgrant decode shows the roles of the token',
      },
      {
        id: 'token-older-than-grant',
        usual: 'possible',
        why: 'The permission was granted after the token had been issued',
        fix: 'Ask for a new token, past every cache: certgrant token --no-cache',
      },
      {
        id: 'delegated-instead-of-application',
        usual: 'possible',
        why: 'The permission was granted as a delegated one, which counts only when a user is signed in',
        fix: 'Grant the application permission of the same name',
      },
    ],
    sources: [sources.graphPermissions, sources.thread('microsoftgraph/msgraph-sdk-powershell/issues/779')],
  },
  {
    code: 'Authorization_IdentityNotFound',
    title: 'Graph does not find who the token speaks for',
    meaning: 'The service principal or the tenant of the token is not known to Graph (any more, or yet).',
    causes: [
      {
        id: 'service-principal-missing',
        usual: 'likely',
        why: 'The application has no service principal in the tenant, or it was made or deleted a moment ago',
        fix: 'Create the service principal, wait a minute, and ask for a new token',
      },
      {
        id: 'wrong-tenant',
        usual: 'possible',
        why: 'The token is of another tenant than the one whose data is asked for',
        fix: 'Ask for the token in the tenant that is meant',
      },
    ],
    sources: [sources.graphErrors],
  },
];
