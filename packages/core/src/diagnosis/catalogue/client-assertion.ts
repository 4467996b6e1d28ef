import type { Evidence } from '../evidence.ts';
import { assertionTimes } from './assertion-times.ts';
import { type CatalogueEntry, proves, raises, rulesOut, type Sign, says } from './entry.ts';
import * as sources from './sources.ts';

/** What the assertion says: its form, its names, its audience. */

function audienceOf({ assertion }: Evidence): string | undefined {
  const aud = assertion?.claims.aud;
  return typeof aud === 'string' ? aud : undefined;
}

/** Whether aud is a URL that stands for every tenant. */
function namesNoTenant(evidence: Evidence): boolean {
  return /\/(common|organizations|consumers)\//.test(audienceOf(evidence) ?? '');
}

const strictMode = /in strict mode it must be/i;

/** The local authority says what is wrong with the audience; where that is something else, a cause is out. */
function saysAnother(own: RegExp): readonly Sign[] {
  const fault = /and it (?:is none|names (?:no tenant|another tenant|another host))/;
  return [rulesOut('The server names another fault', ({ message }) => fault.test(message) && !own.test(message))];
}

const wrongAudience: CatalogueEntry = {
  code: 700023,
  title: 'The audience of the client assertion is not this token endpoint',
  meaning:
    "aud must name the token endpoint, or the issuer, of the tenant that is asked. Microsoft's list gives this number to another error (a scope without a resource); the service answers it for the audience.",
  causes: [
    {
      id: 'audience-of-common',
      usual: 'likely',
      why: 'aud names common, organizations or consumers instead of a tenant',
      fix: "Put the tenant's id into the URL: into the one that is posted to and into aud",
      signs: [
        proves('aud names no tenant', namesNoTenant),
        says(/and it names no tenant/, 'The server says that aud names no tenant'),
        ...saysAnother(/and it names no tenant/),
        rulesOut('aud names a tenant', (evidence) => audienceOf(evidence) !== undefined && !namesNoTenant(evidence)),
      ],
    },
    {
      id: 'audience-of-another-tenant',
      usual: 'likely',
      why: 'aud names another tenant than the one that the request goes to',
      fix: 'Take the same tenant in the URL and in aud; certgrant does so unless --audience is set',
      signs: [
        rulesOut('aud names no tenant', namesNoTenant),
        says(/and it names another tenant/, 'The server says that aud names another tenant'),
        ...saysAnother(/and it names another tenant/),
      ],
    },
    {
      id: 'audience-of-another-cloud',
      usual: 'possible',
      why: 'aud names the host of another cloud, or a regional or private host',
      fix: 'Take the host of the cloud that the tenant lives in for the URL and for aud',
      signs: [
        says(/and it names another host/, 'The server says that aud names another host'),
        ...saysAnother(/and it names another host/),
        raises(
          'aud is not a URL of login.microsoftonline.com',
          (evidence) => audienceOf(evidence)?.startsWith('https://login.microsoftonline.com/') === false,
        ),
      ],
    },
    {
      id: 'audience-is-the-resource',
      usual: 'possible',
      why: 'aud names the API that the token is wanted for; the assertion is for the token endpoint',
      fix: 'Make aud the URL of the token endpoint; the API belongs into scope',
      signs: [
        says(/and it is none/, 'The server says that aud is no token endpoint'),
        ...saysAnother(/and it is none/),
        proves('aud is no URL of a token endpoint or issuer', (evidence) => {
          const aud = audienceOf(evidence);
          return aud !== undefined && !/\/(token|v2\.0)\/?$/.test(aud) && !/^https:\/\/sts\.windows\.net\//.test(aud);
        }),
        rulesOut('aud is a URL of a token endpoint or issuer', (evidence) =>
          /\/(token|v2\.0)\/?$/.test(audienceOf(evidence) ?? ''),
        ),
      ],
    },
    {
      id: 'audience-is-not-the-issuer',
      usual: 'unlikely',
      why: 'The local authority runs in strict mode, which takes its issuer alone as audience; Microsoft Entra ID takes the token endpoint too',
      fix: 'Make aud the issuer of the tenant (certgrant: --audience issuer), or start the authority without --strict',
      signs: [
        says(strictMode, 'The server says so'),
        rulesOut('The server does not speak of strict mode', ({ message }) => !strictMode.test(message)),
      ],
    },
  ],
  sources: [
    sources.certificateCredentials,
    sources.thread('AzureAD/microsoft-authentication-library-for-dotnet/issues/2746'),
    sources.thread('AzureAD/microsoft-identity-web/issues/16'),
    sources.errorCodes,
  ],
};

const malformed: CatalogueEntry = {
  code: 50027,
  name: 'InvalidJwtToken',
  title: 'The client assertion is not a well-formed JWT',
  meaning: 'The server could not take the assertion apart, or a member of it is missing or of the wrong kind.',
  causes: [
    {
      id: 'not-a-jwt',
      usual: 'likely',
      why: 'What was sent is not a whole JWT: cut or changed while it was copied, encoded twice, or an empty variable',
      fix: 'Look at it with certgrant decode, which shows where it is damaged',
      signs: [
        proves(
          'The assertion at hand has no readable header or claims',
          ({ assertion }) =>
            assertion !== undefined &&
            (Object.keys(assertion.header).length === 0 || Object.keys(assertion.claims).length === 0),
        ),
      ],
    },
    {
      id: 'audience-is-an-array',
      usual: 'possible',
      why: 'aud is an array; Microsoft Entra ID takes one text only',
      fix: 'Write aud as one text: the URL of the token endpoint',
      signs: [
        proves('aud is an array', ({ assertion }) => Array.isArray(assertion?.claims.aud)),
        says(/'aud'.*(?:array|single)/i, 'The server says that aud is not one text'),
        rulesOut('aud is one text', ({ assertion }) => typeof assertion?.claims.aud === 'string'),
      ],
    },
    {
      id: 'no-thumbprint-in-header',
      usual: 'possible',
      why: 'The header does not say which certificate signed',
      fix: 'Put the thumbprint of the certificate into the header: x5t#S256 with PS256, x5t with RS256',
      signs: [
        says(/No certificate thumbprint/i, 'The server says that there is no thumbprint'),
        raises(
          'The header has neither x5t nor x5t#S256',
          ({ assertion }) =>
            assertion !== undefined && assertion.header.x5t === undefined && assertion.header['x5t#S256'] === undefined,
        ),
        rulesOut(
          'The header has a thumbprint',
          ({ assertion }) => assertion !== undefined && ('x5t' in assertion.header || 'x5t#S256' in assertion.header),
        ),
      ],
    },
    {
      id: 'claim-missing-or-wrong',
      usual: 'possible',
      why: 'One of aud, iss, sub and exp is missing, or a time is not a number',
      fix: 'Give the assertion aud, iss, sub, jti and exp, the times as seconds since 1970',
      signs: [
        proves(
          'A claim is missing',
          ({ assertion }) =>
            assertion !== undefined &&
            Object.keys(assertion.claims).length > 0 &&
            (['aud', 'iss', 'sub'].some((name) => assertion.claims[name] === undefined) ||
              assertion.expiry === undefined),
        ),
        says(
          /\bclaim\b.*'(?:aud|iss|sub|exp|nbf|jti)'|'(?:aud|iss|sub|exp|nbf|jti)'.*\bclaim\b/i,
          'The server names the claim',
        ),
      ],
    },
    {
      id: 'not-signed',
      usual: 'unlikely',
      why: 'The assertion is not signed: alg is none or missing, or the signature is empty',
      fix: "Sign it with the certificate's private key: PS256",
      signs: [
        proves('alg is none or missing', ({ assertion }) => {
          if (assertion === undefined || Object.keys(assertion.header).length === 0) return false;
          const { alg } = assertion.header;
          return alg === undefined || alg === 'none';
        }),
        says(/not signed|names no algorithm/i, 'The server says so'),
      ],
    },
  ],
  sources: [
    sources.certificateCredentials,
    sources.thread('panva/openid-client/issues/348'),
    sources.thread('AzureAD/microsoft-authentication-library-for-dotnet/issues/124'),
    sources.errorCodes,
  ],
};

/** Codes about what the assertion says. */
export const clientAssertion: readonly CatalogueEntry[] = [
  assertionTimes,
  wrongAudience,
  malformed,
  {
    code: 5002727,
    title: 'The header has a typ that the server does not take',
    meaning: 'typ of the assertion may be JWT or left out; Microsoft Entra ID does not take the newer media types.',
    causes: [
      {
        id: 'typ-not-jwt',
        usual: 'likely',
        why: 'The library writes client-authentication+jwt or another newer type into typ',
        fix: 'Write "typ": "JWT", or leave it out; certgrant does so with the header profile entra',
        signs: [
          proves(
            'typ is not JWT',
            ({ assertion }) => assertion?.header.typ !== undefined && assertion.header.typ !== 'JWT',
          ),
        ],
      },
    ],
    sources: [sources.certificateCredentials, sources.jwtAssertions],
  },
  {
    code: 700021,
    title: 'The assertion names another application than the request',
    meaning: 'iss and sub of the assertion must be the client id that the request has.',
    causes: [
      {
        id: 'issuer-is-not-the-client-id',
        usual: 'likely',
        why: 'iss and sub are not the client_id of the request: two settings differ, or the object id was taken for the client id',
        fix: 'Take the application (client) id in all three places: iss, sub and client_id',
        signs: [
          raises(
            'iss is not the application that the message names',
            ({ assertion, facts }) =>
              typeof assertion?.claims.iss === 'string' &&
              facts.applicationId !== undefined &&
              assertion.claims.iss !== facts.applicationId,
          ),
        ],
      },
    ],
    sources: [sources.certificateCredentials, sources.jwtAssertions],
  },
  {
    code: 50048,
    name: 'SubjectMismatchesIssuer',
    title: 'Subject and issuer of the client assertion differ',
    meaning: 'A client speaks for itself with its assertion, so sub and iss must be the same (RFC 7523 §3).',
    causes: [
      {
        id: 'subject-is-not-the-issuer',
        usual: 'likely',
        why: 'sub is something else than iss: a user, an object id, or another application',
        fix: 'Take the application (client) id for both sub and iss',
        signs: [
          proves(
            'sub is not iss',
            ({ assertion }) => assertion !== undefined && assertion.claims.sub !== assertion.claims.iss,
          ),
        ],
      },
    ],
    sources: [
      sources.thread('AzureAD/microsoft-authentication-library-for-java/issues/430'),
      sources.certificateCredentials,
      sources.errorCodes,
    ],
  },
  {
    code: 50013,
    name: 'InvalidAssertion',
    title: 'The assertion is not valid',
    meaning: 'Said of the assertion that stands for a user (on behalf of), with the same reasons as 700027.',
    causes: [
      {
        id: 'token-for-another-api',
        usual: 'likely',
        why: 'The token that is passed on was issued for another API than the one that passes it on',
        fix: 'Pass on an access token whose aud is this application',
        signs: [says(/audience/i, 'The server says that the audience does not match')],
      },
      {
        id: 'signature-not-valid',
        usual: 'possible',
        why: 'The signature of the token could not be verified: a token for Graph, or of another cloud',
        fix: 'Pass on an access token for this API; those for Graph can be verified by Graph alone',
        signs: [says(/signature|Reason - /i, 'The server says that the signature is not valid')],
      },
      {
        id: 'assertion-expired',
        usual: 'possible',
        why: 'The token has expired',
        fix: 'Have the caller fetch a new token',
        signs: [says(/expired|valid time range/i, 'The server says that the time range does not hold')],
      },
    ],
    sources: [sources.errorCodes],
  },
];
