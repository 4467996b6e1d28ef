import type { SignatureAlgorithm } from '../assertion/signer.ts';
import type { Engine, SigningKey } from './engine.ts';
import { type Bytes, toBase64Url, utf8 } from './text-encoding.ts';

type WebAlgorithm = RsaHashedImportParams & EcKeyImportParams & RsaPssParams & EcdsaParams;

/** RFC 7518 §3.1 in Web Crypto's words; the PSS salt is as long as the hash (§3.5). */
const webAlgorithms: Record<SignatureAlgorithm, Partial<WebAlgorithm> & { name: string }> = {
  PS256: { name: 'RSA-PSS', hash: 'SHA-256', saltLength: 32 },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  ES384: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
};

/** The engine for browsers: Web Crypto throughout. */
export const engine: Engine = {
  async digest(algorithm, data) {
    return new Uint8Array(await crypto.subtle.digest(algorithm, data as Bytes));
  },
  fillRandom: (bytes) => {
    crypto.getRandomValues(bytes);
  },
  base64Url: (data) => toBase64Url(typeof data === 'string' ? utf8(data) : data),
  async importSigningKey(pkcs8, alg) {
    const algorithm = webAlgorithms[alg];
    return signingKey(algorithm, await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']));
  },
  async unwrapSigningKey({ wrappingKey, iv, ciphertext }, alg) {
    const algorithm = webAlgorithms[alg];
    const cipher = { name: 'AES-CBC', iv };
    return signingKey(
      algorithm,
      await crypto.subtle.unwrapKey('pkcs8', ciphertext, wrappingKey, cipher, algorithm, false, ['sign']),
    );
  },
  async importVerifyingKey(spki, alg) {
    const algorithm = webAlgorithms[alg];
    const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
    return (signature, data) => crypto.subtle.verify(algorithm, key, signature as Bytes, data as Bytes);
  },
};

function signingKey(algorithm: Partial<WebAlgorithm> & { name: string }, key: CryptoKey): SigningKey {
  return async (data) => new Uint8Array(await crypto.subtle.sign(algorithm, key, data as Bytes));
}
