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

/** A key that access tokens are verified with. */
export interface PublishedKey {
  /** The certificate's SHA-1 thumbprint in base64url: `kid` and `x5t` of a token. */
  readonly kid: string;
  readonly verifier: Verifier;
  /** The public key as it is published (RFC 7517); nothing private is in it. */
  readonly publicJwk: PublicJwk;
}

/** The key that access tokens are signed with. */
export interface SigningKey extends PublishedKey {
  readonly signer: Signer;
}

/** A key that has signed access tokens, and is published until the last of them has expired. */
interface RetiredKey extends PublishedKey {
  /** In milliseconds since the epoch. */
  readonly until: number;
}

/** The keys at one point in time. */
interface KeySet {
  readonly current: SigningKey;
  /** The last one first. */
  readonly retired: readonly RetiredKey[];
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

/** A key as a store keeps it, in base64; the private one goes when the key no longer signs. */
interface KeptKey {
  readonly pkcs8: string;
  readonly certificate: string;
}

/** The form of what a store keeps: the key that signs, then those that are still published. */
type KeptKeys = readonly [KeptKey, ...{ readonly certificate: string; readonly until: number }[]];

/** What an authority's keys need to know. */
export interface SigningKeyOptions {
  readonly platform: Platform;
  /** How long a key stays published after its last signature, in seconds: the longest lifetime of a token. */
  readonly overlap: number;
}

/** Clocks of APIs may be behind by this much, in milliseconds. */
const tolerance = 300_000;

/** The keys of one authority: one signs; those before it stay published as long as a token of theirs may be good. */
export class SigningKeys {
  readonly #options: SigningKeyOptions;
  readonly #keep: (keys: KeptKeys) => Promise<void>;
  #keys: Promise<KeySet>;
  #rotated: Promise<unknown> = Promise.resolve();

  /**
   * Starts with making or reading the keys; whoever needs them waits.
   *
   * @param keep writes the keys to where they are read from at the next start
   */
  constructor(keys: Promise<KeySet>, options: SigningKeyOptions, keep: (keys: KeptKeys) => Promise<void>) {
    this.#keys = keys;
    this.#options = options;
    this.#keep = keep;
    // The first token reports what went wrong.
    keys.catch(() => undefined);
  }

  /** Every key that a token may be signed with, the one that signs first. */
  async all(): Promise<readonly PublishedKey[]> {
    const { current, retired } = await this.#keys;
    return retired.length === 0 ? [current] : [current, ...this.#stillPublished(retired)];
  }

  /** When making, reading or writing them has ended, well or not. */
  async settled(): Promise<void> {
    await this.#keys.catch(() => undefined);
    await this.#rotated.catch(() => undefined);
  }

  async current(): Promise<SigningKey> {
    return (await this.#keys).current;
  }

  /**
   * Makes a new key and signs with it from now on; until it is made and kept, the one before signs.
   *
   * @returns the `kid` of the new key
   */
  rotateSigningKey(): Promise<string> {
    const rotation = this.#rotated.then(() => this.#rotate());
    this.#rotated = rotation.catch(() => undefined);
    return rotation;
  }

  async #rotate(): Promise<string> {
    const { platform, overlap } = this.#options;
    const made = await makeKey(platform);
    const current = await signingKey(made);
    const { current: before, retired } = await this.#keys;
    const { kid, verifier, publicJwk } = before;
    const last = { kid, verifier, publicJwk, until: platform.now() + overlap * 1000 + tolerance };
    const keys = { current, retired: [last, ...this.#stillPublished(retired)] };
    await this.#keep([made, ...keys.retired.map(keptForm)]);
    this.#keys = Promise.resolve(keys);
    return current.kid;
  }

  #stillPublished(retired: readonly RetiredKey[]): readonly RetiredKey[] {
    const now = this.#options.platform.now();
    return retired.filter(({ until }) => now < until);
  }
}

let sharedKey: Promise<SigningKey> | undefined;

/**
 * The keys of an authority that keeps nothing: all of a process begin with the same one, since an RSA key takes long to
 * make, and tests start many.
 */
export function processKeys(options: SigningKeyOptions): SigningKeys {
  sharedKey ??= makeKey(options.platform).then(signingKey);
  const keys = sharedKey.then((current) => ({ current, retired: [] }));
  return new SigningKeys(keys, options, () => Promise.resolve());
}

/** The keys that a store keeps; the first time they are made. */
export function storedKeys(store: Store, options: SigningKeyOptions): SigningKeys {
  const keep = (keys: KeptKeys): Promise<void> => store.writeValue(valueName, JSON.stringify(keys));
  return new SigningKeys(readOrMake(store, options.platform, keep), options, keep);
}

async function readOrMake(store: Store, platform: Platform, keep: (keys: KeptKeys) => Promise<void>): Promise<KeySet> {
  const text = await store.readValue(valueName);
  if (text === undefined) {
    const made = await makeKey(platform);
    await keep([made]);
    return { current: await signingKey(made), retired: [] };
  }
  const [kept, ...others] = JSON.parse(text) as KeptKeys;
  const retired = others.map(async ({ certificate, until }) => ({ ...(await publishedKey(certificate)), until }));
  return { current: await signingKey(kept), retired: await Promise.all(retired) };
}

function keptForm({ publicJwk, until }: RetiredKey): { certificate: string; until: number } {
  const [certificate = ''] = publicJwk.x5c;
  return { certificate, until };
}

async function makeKey(platform: Platform): Promise<KeptKey> {
  const keyPair = await generateKeyPair('RSA-2048');
  const subject = 'CN=certgrant token signing';
  const { der } = await createSelfSignedCertificate({ keyPair, subject, validityDays: certificateDays, platform });
  return { pkcs8: toBase64(keyPair.pkcs8), certificate: toBase64(der) };
}

async function signingKey({ pkcs8, certificate }: KeptKey): Promise<SigningKey> {
  const [published, signer] = await Promise.all([publishedKey(certificate), createSigner(bytes(pkcs8), 'RS256')]);
  return { ...published, signer: batchingSigner(signer) };
}

async function publishedKey(certificate: string): Promise<PublishedKey> {
  const read = readCertificate(bytes(certificate));
  const [verifier, { x5t }, jwk] = await Promise.all([
    createVerifier(read.publicKey.spki, 'RS256'),
    thumbprints(read),
    publicNumbers(read),
  ]);
  const publicJwk = { kty: 'RSA', use: 'sig', kid: x5t, x5t, ...jwk, x5c: [certificate] } as const;
  return { kid: x5t, verifier, publicJwk };
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
