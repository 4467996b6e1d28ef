import { beforeAll, describe, expect, test } from 'vitest';
import type { Certificate } from '../../src/certificate/certificate.ts';
import { thumbprints } from '../../src/certificate/thumbprint.ts';
import { catalogue, findEntry } from '../../src/diagnosis/catalogue.ts';
import { readClientEvidence } from '../../src/diagnosis/evidence.ts';
import { explainText } from '../../src/diagnosis/explain.ts';
import { evidenceOf } from '../../src/diagnosis/explain-pieces.ts';
import type { ExplainEvidence } from '../../src/diagnosis/explanation.ts';
import { ErrorFinder } from '../../src/diagnosis/find-errors.ts';
import {
  answeredAt,
  appId,
  assertion,
  certificate,
  identifiers,
  keyAnswer,
  tenantId,
  thumbprint,
} from './support/evidence.ts';

interface Certificates {
  readonly valid: Certificate;
  readonly expired: Certificate;
  readonly future: Certificate;
  readonly elliptic: Certificate;
  readonly authority: Certificate;
}

let certificates: Certificates;
beforeAll(async () => {
  const [valid, expired, future, elliptic, authority] = await Promise.all([
    certificate(),
    certificate({ from: -30, until: -1 }),
    certificate({ from: 1, until: 30 }),
    certificate({ algorithm: 'P-256' }),
    certificate({ certificateAuthority: true }),
  ]);
  certificates = { valid, expired, future, elliptic, authority };
});

interface Case {
  readonly name: string;
  readonly text: string | ((at: Certificates) => string | Promise<string>);
  readonly given?: (at: Certificates) => ExplainEvidence | Promise<ExplainEvidence>;
  /** The cause that comes first, and how probable it is. */
  readonly first: string;
  readonly likelihood?: string;
}

const notFound = 'The key was not found.';
const mismatch = 'The provided signature value did not match the expected signature value.';
const outdated = 'The key used is expired.';
const used = (hex: string): string => `Thumbprint of key used by client: '${hex}'`;
const sha1 = 'AB'.repeat(20);
const sha256 = 'CD'.repeat(32);
const hexOf = (text: string): string => Buffer.from(text).toString('hex').toUpperCase();
const window = (current: string, from: string, until: string): string =>
  `AADSTS700024: It is outside its time range. Current time: ${current}, assertion valid from ${from}, expiry time of assertion ${until}.`;
const asked = (code: number, message = 'It is refused.'): string => `AADSTS${code}: ${message} ${identifiers}`;
const sent =
  (header: object, claims: object = {}) =>
  (): ExplainEvidence => ({ assertion: assertion(header, claims) });
const noPrint = { 'x5t#S256': undefined };

const keyCases: readonly Case[] = [
  { name: 'the code alone', text: '700027', first: 'certificate-not-registered', likelihood: 'likely' },
  { name: 'a key that was not found', text: keyAnswer(notFound, [used(sha1)]), first: 'certificate-not-registered' },
  {
    name: 'the thumbprint of the certificate at hand',
    text: async ({ valid }) => keyAnswer(notFound, [used((await thumbprints(valid)).sha1)]),
    given: ({ valid }) => ({ certificate: valid }),
    first: 'certificate-not-registered',
  },
  {
    name: 'the thumbprint of another certificate than the one at hand',
    text: keyAnswer(notFound, [used(sha1)]),
    given: ({ valid }) => ({ certificate: valid }),
    first: 'another-certificate-used',
    likelihood: 'certain',
  },
  {
    name: 'a thumbprint that is hexadecimal text, in the message',
    text: keyAnswer(notFound, [used(hexOf(sha1))]),
    first: 'thumbprint-is-hex-text',
    likelihood: 'certain',
  },
  {
    name: 'hexadecimal text that was put into the header as if it were base64, in the message',
    text: keyAnswer(notFound, [used(Buffer.from(sha1, 'base64').toString('hex').toUpperCase())]),
    first: 'thumbprint-is-hex-text',
    likelihood: 'certain',
  },
  {
    name: 'a thumbprint that is hexadecimal text, in the header',
    text: '700027',
    given: async ({ valid }) => ({
      assertion: assertion({ ...noPrint, x5t: (await thumbprint(valid, 'sha1')).hexText }),
    }),
    first: 'thumbprint-is-hex-text',
    likelihood: 'certain',
  },
  {
    name: 'a SHA-256 thumbprint under x5t',
    text: keyAnswer(notFound),
    given: async ({ valid }) => ({
      assertion: assertion({ ...noPrint, x5t: (await thumbprint(valid, 'sha256')).bytes }),
    }),
    first: 'sha256-under-x5t',
    likelihood: 'certain',
  },
  {
    name: 'the word of the server on the length of x5t',
    text: "AADSTS700027: The key was not found. The header's x5t has 32 bytes instead of 20.",
    first: 'sha256-under-x5t',
    likelihood: 'certain',
  },
  {
    name: 'a SHA-1 thumbprint under x5t#S256',
    text: keyAnswer(notFound),
    given: async ({ valid }) => ({ assertion: assertion({ 'x5t#S256': (await thumbprint(valid, 'sha1')).bytes }) }),
    first: 'sha1-under-x5t-s256',
    likelihood: 'certain',
  },
  {
    name: 'the word of the server on the length of x5t#S256',
    text: "AADSTS700027: The key was not found. The header's x5t#S256 has 20 bytes instead of 32.",
    first: 'sha1-under-x5t-s256',
    likelihood: 'certain',
  },
  {
    name: 'no thumbprint in the header',
    text: keyAnswer(notFound),
    given: sent(noPrint),
    first: 'no-thumbprint-in-header',
    likelihood: 'certain',
  },
  {
    name: 'a key that was not found, with a SHA-256 thumbprint',
    text: keyAnswer(notFound, [used(sha256)]),
    first: 'certificate-not-registered',
  },
  {
    name: 'a hint that the application may trust by name, and a certificate of a CA',
    text: `AADSTS700027: It is not valid. [Reason - ${notFound}, ${used(sha1)}]. Alternatively, SNI may be configured on the app; use WithSendX5C().`,
    first: 'certificate-not-registered',
  },
  {
    name: 'a chain in the header, and a key that was not found',
    text: keyAnswer(notFound, [used(sha1)]),
    given: sent({ x5c: ['MII'] }),
    first: 'certificate-not-registered',
  },
  {
    name: 'a key that has ended',
    text: keyAnswer(outdated, [used(sha1), "Found key 'Start=05/01/2025 00:00:00, End=05/01/2026 00:00:00'"]),
    first: 'certificate-expired',
    likelihood: 'certain',
  },
  {
    name: 'a key that has not begun',
    text: keyAnswer(outdated, [used(sha1), "Found key 'Start=07/01/2026 00:00:00, End=07/01/2027 00:00:00'"]),
    first: 'certificate-not-yet-valid',
    likelihood: 'certain',
  },
  { name: 'a key that is out of date', text: keyAnswer(outdated), first: 'certificate-expired', likelihood: 'likely' },
  {
    name: 'an expired certificate at hand',
    text: asked(700027),
    given: ({ expired }) => ({ certificate: expired }),
    first: 'certificate-not-registered',
  },
  {
    name: 'a certificate at hand that is not valid yet',
    text: asked(700027),
    given: ({ future }) => ({ certificate: future }),
    first: 'certificate-not-registered',
  },
  { name: 'a signature of another key', text: keyAnswer(mismatch, [used(sha1)]), first: 'private-key-mismatch' },
  {
    name: 'the newer words for it',
    text: keyAnswer('Key was found, but use of the key to verify the signature failed.'),
    first: 'private-key-mismatch',
  },
  {
    name: 'the wrong padding, by the word of the server',
    text: `AADSTS700027: it is signed with RS256, and its header says PS256. [Reason - ${mismatch}]`,
    first: 'padding-does-not-fit-alg',
    likelihood: 'certain',
  },
  {
    name: 'a signature that does not hold, and a chain that begins with a CA',
    text: keyAnswer(mismatch),
    given: ({ authority }) => ({ certificate: authority, assertion: assertion({ x5c: ['MIIA', 'MIIB'] }) }),
    first: 'private-key-mismatch',
  },
  {
    name: 'an algorithm that is not taken',
    text: 'AADSTS700027: Invalid JWT token. Unsupported asymmetric signing algorithm.',
    first: 'algorithm-not-supported',
    likelihood: 'certain',
  },
  {
    name: 'an EC algorithm in the header',
    text: '700027',
    given: sent({ alg: 'ES256' }),
    first: 'algorithm-not-supported',
    likelihood: 'certain',
  },
  {
    name: 'a certificate with an EC key',
    text: '700027',
    given: ({ elliptic }) => ({ certificate: elliptic }),
    first: 'algorithm-not-supported',
    likelihood: 'certain',
  },
  {
    name: 'the key of an EC certificate',
    text: '5002730',
    given: ({ elliptic }) => ({ certificate: elliptic }),
    first: 'key-is-not-rsa',
    likelihood: 'certain',
  },
  {
    name: 'an alg of EC keys beside an RSA certificate',
    text: '5002730',
    given: ({ valid }) => ({ certificate: valid, assertion: assertion({ alg: 'ES256' }) }),
    first: 'alg-is-of-another-key-type',
    likelihood: 'certain',
  },
  {
    name: 'the old frame of a signature',
    text: asked(50012, 'It contains an invalid signature'),
    first: 'signature-not-valid',
  },
  {
    name: 'the old frame of times',
    text: asked(50012, 'It is not within its valid time range.'),
    first: 'assertion-out-of-time',
  },
  {
    name: 'the old frame of an audience',
    text: asked(50012, 'The audience claim differs.'),
    first: 'audience-mismatch',
  },
  { name: 'the old frame of a secret', text: asked(50012, 'Invalid client secret.'), first: 'client-secret-wrong' },
];

const beginning = '1970-01-01T00:00:00.0000000Z';
const noon = '2026-06-01T12:00:00.1234567Z';
const timeCases: readonly Case[] = [
  { name: 'the code alone', text: '700024', first: 'clock-behind' },
  {
    name: 'a clock of ours that is behind',
    text: window(noon, beginning, '2026-06-01T11:26:00.0000000Z'),
    given: () => ({ localTime: answeredAt - 44 * 60_000 }),
    first: 'clock-behind',
    likelihood: 'certain',
  },
  {
    name: 'an expired assertion while the clocks agree',
    text: window(noon, beginning, '2026-06-01T11:26:00.0000000Z'),
    given: () => ({ localTime: answeredAt }),
    first: 'assertion-reused',
    likelihood: 'certain',
  },
  {
    name: 'an assertion that has been over for days',
    text: window(noon, beginning, '2026-05-28T11:26:00.0000000Z'),
    first: 'assertion-reused',
  },
  {
    name: 'a clock of ours that is ahead',
    text: window(noon, '2026-06-01T12:40:00.0000000Z', '2026-06-01T12:50:00.0000000Z'),
    given: () => ({ localTime: answeredAt + 40 * 60_000 }),
    first: 'clock-ahead',
    likelihood: 'certain',
  },
  {
    name: 'an assertion that has not begun, by a time that no zone differs by',
    text: window(noon, '2026-06-01T12:17:00.0000000Z', '2026-06-01T12:27:00.0000000Z'),
    first: 'clock-ahead',
    likelihood: 'likely',
  },
  {
    name: 'an assertion that begins in two hours',
    text: window(noon, '2026-06-01T14:00:01.0000000Z', '2026-06-01T14:10:01.0000000Z'),
    first: 'local-time-as-utc',
  },
  {
    name: 'times in milliseconds',
    text: window(noon, '9999-12-31T23:59:59.0000000Z', '9999-12-31T23:59:59.0000000Z'),
    first: 'time-in-milliseconds',
    likelihood: 'certain',
  },
];

const assertionCases: readonly Case[] = [
  {
    name: 'an audience of common',
    text: '700023',
    given: sent({}, { aud: 'https://login.microsoftonline.com/common/oauth2/v2.0/token' }),
    first: 'audience-of-common',
    likelihood: 'certain',
  },
  {
    name: 'an audience of another tenant',
    text: '700023',
    given: sent({}, {}),
    first: 'audience-of-another-tenant',
  },
  {
    name: 'an audience at another host',
    text: '700023',
    given: sent({}, { aud: `https://login.microsoftonline.us/${tenantId}/oauth2/v2.0/token` }),
    first: 'audience-of-another-tenant',
  },
  {
    name: 'the API as the audience',
    text: '700023',
    given: sent({}, { aud: 'https://graph.microsoft.com' }),
    first: 'audience-is-the-resource',
    likelihood: 'certain',
  },
  {
    name: 'what is no JWT',
    text: '50027',
    given: () => ({ assertion: 'eyJhbGciOiJQUzI1NiJ9.x.y' }),
    first: 'not-a-jwt',
  },
  { name: 'an array of audiences', text: '50027', given: sent({}, { aud: ['a'] }), first: 'audience-is-an-array' },
  {
    name: 'an array, by the word of the server',
    text: asked(50027, "the claim 'aud' is an array"),
    first: 'audience-is-an-array',
  },
  {
    name: 'no thumbprint, by the word of the server',
    text: asked(50027, 'No certificate thumbprint specified in token header.'),
    first: 'no-thumbprint-in-header',
  },
  { name: 'a header without a thumbprint', text: '50027', given: sent(noPrint), first: 'not-a-jwt' },
  { name: 'no subject', text: '50027', given: sent({}, { sub: undefined }), first: 'claim-missing-or-wrong' },
  {
    name: 'a claim that the server names',
    text: asked(50027, "the claim 'exp' is not a number of seconds."),
    first: 'claim-missing-or-wrong',
  },
  { name: 'alg none', text: '50027', given: sent({ alg: 'none' }), first: 'not-signed' },
  {
    name: 'not signed, by the word of the server',
    text: asked(50027, 'malformed: it is not signed.'),
    first: 'not-signed',
  },
  {
    name: 'a newer typ',
    text: '5002727',
    given: sent({ typ: 'client-authentication+jwt' }),
    first: 'typ-not-jwt',
    likelihood: 'certain',
  },
  {
    name: 'another application in the request',
    text: asked(700021, "It names another app 'b0d5a1c2-9f3e-4a77-8c1d-2e3f4a5b6c7d'"),
    given: sent({}),
    first: 'issuer-is-not-the-client-id',
  },
  {
    name: 'a subject that is not the issuer',
    text: '50048',
    given: sent({}, { sub: 'x' }),
    first: 'subject-is-not-the-issuer',
  },
  { name: 'an audience, on behalf of', text: asked(50013, 'Its audience differs.'), first: 'token-for-another-api' },
  { name: 'a signature, on behalf of', text: asked(50013, `[Reason - ${notFound}]`), first: 'signature-not-valid' },
  { name: 'an expired token, on behalf of', text: asked(50013, 'It is expired.'), first: 'assertion-expired' },
];

const otherCases: readonly Case[] = [
  {
    name: 'an expired certificate in TLS',
    text: asked(1000502),
    given: ({ expired }) => ({ certificate: expired }),
    first: 'certificate-expired',
    likelihood: 'certain',
  },
  {
    name: 'a certificate in TLS that is not valid yet',
    text: asked(1000502),
    given: ({ future }) => ({ certificate: future }),
    first: 'certificate-not-yet-valid',
    likelihood: 'certain',
  },
  { name: 'a chain of one', text: '7000213', given: sent({ x5c: 'MII' }), first: 'chain-incomplete' },
  {
    name: 'a self-signed certificate where a chain is wanted',
    text: '7000213',
    given: ({ valid }) => ({ certificate: valid }),
    first: 'issuer-not-trusted',
    likelihood: 'certain',
  },
  { name: 'a chain of several', text: '7000213', given: sent({ x5c: ['MII', 'MII'] }), first: 'issuer-not-trusted' },
  {
    name: 'mutual TLS that is off',
    text: asked(51000, 'MtlsClientAuth is disabled.'),
    first: 'mtls-not-enabled',
    likelihood: 'certain',
  },
  {
    name: 'a client id that is a name',
    text: asked(700016, "Application with identifier 'my daemon' was not found in the directory 'contoso.com'."),
    first: 'client-id-wrong',
    likelihood: 'certain',
  },
  { name: 'the same error many times', text: `${asked(50196)}\n${asked(50196)}`, first: 'tokens-not-cached' },
  { name: 'an old TLS', text: asked(1002016, 'It uses TLS 1.0'), first: 'old-tls-version', likelihood: 'certain' },
  {
    name: 'the client id as the tenant',
    text: asked(90002, `Tenant '${appId}' not found.`),
    given: sent({}),
    first: 'tenant-misspelt',
    likelihood: 'certain',
  },
  {
    name: 'a placeholder as the tenant',
    text: asked(900023, "Specified tenant identifier '{tenant}' is none."),
    first: 'tenant-malformed',
  },
  {
    name: 'a scope without /.default',
    text: asked(1002012, 'The value for scope https://graph.microsoft.com/User.Read is not valid.'),
    first: 'scope-without-default',
    likelihood: 'certain',
  },
  {
    name: 'a location',
    text: asked(53003, 'The location is not allowed.'),
    first: 'location-not-allowed',
    likelihood: 'certain',
  },
  { name: 'a risk', text: asked(53003, 'It is at risk.'), first: 'service-principal-at-risk', likelihood: 'certain' },
  {
    name: 'a missing first parameter',
    text: asked(900144, "The body lacks 'grant_type'."),
    first: 'body-is-not-a-form',
    likelihood: 'certain',
  },
  {
    name: 'a missing scope',
    text: asked(900144, "The body lacks 'scope'."),
    first: 'parameter-missing',
    likelihood: 'certain',
  },
  { name: 'an issuer that is a GUID', text: '700211', given: sent({}), first: 'federated-issuer-mismatch' },
  {
    name: 'an issuer that is a URL',
    text: '700211',
    given: sent({}, { iss: 'https://token.actions.githubusercontent.com' }),
    first: 'federated-issuer-mismatch',
  },
  {
    name: 'an audience of federation',
    text: '700212',
    given: sent({}),
    first: 'audience-not-token-exchange',
    likelihood: 'certain',
  },
  {
    name: 'an assertion with RS256 at another server',
    text: 'invalid_client',
    given: sent({ alg: 'RS256' }),
    first: 'certificate-not-registered',
  },
  {
    name: 'an expired assertion as the grant',
    text: 'invalid_grant',
    given: () => ({ assertion: assertion({}, { exp: answeredAt / 1000 - 60 }), localTime: answeredAt }),
    first: 'grant-expired',
    likelihood: 'certain',
  },
  {
    name: 'a proof for the wrong audience',
    text: 'Authentication_MissingOrMalformed',
    given: sent({}, { aud: '00000003-0000-0000-c000-000000000000' }),
    first: 'proof-audience-wrong',
    likelihood: 'certain',
  },
  {
    name: 'a proof with the right audience, written like an assertion',
    text: 'Authentication_MissingOrMalformed',
    given: () => ({
      assertion: assertion({}, { aud: '00000002-0000-0000-c000-000000000000' }),
      localTime: answeredAt,
    }),
    first: 'proof-issuer-is-not-the-object-id',
  },
  {
    name: 'a proof of another object than the request names',
    text: 'Authentication_MissingOrMalformed',
    given: () => ({
      assertion: assertion({}, { aud: '00000002-0000-0000-c000-000000000000', iss: 'the-app-id' }),
      objectId: 'the-object-id',
    }),
    first: 'proof-issuer-is-not-the-object-id',
    likelihood: 'certain',
  },
  {
    name: 'a proof in which nothing but the key can be wrong',
    text: 'Authentication_MissingOrMalformed',
    given: () => ({
      assertion: assertion({}, { aud: '00000002-0000-0000-c000-000000000000', iss: 'the-object-id' }),
      objectId: 'the-object-id',
      localTime: answeredAt,
    }),
    first: 'proof-signed-with-unregistered-key',
  },
  {
    name: 'a proof that has expired',
    text: 'Authentication_MissingOrMalformed',
    given: () => ({
      assertion: assertion(
        {},
        {
          aud: '00000002-0000-0000-c000-000000000000',
          iss: 'the-object-id',
          nbf: answeredAt / 1000 - 1200,
          exp: answeredAt / 1000 - 600,
        },
      ),
      objectId: 'the-object-id',
      localTime: answeredAt,
    }),
    first: 'proof-lifetime-too-long',
    likelihood: 'likely',
  },
  {
    name: 'a proof with padding',
    text: 'Authentication_MissingOrMalformed',
    given: () => ({
      assertion: assertion({}, { aud: '00000002-0000-0000-c000-000000000000' }).replace('.', '=.'),
      localTime: answeredAt,
    }),
    first: 'proof-padded',
    likelihood: 'certain',
  },
  {
    name: 'a proof that is good for an hour',
    text: 'Authentication_MissingOrMalformed',
    given: sent({}, { aud: '00000002-0000-0000-c000-000000000000', exp: answeredAt / 1000 + 3600 }),
    first: 'proof-lifetime-too-long',
    likelihood: 'certain',
  },
  { name: 'a token for another API', text: graphError('Invalid audience.'), first: 'token-for-another-api' },
  {
    name: 'a token that has expired',
    text: graphError('Lifetime validation failed, the token is expired.'),
    first: 'token-expired',
  },
  { name: 'a token that is damaged', text: graphError('JWT is not well formed.'), first: 'token-damaged' },
];

function graphError(message: string): string {
  return JSON.stringify({ error: { code: 'InvalidAuthenticationToken', message } });
}

const cases: readonly Case[] = [...keyCases, ...timeCases, ...assertionCases, ...otherCases];

describe.each([
  ['the key', keyCases],
  ['the times', timeCases],
  ['the assertion', assertionCases],
  ['all else', otherCases],
])('explainText tells the causes apart: %s', (_, rows) => {
  test.each(rows)('$name', async ({ text, given, first, likelihood }) => {
    const whole = typeof text === 'string' ? text : await text(certificates);
    const [explanation] = await explainText(whole, await given?.(certificates));
    expect(explanation?.causes[0]).toMatchObject({ id: first, ...(likelihood === undefined ? {} : { likelihood }) });
  });
});

test('every sign of the catalogue is seen in one of these cases, and missed in another', async () => {
  const seen = new Set<object>();
  const missed = new Set<object>();
  const bare: readonly Case[] = catalogue.map(({ code }) => ({ name: 'bare', text: String(code), first: '' }));
  for (const { text, given } of [...cases, ...bare]) {
    const evidence = (await given?.(certificates)) ?? {};
    const client = await readClientEvidence(evidence);
    const names = catalogue.map(({ code }) => code).filter((code) => typeof code === 'string');
    const finder = new ErrorFinder({ isKnown: (code) => findEntry(code) !== undefined, names }, evidence.localTime);
    finder.add(typeof text === 'string' ? text : await text(certificates));
    for (const error of finder.end()) {
      const { occurrences } = error;
      const facts = occurrences > 1 ? { ...error.facts, occurrences } : error.facts;
      for (const sign of findEntry(error.code)?.causes.flatMap(({ signs = [] }) => signs) ?? []) {
        (sign.when(evidenceOf({ ...error, facts }, client)) ? seen : missed).add(sign);
      }
    }
  }
  const all = catalogue.flatMap(({ code, causes }) =>
    causes.flatMap(({ id, signs = [] }) => signs.map((sign) => ({ place: `${code} ${id}: ${sign.seen}`, sign }))),
  );
  // One sign may be shared by entries; it needs one case.
  expect(all.filter(({ sign }) => !seen.has(sign)).map(({ place }) => `never seen: ${place}`)).toEqual([]);
  const always = all.filter(({ sign }) => !missed.has(sign)).map(({ place }) => `never missed: ${place}`);
  expect(always).toEqual([]);
});
