import { utf8 } from '@certgrant/core';
import type { AccessTokenClaims } from './access-token-claims.ts';
import type { SigningKey } from './signing-key.ts';

/** Signs an access token: RS256, with `x5t` in the header of version 1 only. */
export async function signAccessToken(claims: AccessTokenClaims, version: 1 | 2, key: SigningKey): Promise<string> {
  const { kid } = key;
  const header = version === 1 ? { typ: 'JWT', alg: 'RS256', x5t: kid, kid } : { typ: 'JWT', alg: 'RS256', kid };
  const signingInput = `${encoded(header)}.${encoded(claims)}`;
  const signature = await key.signer.sign(utf8(signingInput));
  return `${signingInput}.${Buffer.from(signature.buffer).toString('base64url')}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
