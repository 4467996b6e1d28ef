import type { CatalogueEntry, Cause } from './entry.ts';
import { lowers, proves } from './entry.ts';
import { algorithmOf } from './signs.ts';
import * as sources from './sources.ts';

/** OAuth errors by name, for servers that say no more. */

const tryLater: Cause = {
  id: 'server-busy-or-down',
  usual: 'likely',
  why: 'The server is busy or out of order for a while',
  fix: 'Try again later; if it stays so, look into the log of the server or of the proxy before it',
};

/** The errors of RFC 6749 §5.2 and those that extensions add. */
export const oauth: readonly CatalogueEntry[] = [
  {
    code: 'invalid_client',
    title: 'The client could not be authenticated',
    meaning:
      'The server does not know the client, or does not accept its assertion (RFC 6749 §5.2, RFC 7521 §4.2.1). What exactly it found is in its own log.',
    causes: [
      {
        id: 'certificate-not-registered',
        usual: 'likely',
        why: 'The certificate, or its public key, is not registered for this client, or the server finds it under another key id',
        fix: 'Check that the certificate is registered for this client id, and which audience, key id, algorithm and lifetime the server asks of an assertion',
      },
      {
        id: 'audience-mismatch',
        usual: 'likely',
        why: 'The server expects another audience: its issuer instead of the token endpoint, or the other way round',
        fix: 'Try the other one: --audience issuer or --audience token-endpoint',
      },
      {
        id: 'authentication-method-mismatch',
        usual: 'possible',
        why: 'The client is set up for another way of authentication than private_key_jwt: a secret, or mutual TLS',
        fix: 'Have the client set to private_key_jwt at the server',
      },
      {
        id: 'assertion-not-accepted',
        usual: 'possible',
        why: 'The algorithm, the lifetime or a jti that was used before does not suit the server, or the clocks differ',
        fix: 'Check the algorithm that the server takes, ask for a shorter lifetime, and set the clock right',
        signs: [lowers('alg is one that every server takes', (evidence) => algorithmOf(evidence) === 'RS256')],
      },
      {
        id: 'client-id-wrong',
        usual: 'possible',
        why: 'The client id is not one of this server',
        fix: 'Check the client id and the issuer',
      },
    ],
    sources: [sources.oauthErrors, sources.assertionFramework, sources.jwtAssertions],
  },
  {
    code: 'invalid_scope',
    title: 'The scope is not one that the client may have',
    meaning: 'The scope is unknown, malformed, or not granted to this client.',
    causes: [
      {
        id: 'scope-not-granted',
        usual: 'likely',
        why: 'The scope does not exist at this server, or it was not granted to the client',
        fix: 'Ask for a scope that this client may have',
      },
    ],
    sources: [sources.oauthErrors],
  },
  {
    code: 'invalid_target',
    title: 'The resource is not known',
    meaning: 'The server does not know the resource that the token is wanted for (RFC 8707 §2).',
    causes: [
      {
        id: 'resource-unknown',
        usual: 'likely',
        why: 'The resource is misspelt, or this server issues no tokens for it',
        fix: 'Ask for a resource that this server knows',
      },
    ],
    sources: [sources.resourceIndicators],
  },
  {
    code: 'invalid_resource',
    title: 'The resource is not known',
    meaning: 'The API that the token is wanted for is not known in this tenant.',
    causes: [
      {
        id: 'resource-unknown',
        usual: 'likely',
        why: 'The resource is misspelt, or it has no service principal in this tenant',
        fix: 'Check the resource: its application must exist in this tenant',
      },
    ],
    sources: [sources.errorCodes],
  },
  {
    code: 'unauthorized_client',
    title: 'The client may not use this grant',
    meaning: 'The server knows the client, and it is not allowed to ask in this way.',
    causes: [
      {
        id: 'grant-not-allowed',
        usual: 'likely',
        why: 'The client credentials grant is switched off for this client',
        fix: 'Have the client allowed to use the client credentials grant',
      },
    ],
    sources: [sources.oauthErrors],
  },
  {
    code: 'unsupported_grant_type',
    title: 'The server does not have this grant',
    meaning: 'The token endpoint does not know the grant_type of the request.',
    causes: [
      {
        id: 'grant-not-supported',
        usual: 'likely',
        why: 'The server does not offer the client credentials grant, or grant_type is misspelt',
        fix: 'Have the client credentials grant enabled at the server',
      },
    ],
    sources: [sources.oauthErrors],
  },
  {
    code: 'invalid_request',
    title: 'The request is malformed',
    meaning: 'A parameter is missing, given twice, or not understood.',
    causes: [
      {
        id: 'request-malformed',
        usual: 'likely',
        why: 'The server misses a parameter or does not take one that was sent',
        fix: 'Check the settings of the request: the server finds it malformed',
      },
    ],
    sources: [sources.oauthErrors],
  },
  {
    code: 'invalid_grant',
    title: 'The grant is not valid',
    meaning: 'What the token is asked with is expired, revoked, or was issued to another client.',
    causes: [
      {
        id: 'assertion-as-grant',
        usual: 'likely',
        why: 'The assertion was sent as the grant (grant_type jwt-bearer with assertion), and the server does not accept it as one',
        fix: 'Send it as client_assertion with grant_type=client_credentials, unless the server asks for the other way',
      },
      {
        id: 'grant-expired',
        usual: 'possible',
        why: 'The code, refresh token or assertion has expired or was revoked',
        fix: 'Start again with a new one',
        signs: [
          proves('The assertion at hand has expired', ({ assertion, localTime, serverTime }) => {
            const now = serverTime ?? localTime;
            return assertion?.expiry !== undefined && now !== undefined && assertion.expiry * 1000 < now;
          }),
        ],
      },
    ],
    sources: [sources.oauthErrors, sources.jwtAssertions],
  },
  {
    code: 'temporarily_unavailable',
    title: 'The server is not available at the moment',
    meaning: 'Nothing is wrong with the request.',
    causes: [tryLater],
    sources: ['https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1'],
  },
  {
    code: 'server_error',
    title: 'The server failed',
    meaning: 'Something unexpected happened inside the server.',
    causes: [tryLater],
    sources: ['https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1'],
  },
];
