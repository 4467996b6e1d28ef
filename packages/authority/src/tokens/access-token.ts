import type { AccessTokenClaims } from './access-token-claims.ts';
import type { SigningKey } from './signing-key.ts';

/** Signs an access token: RS256, with `x5t` in the header of version 1 only. */
export async function signAccessToken(claims: AccessTokenClaims, version: 1 | 2, key: SigningKey): Promise<string> {
  const signingInput = `${encodedHeader(key, version)}.${encoded(claims)}`;
  const signature = await key.signer.sign(Buffer.from(signingInput, 'latin1'));
  return `${signingInput}.${Buffer.from(signature.buffer).toString('base64url')}`;
}

const encodedHeaders = new WeakMap<SigningKey, Record<1 | 2, string>>();

/** The same for every token that a key signs. */
function encodedHeader(key: SigningKey, version: 1 | 2): string {
  let headers = encodedHeaders.get(key);
  if (headers === undefined) {
    const { kid } = key;
    const common = { typ: 'JWT', alg: 'RS256' };
    headers = { 1: encoded({ ...common, x5t: kid, kid }), 2: encoded({ ...common, kid }) };
    encodedHeaders.set(key, headers);
  }
  return headers[version];
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
