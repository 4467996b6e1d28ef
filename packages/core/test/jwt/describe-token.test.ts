import { claimMeanings, decodeToken, describeToken, headerParameters, type TokenDescription } from '@certgrant/core';
import { describe, expect, it } from 'vitest';
import { graphToken, tenantId, unverifiable } from './support/tokens.ts';

const issuedAt = 1_772_634_468;
const header = { alg: 'PS256', typ: 'JWT' };

function described(claims: object, secondsLater = 0, its: object = header): TokenDescription {
  const platform = { now: () => (issuedAt + secondsLater) * 1000 };
  return describeToken(decodeToken(unverifiable(its, claims)), { platform, timeZone: 'Europe/Berlin' });
}

function detailsOf(description: TokenDescription, name: string): readonly string[] | undefined {
  return [...description.header, ...description.claims].find((member) => member.name === name)?.details;
}

const codes = ({ warnings }: TokenDescription): string[] => warnings.map(({ code }) => code);

describe('describeToken', () => {
  const graph = describeToken(decodeToken(graphToken), {
    platform: { now: () => (issuedAt + 3900 - 9 * 60 - 20) * 1000 },
    timeZone: 'Europe/Berlin',
  });

  it('names the token, says that nothing is verified and how long it still holds', () => {
    expect(graph.title).toBe('Access token, app-only, Entra ID v1.0');
    expect(graph.statement).toContain('Nothing is verified');
    expect(graph).toMatchObject({ state: 'current', stateInWords: 'Not expired: it expires in 9 minutes' });
  });

  it('gives times in UTC, in the local zone and relative to now', () => {
    const expires = graph.claims.find(({ name }) => name === 'exp');
    expect(expires?.time).toEqual({
      seconds: issuedAt + 3900,
      utc: '2026-03-04T15:32:48Z',
      local: '2026-03-04 16:32:48 +01:00 (Europe/Berlin)',
      relative: 'in 9 minutes',
    });
  });

  it('writes the offset of every kind of zone', () => {
    for (const [timeZone, local] of [
      ['UTC', '2026-03-04 14:27:48 +00:00 (UTC)'],
      ['America/St_Johns', '2026-03-04 10:57:48 -03:30 (America/St_Johns)'],
      ['Asia/Kathmandu', '2026-03-04 20:12:48 +05:45'],
    ] as const) {
      const { claims } = describeToken(decodeToken(graphToken), { timeZone });
      expect(claims.find(({ name }) => name === 'iat')?.time?.local).toContain(local);
    }
  });

  it('says what the values of Entra mean', () => {
    expect(detailsOf(graph, 'appidacr')).toEqual(['a certificate (client assertion)']);
    expect(detailsOf(graph, 'aud')).toEqual(['Microsoft Graph']);
    expect(detailsOf(graph, 'idtyp')).toEqual(['app-only, no user is involved']);
    expect(detailsOf(graph, 'wids')?.[0]).toContain('no role');
    expect(detailsOf(graph, 'x5t')).toEqual(['418685806B15A7B253A2B4FAA3496E1413392556 (SHA-1)']);
    expect(detailsOf(described({ wids: ['62E90394-69f5-4237-9190-012177145e10', 'x'] }), 'wids')).toEqual([
      '62E90394-69f5-4237-9190-012177145e10: Global Administrator',
      'x: a directory role that is not known here',
    ]);
  });

  it.each([
    ['00000003-0000-0000-c000-000000000000', 'Microsoft Graph'],
    ['https://graph.microsoft.us/', 'Microsoft Graph'],
    ['https://management.core.windows.net/', 'Azure Resource Manager'],
    ['cfa8b339-82a2-471a-a3c9-0fc0be7a4093', 'Azure Key Vault'],
    ['https://contoso.sharepoint.com', 'SharePoint Online'],
    ['https://org.crm4.dynamics.com', 'Dataverse'],
    [`00000003-0000-0ff1-ce00-000000000000/contoso.sharepoint.com@${tenantId}`, 'SharePoint Online'],
    ['api://AzureADTokenExchange', 'the token exchange of Entra ID (federated credentials)'],
  ])('names the audience %s', (audience, name) => {
    expect(detailsOf(described({ aud: audience }), 'aud')).toEqual([name]);
  });

  it('does not name audiences that only look like known ones', () => {
    for (const aud of [
      'https://graph.microsoft.com.example',
      'https://evilsharepoint.com',
      'x-00000003-0000-0000-c000-000000000000',
    ]) {
      expect(detailsOf(described({ aud }), 'aud')).toEqual([]);
    }
  });

  it('tells the kinds of tokens apart in the title', () => {
    const assertion = { iss: 'c', sub: 'c', aud: `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token` };
    expect(described(assertion).title).toBe('Client assertion');
    expect(described({ aud: 'x', azp: 'c', scp: 'a', tid: tenantId, ver: '2.0' }).title).toBe(
      'Access token, delegated, Entra ID v2.0',
    );
    expect(described({ aud: 'x', client_id: 'c', scope: 'a' }).title).toBe('Access token, of an OAuth 2.0 server');
    expect(described({ aud: 'x', nonce: 'c' }).title).toBe('ID token');
    expect(described({ aud: '00000002-0000-0000-c000-000000000000', iss: tenantId }).title).toMatch(
      /^Proof of possession/,
    );
    expect(described({ a: 1 }).title).toBe('JSON Web Token (JWT)');
  });

  it.each([
    [0, 'now'],
    [1, 'in 1 second'],
    [119, 'in 119 seconds'],
    [120, 'in 2 minutes'],
    [7199, 'in 119 minutes'],
    [90_000, 'in 25 hours'],
    [-172_800, '2 days ago'],
    [-86_400 * 400, '13 months ago'],
    [86_400 * 365 * 30, 'in 29 years'],
  ])('puts %i seconds from now into words', (seconds, words) => {
    expect(described({ iat: issuedAt + seconds }).claims[0]?.time?.relative).toBe(words);
  });

  it('warns of times', () => {
    const times = { iat: issuedAt, nbf: issuedAt, exp: issuedAt + 600 };
    expect(codes(described(times, 600))).toEqual(['expired']);
    expect(described(times, 3 * 86_400).stateInWords).toBe('Expired 2 days ago');
    expect(codes(described(times, -120))).toEqual(['not-yet-valid']);
    expect(codes(described({ ...times, appid: 'x', aud: 'y' }))).toEqual(['live']);
    expect(codes(described({ sub: 'x' }))).toEqual(['no-expiry']);
    expect(codes(described({ exp: 'tomorrow' }))).toContain('time-not-a-number');
    expect(codes(described({ exp: `${issuedAt + 600}` }))).toEqual(['time-as-text']);
    expect(codes(described({ exp: issuedAt - 1, nbf: issuedAt + 5 }))).toContain('lifetime');
  });

  it('shows milliseconds as the time that was meant, and says so', () => {
    const description = described({ exp: (issuedAt + 600) * 1000 });
    expect(codes(description)).toEqual(['time-in-milliseconds']);
    expect(description.claims[0]?.time?.relative).toBe('in 10 minutes');
    expect(described({ exp: 1e300 }).claims[0]?.time).toBeUndefined();
  });

  it('warns of proofs and assertions that hold too long', () => {
    const proof = { aud: '00000002-0000-0000-c000-000000000000', iss: tenantId, nbf: issuedAt };
    expect(codes(described({ ...proof, exp: issuedAt + 600 }))).not.toContain('lifetime');
    expect(codes(described({ ...proof, exp: issuedAt + 601 }))).toContain('lifetime');
    const assertion = { iss: 'c', sub: 'c', aud: 'https://x/token', nbf: issuedAt };
    expect(codes(described({ ...assertion, exp: issuedAt + 86_400 }))).toContain('lifetime');
  });

  it.each([
    [{ x5t: Buffer.alloc(20, 200).toString('base64url') }, undefined],
    [{ x5t: `${Buffer.alloc(20, 200).toString('base64url')}=` }, undefined],
    [{ 'x5t#S256': Buffer.alloc(32, 200).toString('base64') }, undefined],
    [{ x5t: Buffer.alloc(32, 200).toString('base64url') }, /belongs in x5t#S256/],
    [{ 'x5t#S256': Buffer.alloc(20, 200).toString('base64url') }, /belongs in x5t$/],
    [{ x5t: 'AB'.repeat(20) }, /hexadecimal thumbprint itself/],
    [{ x5t: Buffer.from('AB'.repeat(20)).toString('base64url') }, /base64url of the hexadecimal text/],
    [{ 'x5t#S256': 5 }, /no thumbprint/],
  ])('knows the usual mistakes with thumbprints: %j', (thumbprint, message) => {
    const found = described({ exp: issuedAt + 600 }, 0, { ...header, ...thumbprint }).warnings.find(
      ({ code }) => code === 'thumbprint',
    );
    if (message === undefined) expect(found).toBeUndefined();
    else expect(found?.message).toMatch(message);
  });

  it('warns of keys in the header, of critical extensions and of the nonce of Graph', () => {
    expect(codes(described({ exp: 1, tid: tenantId }, 0, { ...header, jwk: {}, crit: ['x'], nonce: 'n' }))).toEqual([
      'expired',
      'own-key',
      'critical-extension',
      'graph-nonce',
    ]);
  });

  it('shows no character that a terminal would act upon', () => {
    const description = described({
      'a\u001b[31m': '\u001b]0;x\u0007\u202etxt\u0085',
      list: ['\u001b'],
      aud: '\u2028',
    });
    const shown = JSON.stringify([
      description.title,
      description.stateInWords,
      description.claims.map(({ name, text, details }) => [name, text, details]),
    ]);
    expect(shown.replace(/\\\\u[0-9a-f]{4}/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]|\\u/u);
  });

  it('does not say that a claim is missing which may be in the part that is damaged', () => {
    const description = describeToken(decodeToken(graphToken.slice(0, 300)));
    expect(codes(description)).toEqual([]);
    expect(description.stateInWords).toBe('When it expires cannot be read');
  });

  it('describes a token of which nothing could be read', () => {
    expect(describeToken(decodeToken('x')).claims).toEqual([]);
    expect(describeToken(decodeToken('eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.a.b.c.d'))).toMatchObject({
      title: 'Encrypted token (JWE)',
      warnings: [],
    });
  });
});

it('claimMeanings and headerParameters hold one line each, with its source', () => {
  for (const [name, { meaning, source }] of [...Object.entries(claimMeanings), ...Object.entries(headerParameters)]) {
    expect(meaning, name).toMatch(/^[A-Z][^\n]{5,130}[^.\s]$/);
    expect(source, name).toMatch(/^(RFC \d{4} §[\d.]+|OpenID Connect Core §[\d.]+|Microsoft Entra.*)$/);
  }
});
