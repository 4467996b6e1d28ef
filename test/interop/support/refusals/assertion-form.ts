import { createPublicKey } from 'node:crypto';
import { signJws } from '../../../../packages/authority/test/support/identity.ts';
import { type Refusal, withAssertion, withClaims, withHeader } from './refusal.ts';

/** Assertions that are no well-formed JWT, or lack something that each must have. */

const notAJwt = { code: 50027, cause: 'not-a-jwt' } as const;
const claimMissing = { code: 50027, cause: 'claim-missing-or-wrong' } as const;
const notSigned = { code: 50027, cause: 'not-signed' } as const;

export const assertionForm: readonly Refusal[] = [
  { name: 'not a JWT', request: withAssertion(() => 'hello'), ...notAJwt, decoded: 'no-token' },
  { name: 'five parts', request: withAssertion((text) => `${text}.a.b`), ...notAJwt },
  {
    name: 'an empty signature',
    proven: true,
    request: withAssertion((text) => text.replace(/[^.]+$/, '')),
    ...notSigned,
  },
  { name: 'a signature in standard base64', request: withAssertion((text) => text.replace(/.$/, '+')), ...notAJwt },
  { name: 'a detached payload', request: withAssertion((text) => text.replace(/\.[^.]+\./, '..')), ...notAJwt },
  {
    name: 'a header that is an array',
    request: withAssertion((text) => text.replace(/^[^.]+/, 'W10')),
    ...notAJwt,
    decoded: 'no-token',
  },
  {
    name: 'bytes that are no UTF-8',
    request: withAssertion((text) => text.replace(/^[^.]+/, '__79')),
    ...notAJwt,
    decoded: 'no-token',
  },
  {
    name: 'two members with one name',
    request: withAssertion((_, { claims, signer }) =>
      signJws('{"alg":"PS256","alg":"PS256"}', claims, signer.key, 'PS256'),
    ),
    ...notAJwt,
  },
  { name: 'crit', request: withHeader({ crit: ['exp'] }), ...notAJwt },
  { name: 'an unencoded payload', request: withHeader({ b64: false }), ...notAJwt },
  { name: 'a compressed payload', request: withHeader({ zip: 'DEF' }), ...notAJwt },
  {
    name: 'its own key in its header',
    request: (scene) => {
      const jwk = createPublicKey(scene.stranger.key).export({ format: 'jwk' });
      return { ...withHeader({ jwk, 'x5t#S256': undefined })(scene), signer: scene.stranger };
    },
    ...notAJwt,
  },
  { name: 'a URL of its key', request: withHeader({ jku: 'https://attacker.example/keys' }), ...notAJwt },
  { name: 'alg that is an object', proven: true, request: withHeader({ alg: { toString: 1 } }), ...notSigned },
  { name: 'a header of a hundred kilobytes', request: withHeader({ x: 'a'.repeat(100_000) }), ...notAJwt },
  { name: 'alg none', proven: true, request: withHeader({ alg: 'none' }), ...notSigned },
  { name: 'no alg', proven: true, request: withHeader({ alg: undefined }), ...notSigned },
  {
    name: 'an array of audiences',
    proven: true,
    request: (scene) => withClaims({ aud: [scene.granted.claims.aud] })(scene),
    code: 50027,
    cause: 'audience-is-an-array',
  },
  { name: 'no audience', proven: true, request: withClaims({ aud: undefined }), ...claimMissing },
  { name: 'no issuer', proven: true, request: withClaims({ iss: undefined }), ...claimMissing },
  { name: 'no subject', proven: true, request: withClaims({ sub: undefined }), ...claimMissing },
  { name: 'no expiry', proven: true, request: withClaims({ exp: undefined }), ...claimMissing },
  { name: 'an expiry that is no number', proven: true, request: withClaims({ exp: 'soon' }), ...claimMissing },
  {
    name: 'typ client-authentication+jwt',
    request: withHeader({ typ: 'client-authentication+jwt' }),
    code: 5002727,
    cause: 'typ-not-jwt',
  },
  {
    name: 'strict: no jti',
    proven: true,
    request: withClaims({ jti: undefined }),
    code: 50027,
    cause: 'claim-missing-or-wrong',
    strict: true,
    decoded: 'nothing',
  },
];
