import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { judgeProof, proofAudience } from '../../src/checks.ts';
import { type Identity, identity, type Members, signJws } from '../support/identity.ts';

const objectId = '0f8fad5b-d9cb-469f-a165-70867728950e';
let daemon: Identity;
let stranger: Identity;

beforeAll(async () => {
  [daemon, stranger] = await Promise.all([identity(), identity()]);
});

function proof(claims: Members = {}, signer = daemon, header: Members = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const x5t = createHash('sha1').update(daemon.certificate.der).digest('base64url');
  const usual = { aud: proofAudience, iss: objectId, nbf: now, exp: now + 600 };
  return signJws({ alg: 'RS256', x5t, ...header }, { ...usual, ...claims }, signer.key, 'RS256');
}

const now = (): number => Math.floor(Date.now() / 1000);

describe('judgeProof', () => {
  it('finds nothing to refuse in a good proof, and says what only the authority knows', async () => {
    const alone = await judgeProof(proof());
    expect(alone.verdict.refused).toBe(false);
    expect(alone.checks.filter(({ status }) => status === 'skipped').map(({ id }) => id)).toEqual([
      'key',
      'certificate-validity',
      'signature',
      'issuer',
    ]);
    const whole = await judgeProof(proof(), { certificate: daemon.certificate, objectId: objectId.toUpperCase() });
    expect(new Set(whole.checks.map(({ status }) => status))).toEqual(new Set(['passed']));
  });

  it.each([
    ['audience', () => proof({ aud: '00000003-0000-0000-c000-000000000000' }), 'proof-audience-wrong'],
    ['issuer', () => proof({ iss: randomUUID() }), 'proof-issuer-is-not-the-object-id'],
    ['lifetime', () => proof({ exp: now() + 3600 }), 'proof-lifetime-too-long'],
    ['times', () => proof({ nbf: now() - 1200, exp: now() - 700 }), 'proof-lifetime-too-long'],
    ['signature', () => proof({}, stranger), 'proof-signed-with-unregistered-key'],
    ['key', () => proof({}, daemon, { x5t: 'AAAA' }), 'proof-signed-with-unregistered-key'],
    ['padding', () => proof().replace('.', '=.'), 'proof-padded'],
    ['form', () => proof().replace(/\.[^.]+$/, ''), 'proof-malformed'],
    ['algorithm', () => proof({}, daemon, { alg: 'RS512' }), 'proof-malformed'],
  ] as const)('names a fault of the %s, which Graph does not tell', async (id, make, cause) => {
    const { verdict, checks } = await judgeProof(make(), { certificate: daemon.certificate, objectId });
    expect(verdict).toMatchObject({
      refused: true,
      status: 401,
      error: 'Authentication_MissingOrMalformed',
      message: 'Access Token missing or malformed.',
    });
    expect(checks.find(({ status }) => status === 'failed')?.id).toBe(id);
    expect(verdict.explanation?.causes[0]).toMatchObject({ id: cause, likelihood: 'certain' });
  });

  it.each(['', 'hello', '='])('refuses %j, which is no JWT at all', async (text) => {
    const { verdict, checks } = await judgeProof(text);
    expect(verdict.refused).toBe(true);
    expect(new Set(checks.slice(2).map(({ status }) => status))).toEqual(new Set(['skipped']));
  });

  it('refuses an issuer that can be no object id', async () => {
    const { checks } = await judgeProof(proof({ iss: 'my-daemon' }));
    expect(checks.find(({ id }) => id === 'issuer')?.status).toBe('failed');
  });
});
