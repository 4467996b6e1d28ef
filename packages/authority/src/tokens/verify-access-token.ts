import { parseAssertion } from '../checks/parse-assertion.ts';
import type { AccessTokenClaims } from './access-token-claims.ts';
import type { SigningKeys } from './signing-key.ts';

/**
 * The claims of an access token that this authority has signed and that is good now, or `undefined`.
 *
 * @param now in seconds since the epoch
 */
export async function verifyAccessToken(
  token: string,
  keys: SigningKeys,
  now: number,
): Promise<AccessTokenClaims | undefined> {
  const parsed = parseAssertion(token);
  if ('refused' in parsed) return undefined;
  const { header, claims, signature, signingInput } = parsed.value;
  if (header.alg !== 'RS256') return undefined;
  const key = (await keys.all()).find(({ kid }) => kid === header.kid);
  if (key === undefined || !(await key.verifier.verify(signature, signingInput))) return undefined;
  const { exp, nbf } = claims;
  return typeof exp === 'number' && typeof nbf === 'number' && nbf <= now && now < exp ? claims : undefined;
}
