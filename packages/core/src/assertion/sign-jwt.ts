import type { Credential } from '../keyfile/credential.ts';
import { toBase64Url, utf8 } from '../lib/text-encoding.ts';
import { clientAssertionHeader, type HeaderOptions } from './header-profile.ts';

/**
 * Signs claims with a credential's key, under a header that names its certificate: every JWT that certgrant makes.
 *
 * @returns the JWT in compact serialization (RFC 7515 §7.1), base64url without padding
 * @throws {CertgrantError} `KEY_UNSUITABLE` when the key cannot sign with `alg`; `USAGE` when profile and `alg` exclude
 * each other
 */
export async function signJwt(credential: Credential, claims: object, options: HeaderOptions): Promise<string> {
  const signer = await credential.privateKey.signer(options.alg);
  const signingInput = `${await encodedHeader(credential, options)}.${base64UrlJson(claims)}`;
  return `${signingInput}.${toBase64Url(await signer.sign(utf8(signingInput)))}`;
}

const encodedHeaders = new WeakMap<Credential, Map<string, Promise<string>>>();

/** The header's part of the JWT: the same for every JWT of a credential with the same options, so made once. */
function encodedHeader(credential: Credential, options: HeaderOptions): Promise<string> {
  const known = encodedHeaders.get(credential) ?? new Map<string, Promise<string>>();
  encodedHeaders.set(credential, known);
  const key = `${options.alg} ${options.profile} ${options.sendChain} ${options.keyId}`;
  let encoded = known.get(key);
  if (encoded === undefined) {
    encoded = clientAssertionHeader(credential, options).then(base64UrlJson);
    known.set(key, encoded);
  }
  return encoded;
}

function base64UrlJson(value: object): string {
  return toBase64Url(utf8(JSON.stringify(value)));
}
