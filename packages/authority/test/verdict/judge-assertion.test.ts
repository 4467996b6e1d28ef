import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type JudgeAssertionOptions, type Judgement, judgeAssertion } from '../../src/checks.ts';
import { type Identity, identity, type Members, signJws } from '../support/identity.ts';

const tenant = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const clientId = '6731de76-14a6-49ae-97bc-6eba6914391e';
const endpoint = `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`;
let daemon: Identity;
let stranger: Identity;

beforeAll(async () => {
  [daemon, stranger] = await Promise.all([identity(), identity()]);
});

const print = (hash: string, { certificate }: Identity): Buffer => createHash(hash).update(certificate.der).digest();

interface Parts {
  readonly header?: Members;
  readonly claims?: Members;
  readonly signer?: Identity;
}

function assertion({ header = {}, claims = {}, signer = daemon }: Parts = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const names = { aud: endpoint, iss: clientId, sub: clientId, jti: randomUUID() };
  return signJws(
    { alg: 'PS256', typ: 'JWT', 'x5t#S256': print('sha256', daemon).toString('base64url'), ...header },
    { ...names, nbf: now, exp: now + 600, ...claims },
    signer.key,
    'PS256',
  );
}

function statusOf({ checks }: Judgement, id: string): string | undefined {
  return checks.find((check) => check.id === id)?.status;
}

const codeOf = async (parts: Parts, options: JudgeAssertionOptions = {}): Promise<string | undefined> =>
  (await judgeAssertion(assertion(parts), options)).verdict.code;

describe('judgeAssertion', () => {
  it('finds nothing to refuse in a good assertion, and says what only the authority knows', async () => {
    const judgement = await judgeAssertion(assertion());
    expect(judgement.verdict).toEqual({ refused: false, summary: 'Nothing here would be refused' });
    const skipped = judgement.checks.filter(({ status }) => status === 'skipped');
    expect(skipped.map(({ id }) => id)).toEqual(['key', 'certificate-validity', 'signature', 'registration']);
    expect(skipped.filter(({ detail }) => detail.includes('only the authority knows')).map(({ id }) => id)).toEqual([
      'key',
      'registration',
    ]);
  });

  it('recomputes the thumbprint and verifies the signature with the certificate', async () => {
    const judgement = await judgeAssertion(assertion(), { certificate: daemon.certificate });
    expect(judgement.checks.filter(({ status }) => status !== 'passed').map(({ id }) => id)).toEqual(['registration']);
    expect(judgement.checks.find(({ id }) => id === 'key')?.detail).toContain(
      print('sha1', daemon).toString('hex').toUpperCase(),
    );
  });

  it('answers with the first refusal in the order of the authority, and shows every other one', async () => {
    const text = assertion({ claims: { aud: 'https://graph.microsoft.com', exp: 1 }, signer: stranger });
    const judgement = await judgeAssertion(text, { certificate: daemon.certificate });
    expect(judgement.verdict).toMatchObject({
      refused: true,
      code: 'AADSTS700027',
      error: 'invalid_client',
      status: 401,
    });
    expect(judgement.verdict.explanation?.causes[0]).toMatchObject({ id: 'private-key-mismatch' });
    const failed = judgement.checks.filter(({ status }) => status === 'failed');
    expect(failed.map(({ id, code }) => [id, code])).toEqual([
      ['signature', 'AADSTS700027'],
      ['audience', 'AADSTS700023'],
      ['times', 'AADSTS700024'],
    ]);
  });

  it('tells a wrong thumbprint from a wrong key', async () => {
    const options = { certificate: stranger.certificate };
    const [thumbprintWrong, other] = await Promise.all([
      judgeAssertion(assertion({ signer: stranger }), options),
      judgeAssertion(assertion(), options),
    ]);
    const detail = ({ checks }: Judgement): string | undefined => checks.find(({ id }) => id === 'signature')?.detail;
    expect(detail(thumbprintWrong)).toContain('did sign it');
    expect(detail(other)).toContain('another certificate');
  });

  it.each([
    [
      'the hexadecimal text of a SHA-1',
      () => ({ x5t: Buffer.from(print('sha1', daemon).toString('hex')).toString('base64url') }),
      'thumbprint-is-hex-text',
    ],
    ['a SHA-256 under x5t', () => ({ x5t: print('sha256', daemon).toString('base64url') }), 'sha256-under-x5t'],
  ] as const)('refuses %s without any certificate, since it can be of none', async (_, header, cause) => {
    const judgement = await judgeAssertion(assertion({ header: { 'x5t#S256': undefined, ...header() } }));
    expect(judgement.verdict.code).toBe('AADSTS700027');
    expect(judgement.verdict.explanation?.causes[0]).toMatchObject({ id: cause, likelihood: 'certain' });
  });

  it('does not refuse a thumbprint that is none beside a name that may be right', async () => {
    const judgement = await judgeAssertion(
      assertion({ header: { x5t: print('sha256', daemon).toString('base64url') } }),
    );
    expect(statusOf(judgement, 'key')).toBe('skipped');
  });

  it.each([
    ['of the v1 endpoint', `https://login.microsoftonline.com/${tenant}/oauth2/token`],
    ['of the v2 issuer', `https://login.microsoftonline.com/${tenant}/v2.0`],
    ['of the v1 issuer', `https://sts.windows.net/${tenant}/`],
    ['of a domain', 'https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token'],
    ['of another cloud', `https://login.microsoftonline.us/${tenant}/oauth2/v2.0/token`],
    ['of a local authority', `https://localhost:8443/${tenant}/oauth2/v2.0/token`],
    ['behind a gateway', `https://gateway.example/entra/${tenant}/oauth2/v2.0/token`],
  ])('takes an audience %s by itself', async (_, aud) => {
    expect(await codeOf({ claims: { aud } })).toBeUndefined();
  });

  it.each([
    ['common', 'https://login.microsoftonline.com/common/oauth2/v2.0/token', 'audience-of-common'],
    ['an API', 'https://graph.microsoft.com', 'audience-is-the-resource'],
    ['an id', '00000003-0000-0000-c000-000000000000', 'audience-is-the-resource'],
    ['an older host', `https://login.windows.net/${tenant}/oauth2/v2.0/token`, 'audience-of-another-cloud'],
  ])('refuses the audience of %s by itself', async (_, aud, cause) => {
    const { verdict } = await judgeAssertion(assertion({ claims: { aud } }));
    expect([verdict.code, verdict.explanation?.causes[0]?.id]).toEqual(['AADSTS700023', cause]);
  });

  it('holds the audience against the tenant and the authority that are given', async () => {
    const other = randomUUID();
    expect(await codeOf({}, { tenant })).toBeUndefined();
    expect(await codeOf({}, { tenant: other })).toBe('AADSTS700023');
    expect(await codeOf({}, { authority: 'https://login.microsoftonline.us' })).toBe('AADSTS700023');
    expect(await codeOf({}, { authority: 'https://login.windows.net/' })).toBeUndefined();
  });

  it('does not know which domain is of which tenant', async () => {
    const judgement = await judgeAssertion(assertion(), { tenant: 'contoso.example' });
    expect(judgement.verdict.refused).toBe(false);
    expect(judgement.checks.find(({ id }) => id === 'audience')).toMatchObject({
      status: 'skipped',
      detail: expect.stringContaining('only the authority knows'),
    });
  });

  it('holds the issuer against the client id that is given', async () => {
    expect(await codeOf({}, { clientId })).toBeUndefined();
    expect(await codeOf({}, { clientId: randomUUID() })).toBe('AADSTS700021');
    expect(await codeOf({ claims: { sub: randomUUID() } })).toBe('AADSTS50048');
    expect(await codeOf({ claims: { iss: 'my-daemon', sub: 'my-daemon' } })).toBe('AADSTS700211');
  });

  it.each([
    ['lifetime', { exp: Math.floor(Date.now() / 1000) + 7200 }],
    ['jti', { jti: undefined }],
  ])('warns of a %s that others refuse', async (id, claims) => {
    const judgement = await judgeAssertion(assertion({ claims }));
    expect([judgement.verdict.refused, statusOf(judgement, id)]).toEqual([false, 'warned']);
  });

  it('warns of a header that does not say which certificate signed', async () => {
    const judgement = await judgeAssertion(assertion({ header: { 'x5t#S256': undefined } }));
    expect(statusOf(judgement, 'key')).toBe('warned');
  });

  it('goes by the clock that it is given', async () => {
    const platform = { now: () => Date.now() + 3_600_000 };
    expect(await codeOf({}, { platform })).toBe('AADSTS700024');
  });

  it('explains its own refusal where the assertion names other codes', async () => {
    const { verdict } = await judgeAssertion(assertion({ claims: { iss: 'AADSTS7000215: x', sub: 'x' } }));
    expect([verdict.code, verdict.explanation?.code]).toEqual(['AADSTS700211', 'AADSTS700211']);
  });

  it.each(['', 'hello', 'a.b.c', '..'])('refuses %j, which is no JWT at all', async (text) => {
    const { verdict, checks } = await judgeAssertion(text);
    expect([verdict.code, verdict.explanation?.causes[0]?.id]).toEqual(['AADSTS50027', 'not-a-jwt']);
    expect(checks.map(({ id, status }) => `${id} ${status}`)).toEqual(['size passed', 'form failed']);
  });

  it('refuses what is longer than a request may be', async () => {
    const { verdict } = await judgeAssertion(assertion({ claims: { x: 'a'.repeat(1_000_000) } }));
    expect(verdict.code).toBe('AADSTS9002313');
  });

  it('repeats nothing of the assertion that could be used', async () => {
    const text = assertion({ claims: { aud: 'https://graph.microsoft.com' } });
    expect(JSON.stringify(await judgeAssertion(text))).not.toContain(text.split('.')[2]);
  });
});
