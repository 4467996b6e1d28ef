import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  hkdfSync,
  type JsonWebKey,
  type JsonWebKeyInput,
  type KeyObject,
  type PrivateKeyInput,
  pbkdf2,
  pbkdf2Sync,
  randomFillSync,
  type SignKeyObjectInput,
  sign,
  type VerifyKeyObjectInput,
  verify,
} from 'node:crypto';
import type { SignatureAlgorithm } from '../assertion/signer.ts';
import { concatenate, DerReader } from '../lib/der/reader.ts';
import type { Engine, Pbkdf2Input, SealingKey, WebHash } from '../lib/engine.ts';
import { type Bytes, toBase64Url } from '../lib/text-encoding.ts';

/** RFC 7518 §3.1 in OpenSSL's words; the PSS salt is as long as the hash (§3.5). */
const nodeAlgorithms: Record<SignatureAlgorithm, { hash: string; options: Omit<SignKeyObjectInput, 'key'> }> = {
  PS256: { hash: 'sha256', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } },
  RS256: { hash: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  ES256: { hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  ES384: { hash: 'sha384', options: { dsaEncoding: 'ieee-p1363' } },
};

/** The engine for Node, Deno and Bun: OpenSSL through node:crypto, a fifth cheaper than the way through Web Crypto. */
export const engine: Engine = {
  async digest(algorithm, data) {
    return own(hash(algorithm === 'SHA-1' ? 'sha1' : 'sha256', data, 'buffer'));
  },
  // Not crypto.getRandomValues: it would load Node's Web Crypto, 2 ms of a short process, for sixteen bytes.
  fillRandom: (bytes) => {
    randomFillSync(bytes);
  },
  async hmac(hashName, key, data) {
    return own(createHmac(opensslName(hashName), key).update(data).digest());
  },
  pbkdf2: derive,
  async decryptAesCbc(key, iv, ciphertext) {
    try {
      const decipher = createDecipheriv(`aes-${8 * key.length}-cbc`, key, iv);
      // Not Buffer.concat, whose memory other buffers share: this is a private key as a rule.
      return concatenate([decipher.update(ciphertext), decipher.final()]);
    } catch {
      // Length or padding are wrong; OpenSSL says no more about it.
      return undefined;
    }
  },
  async importSigningKey(pkcs8, alg) {
    return signingQueue(alg, createPrivateKey(keyInput(pkcs8, alg)));
  },
  async importVerifyingKey(spki, alg) {
    const { hash: digest, options } = nodeAlgorithms[alg];
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const input: VerifyKeyObjectInput = { key, ...options };
    return async (signature, data) => verify(digest, data, input, signature);
  },
  async importSealingSecret(secret) {
    const key = createSecretKey(secret);
    return async (purpose) => sealingKey(createSecretKey(new Uint8Array(hkdfSync('sha256', key, '', purpose, 32))));
  },
};

/** An RSA key is given by its numbers: OpenSSL would find out by trying what an encoded key holds, and half a millisecond is gone. */
function keyInput(pkcs8: Bytes, alg: SignatureAlgorithm): PrivateKeyInput | JsonWebKeyInput {
  if (alg === 'PS256' || alg === 'RS256') return { key: rsaJwk(pkcs8), format: 'jwk' };
  return { key: Buffer.from(pkcs8.buffer, pkcs8.byteOffset, pkcs8.length), format: 'der', type: 'pkcs8' };
}

/** RSAPrivateKey (RFC 8017 §A.1.2), which PrivateKeyInfo (RFC 5958) holds in an OCTET STRING, as JWK (RFC 7518 §6.3). */
function rsaJwk(pkcs8: Bytes): JsonWebKey {
  const outer = new DerReader(pkcs8).sequence();
  outer.smallInteger();
  outer.sequence();
  const numbers = new DerReader(outer.octetString()).sequence();
  numbers.smallInteger();
  const jwk: Record<string, string> = { kty: 'RSA' };
  for (const name of ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi']) jwk[name] = toBase64Url(numbers.integerBytes());
  return jwk;
}

/** What takes longer than about two milliseconds must not keep the event loop. */
const iterationsInPlace = 10_000;

interface Derivation extends Pbkdf2Input {
  readonly hash: string;
  readonly resolve: (derived: Bytes) => void;
  readonly reject: (reason: unknown) => void;
}

const shortDerivations: Derivation[] = [];

/**
 * Short derivations that are wanted at the same time, as those of the parts of a PFX are, run side by side: the last one in
 * place, since the way through the thread pool costs a tenth of it, and the others there.
 */
function derive(hashName: WebHash, input: Pbkdf2Input): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    const derivation = { ...input, hash: opensslName(hashName), resolve, reject };
    if (input.iterations >= iterationsInPlace) deriveInPool(derivation);
    else if (shortDerivations.push(derivation) === 1) setImmediate(deriveWaiting);
  });
}

function deriveWaiting(): void {
  const waiting = shortDerivations.splice(0);
  const last = waiting.pop();
  waiting.forEach(deriveInPool);
  if (last !== undefined) deriveInPlace(last);
}

function deriveInPool({ password, salt, iterations, length, hash: digest, resolve, reject }: Derivation): void {
  pbkdf2(password, salt, iterations, length, digest, (error, derived) => {
    if (error) reject(error);
    else resolve(own(derived));
  });
}

function deriveInPlace({ password, salt, iterations, length, hash: digest, resolve, reject }: Derivation): void {
  try {
    resolve(own(pbkdf2Sync(password, salt, iterations, length, digest)));
  } catch (thrown) {
    reject(thrown);
  }
}

function opensslName(hashName: WebHash): string {
  return hashName.replace('-', '');
}

interface Waiting {
  readonly data: Uint8Array;
  readonly resolve: (signature: Bytes) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * One signature alone is made in place; several wanted at the same time go to the thread pool, so that all cores sign.
 *
 * The way through the pool costs about 50 µs of CPU, a sixth of an RSA 2048 signature, and gains nothing for one.
 */
function signingQueue(alg: SignatureAlgorithm, key: KeyObject): (data: Uint8Array) => Promise<Bytes> {
  const { hash: digest, options } = nodeAlgorithms[alg];
  const input: SignKeyObjectInput = { key, ...options };
  let waiting: Waiting[] = [];
  let inPool = 0;

  const signInPlace = (job: Waiting): void => {
    try {
      job.resolve(own(sign(digest, job.data, input)));
    } catch (thrown) {
      job.reject(thrown);
    }
  };
  const signInPool = (job: Waiting): void => {
    inPool++;
    sign(digest, job.data, input, (error, signature) => {
      inPool--;
      if (error) job.reject(error);
      else job.resolve(own(signature));
    });
  };
  const flush = (): void => {
    const jobs = waiting;
    waiting = [];
    if (jobs.length === 1 && inPool === 0) jobs.forEach(signInPlace);
    else jobs.forEach(signInPool);
  };

  return (data) =>
    new Promise((resolve, reject) => {
      // A promise's reaction costs half of what queueMicrotask does.
      if (waiting.push({ data, resolve, reject }) === 1) Promise.resolve().then(flush);
    });
}

const tagLength = 16;

/** Web Crypto puts the tag behind the ciphertext (its §27.4), and so does this: both open what the other has sealed. */
function sealingKey(key: KeyObject): SealingKey {
  return {
    async seal(content, nonce, boundTo) {
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength }).setAAD(boundTo);
      return own(Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]));
    },
    async open(sealed, nonce, boundTo) {
      const end = Math.max(0, sealed.length - tagLength);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagLength }).setAAD(boundTo);
      decipher.setAuthTag(sealed.subarray(end));
      return own(Buffer.concat([decipher.update(sealed.subarray(0, end)), decipher.final()]));
    },
  };
}

/** A Buffer may be a window on memory shared with others; what leaves here owns its bytes. */
function own({ buffer, byteOffset, length }: Buffer): Bytes {
  // OpenSSL's results have memory of their own as a rule, and to allocate more costs as much as to compute a hash.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) return new Uint8Array(buffer);
  return new Uint8Array(buffer, byteOffset, length).slice() as Bytes;
}
