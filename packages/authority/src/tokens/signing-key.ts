import {
  type Bytes,
  type Certificate,
  createSelfSignedCertificate,
  createSigner,
  createVerifier,
  fromBase64,
  generateKeyPair,
  type Platform,
  readCertificate,
  type Signer,
  thumbprints,
  toBase64,
  type Verifier,
} from '@certgrant/core';
import type { Store } from '../store/store.ts';
import { batchingSigner } from './signing-batch.ts';

/** A key that access tokens are signed with. */
export interface SigningKey {
  /** The certificate's SHA-1 thumbprint in base64url: `kid` and `x5t` of a token. */
  readonly kid: string;
  readonly signer: Signer;
  readonly verifier: Verifier;
  /** The public key as it is published (RFC 7517); nothing private is in it. */
  readonly publicJwk: PublicJwk;
}

/** An entry of the JWKS, as Entra ID writes it. */
export interface PublicJwk {
  readonly kty: 'RSA';
  readonly use: 'sig';
  readonly kid: string;
  readonly x5t: string;
  readonly n: string;
  readonly e: string;
  readonly x5c: readonly string[];
}

/** How long the certificate of a signing key is good, in days; clients do not look at it. */
const certificateDays = 5 * 365;

/** The name under which a store keeps the keys. */
const valueName = 'signing-keys';

interface KeptKey {
  readonly pkcs8: string;
  readonly certificate: string;
}

/** The keys of one authority: the first signs, all of them are published. */
export class SigningKeys {
  readonly #keys: Promise<readonly SigningKey[]>;

  /** Starts with making or reading the keys; whoever needs them waits. */
  constructor(keys: Promise<readonly SigningKey[]>) {
    this.#keys = keys;
    // The first token reports what went wrong.
    keys.catch(() => undefined);
  }

  all(): Promise<readonly SigningKey[]> {
    return this.#keys;
  }

  /** When making or reading them has ended, well or not. */
  async settled(): Promise<void> {
    await this.#keys.catch(() => undefined);
  }

  async current(): Promise<SigningKey> {
    const [key] = await this.#keys;
    if (key === undefined) throw new Error('there is no signing key');
    return key;
  }
}

let sharedKeys: Promise<readonly SigningKey[]> | undefined;

/**
 * The keys of all authorities of this process that keep nothing: an RSA key takes long to make, and tests start many.
 */
export function processKeys(platform: Platform): SigningKeys {
  sharedKeys ??= makeKey(platform).then(async (key) => [await signingKey(key)]);
  return new SigningKeys(sharedKeys);
}

/** The keys that a store keeps; the first time they are made. */
export function storedKeys(store: Store, platform: Platform): SigningKeys {
  return new SigningKeys(readOrMake(store, platform));
}

async function readOrMake(store: Store, platform: Platform): Promise<readonly SigningKey[]> {
  const text = await store.readValue(valueName);
  if (text !== undefined) return Promise.all((JSON.parse(text) as KeptKey[]).map(signingKey));
  const made = await makeKey(platform);
  await store.writeValue(valueName, JSON.stringify([made]));
  return [await signingKey(made)];
}

async function makeKey(platform: Platform): Promise<KeptKey> {
  const keyPair = await generateKeyPair('RSA-2048');
  const subject = 'CN=certgrant token signing';
  const { der } = await createSelfSignedCertificate({ keyPair, subject, validityDays: certificateDays, platform });
  return { pkcs8: toBase64(keyPair.pkcs8), certificate: toBase64(der) };
}

async function signingKey({ pkcs8, certificate }: KeptKey): Promise<SigningKey> {
  const read = readCertificate(bytes(certificate));
  const [signer, verifier, { x5t }, jwk] = await Promise.all([
    createSigner(bytes(pkcs8), 'RS256'),
    createVerifier(read.publicKey.spki, 'RS256'),
    thumbprints(read),
    publicNumbers(read),
  ]);
  const publicJwk = { kty: 'RSA', use: 'sig', kid: x5t, x5t, ...jwk, x5c: [certificate] } as const;
  return { kid: x5t, signer: batchingSigner(signer), verifier, publicJwk };
}

async function publicNumbers({ publicKey }: Certificate): Promise<{ n: string; e: string }> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('spki', publicKey.spki, algorithm, true, ['verify']);
  const { n = '', e = '' } = await crypto.subtle.exportKey('jwk', key);
  return { n, e };
}

function bytes(base64: string): Bytes {
  return fromBase64(base64) ?? new Uint8Array();
}
