import type { SignatureAlgorithm } from '../assertion/signer.ts';
import type { Engine, SealingKey, SigningKey } from './engine.ts';
import { type Bytes, utf8 } from './text-encoding.ts';

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
  async hmac(hash, key, data) {
    const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash }, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('HMAC', imported, data));
  },
  async pbkdf2(hash, { password, salt, iterations, length }) {
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
    return new Uint8Array(await crypto.subtle.deriveBits({ name: 'PBKDF2', hash, salt, iterations }, key, 8 * length));
  },
  async decryptAesCbc(key, iv, ciphertext) {
    const imported = await importAesKey(key);
    if (imported === undefined) return decryptAesCbcByHand(key, iv, ciphertext);
    try {
      return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, imported, ciphertext));
    } catch {
      // Length or padding are wrong; Web Crypto says no more about it.
      return undefined;
    }
  },
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
  async importSealingSecret(secret) {
    const hkdf = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
    return async (purpose) => {
      const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(purpose) };
      const cipher = { name: 'AES-GCM', length: 256 };
      return sealingKey(await crypto.subtle.deriveKey(derivation, hkdf, cipher, false, ['encrypt', 'decrypt']));
    };
  },
};

function signingKey(algorithm: Partial<WebAlgorithm> & { name: string }, key: CryptoKey): SigningKey {
  return async (data) => new Uint8Array(await crypto.subtle.sign(algorithm, key, data as Bytes));
}

function sealingKey(key: CryptoKey): SealingKey {
  const gcm = (nonce: Uint8Array, boundTo: Uint8Array): AesGcmParams => ({
    name: 'AES-GCM',
    iv: nonce as Bytes,
    additionalData: boundTo as Bytes,
  });
  return {
    seal: async (content, nonce, boundTo) =>
      new Uint8Array(await crypto.subtle.encrypt(gcm(nonce, boundTo), key, content as Bytes)),
    open: async (sealed, nonce, boundTo) =>
      new Uint8Array(await crypto.subtle.decrypt(gcm(nonce, boundTo), key, sealed as Bytes)),
  };
}

async function importAesKey(key: Bytes): Promise<CryptoKey | undefined> {
  try {
    return await crypto.subtle.importKey('raw', key, 'AES-CBC', false, ['decrypt']);
  } catch (thrown) {
    // Chromium has no AES of 192 bits.
    if (key.length === 24) return undefined;
    throw thrown;
  }
}

async function decryptAesCbcByHand(key: Bytes, iv: Bytes, ciphertext: Bytes): Promise<Bytes | undefined> {
  const [{ aesCipher }, { decryptCbc }] = await Promise.all([
    import('./ciphers/aes.ts'),
    import('./ciphers/block-cipher.ts'),
  ]);
  return decryptCbc(aesCipher(key), iv, ciphertext);
}
