import { engine } from '#engine';
import type { Certificate, PublicKey } from '../certificate/certificate.ts';
import { readPublicKey, subjectPublicKey } from '../certificate/read-public-key.ts';
import { thumbprints } from '../certificate/thumbprint.ts';
import { CertgrantError } from '../errors.ts';
import { DerReader } from '../lib/der/reader.ts';
import { type Bytes, toBase64, toBase64Url, utf8 } from '../lib/text-encoding.ts';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import { curves } from './ec-private-key.ts';
import { malformed } from './malformed.ts';
import { readPrivateKey } from './private-key-info.ts';

/** A public key for verifying signatures, as a JWK (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2). */
export interface PublicJwk {
  readonly kty: 'RSA' | 'EC' | 'OKP';
  readonly use: 'sig';
  readonly kid: string;
  /** Only where the key itself is bound to one algorithm. */
  readonly alg?: string;
  readonly n?: string;
  readonly e?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  /** The certificate and its issuers in standard base64, leaf first. */
  readonly x5c?: string[];
  readonly x5t?: string;
  readonly 'x5t#S256'?: string;
}

/** The same with the private members: a secret. */
export interface PrivateJwk extends PublicJwk {
  readonly d: string;
  readonly p?: string;
  readonly q?: string;
  readonly dp?: string;
  readonly dq?: string;
  readonly qi?: string;
}

/** RFC 7517 §5. */
export interface JwkSet {
  readonly keys: readonly PublicJwk[];
}

/** What goes into a private JWK. */
export interface JwkContents {
  /** PrivateKeyInfo (RFC 5958) as DER. */
  readonly pkcs8: Bytes;
  /** The private key's certificate first, then its issuers; may be empty. */
  readonly certificates: readonly Certificate[];
  /**
   * `kid`. By default the certificate's SHA-256 thumbprint in base64url, which the header profile `generic` sends too, or
   * without a certificate the thumbprint of the key (RFC 7638).
   */
  readonly keyId?: string | undefined;
}

/** What goes into a JWK Set for each key. */
export interface JwkSetEntry {
  readonly publicKey: PublicKey;
  /** As in {@link JwkContents}. */
  readonly certificates?: readonly Certificate[] | undefined;
  readonly keyId?: string | undefined;
}

/**
 * Writes a private key as a JWK, with its certificate in `x5c`, `x5t` and `x5t#S256`. The result is a secret.
 *
 * @returns the JWK as an object; a secret
 * @throws {CertgrantError} `FORMAT_MALFORMED` for the key; `FORMAT_UNSUPPORTED` when JWK has no form for it
 * @example
 * const text = JSON.stringify(await writeJwk({ pkcs8: keyPair.pkcs8, certificates: [certificate] }));
 */
export async function writeJwk({ pkcs8, certificates, keyId }: JwkContents): Promise<PrivateJwk> {
  try {
    const key = await readPrivateKey(pkcs8);
    const { publicKey, secret } = { publicKey: readPublicKey(key.spki), secret: secretOctets(key.pkcs8) };
    return { ...(await publicJwk({ publicKey, certificates, keyId })), ...privateMembers(publicKey, secret) };
  } catch (thrown) {
    throw malformed('write JWK', 'the key', thrown);
  }
}

/**
 * Writes public keys as a JWK Set: what an authorization server takes as the registration of a client (RFC 7591 §2,
 * `jwks`). It is made from public keys alone, so that no private member can get into it.
 *
 * @param entries one for each key
 * @returns the set as an object; nothing in it is secret
 * @throws {CertgrantError} `FORMAT_UNSUPPORTED` when JWK has no form for a key
 * @example
 * const jwks = await writeJwkSet([{ publicKey: certificate.publicKey, certificates: [certificate] }]);
 */
export async function writeJwkSet(entries: readonly JwkSetEntry[]): Promise<JwkSet> {
  try {
    return { keys: await Promise.all(entries.map(publicJwk)) };
  } catch (thrown) {
    throw malformed('write JWK Set', 'the key', thrown);
  }
}

type PublicMembers = Pick<PublicJwk, 'kty' | 'n' | 'e' | 'crv' | 'x' | 'y'>;

async function publicJwk({ publicKey, certificates = [], keyId }: JwkSetEntry): Promise<PublicJwk> {
  const members = publicMembers(publicKey);
  const [leaf] = certificates;
  const bound = publicKey.type === 'RSA-PSS' ? { alg: 'PS256' } : {};
  if (leaf === undefined) {
    return { ...members, ...bound, use: 'sig', kid: keyId ?? (await keyThumbprint(members)) };
  }
  const { x5t, 'x5t#S256': x5tS256 } = await thumbprints(leaf);
  return {
    ...members,
    ...bound,
    use: 'sig',
    kid: keyId ?? x5tS256,
    x5t,
    'x5t#S256': x5tS256,
    x5c: certificates.map(({ der }) => toBase64(der)),
  };
}

function publicMembers({ type, curve, spki }: PublicKey): PublicMembers {
  const octets = subjectPublicKey(spki);
  if (type === 'RSA' || type === 'RSA-PSS') {
    const reader = new DerReader(octets).sequence();
    return { kty: 'RSA', n: number(reader.integerBytes()), e: number(reader.integerBytes()) };
  }
  if (type === 'Ed25519' || type === 'Ed448') return { kty: 'OKP', crv: type, x: toBase64Url(octets) };
  const known = Object.values(curves).find(({ name }) => type === 'EC' && name === curve);
  if (known === undefined) throw unsupported(`a key of type ${curve ?? type}`);
  // Without its y (SEC 1 §2.3.3) a point would have to be computed; nobody writes keys like that for signing JWTs.
  if (octets[0] !== 4 || octets.length !== 1 + 2 * known.length) throw unsupported('an EC key with a compressed point');
  const [x, y] = [octets.subarray(1, 1 + known.length), octets.subarray(1 + known.length)];
  return { kty: 'EC', crv: known.name, x: toBase64Url(x), y: toBase64Url(y) };
}

/** What stands in the OCTET STRING of PrivateKeyInfo. */
function secretOctets(pkcs8: Bytes): Bytes {
  const reader = new DerReader(pkcs8).sequence();
  reader.smallInteger();
  readAlgorithmIdentifier(reader);
  return reader.octetString();
}

function privateMembers({ type }: PublicKey, secret: Bytes): Omit<PrivateJwk, keyof PublicJwk> {
  if (type === 'Ed25519' || type === 'Ed448') return { d: toBase64Url(new DerReader(secret).octetString()) };
  const reader = new DerReader(secret).sequence();
  reader.smallInteger();
  if (type === 'EC') return { d: toBase64Url(reader.octetString()) };
  // RSAPrivateKey (RFC 8017 §A.1.2): after modulus and public exponent.
  reader.integerBytes();
  reader.integerBytes();
  const next = (): string => number(reader.integerBytes());
  return { d: next(), p: next(), q: next(), dp: next(), dq: next(), qi: next() };
}

/** Base64urlUInt (RFC 7518 §2): no leading zero octets. */
function number(contents: Bytes): string {
  const start = contents.findIndex((octet) => octet !== 0);
  return toBase64Url(contents.subarray(Math.max(start, 0)));
}

/** RFC 7638 §3: the hash of the required members in the order of their names. */
async function keyThumbprint({ kty, n, e, crv, x, y }: PublicMembers): Promise<string> {
  const required = { RSA: { e, kty, n }, EC: { crv, kty, x, y }, OKP: { crv, kty, x } }[kty];
  return toBase64Url(await engine.digest('SHA-256', utf8(JSON.stringify(required))));
}

function unsupported(what: string): CertgrantError {
  return new CertgrantError('FORMAT_UNSUPPORTED', `write JWK: ${what}, for which JWK has no form`, {
    fix: 'Use a certificate with an RSA key of 2048 bits or more',
  });
}
