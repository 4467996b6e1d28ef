import type { JWK } from 'jose';
import { engine } from '#engine';
import type { Certificate, PublicKey } from '../certificate/certificate.ts';
import { thumbprints } from '../certificate/thumbprint.ts';
import { CertgrantError } from '../errors.ts';
import { fromBase64, toBase64, toBase64Url, toHex } from '../lib/text-encoding.ts';
import { printable } from './printable.ts';
import type { VerificationFailure } from './verification.ts';

/** A key that may verify a token, because the caller or the issuer says so: never because the token does. */
export interface TrustedKey {
  readonly kid?: string;
  /** SHA-1 thumbprint of its certificate in upper-case hexadecimal, where there is one. */
  readonly thumbprint?: string;
  /** Imports it for an algorithm with which it can be used. */
  readonly import: (alg: string) => Promise<CryptoKey>;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * The list of keys in a JWK set (RFC 7517 §5); a single key is taken as a set of one.
 *
 * @throws {CertgrantError} `FORMAT_MALFORMED`
 */
export function keysOfSet(jwks: unknown): readonly Members[] {
  const members = isMembers(jwks) ? jwks : {};
  const keys = 'kty' in members ? [members] : members.keys;
  if (Array.isArray(keys)) return keys.filter(isMembers);
  throw new CertgrantError('FORMAT_MALFORMED', 'read key set: there is no list of keys in it', {
    fix: 'Give a JWK set, {"keys": […]}, as the jwks_uri of an issuer serves it',
  });
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The keys of a set that a token can mean.
 *
 * `kid` is the name by which both sides know the key (RFC 7515 §4.1.4), a certificate thumbprint is another; keys that
 * have no name are tried when no name fits. Where the header names no key, every suitable one is tried.
 */
export async function selectKeys(
  keys: readonly Members[],
  header: Members,
): Promise<readonly TrustedKey[] | VerificationFailure> {
  const alg = String(header.alg);
  const named = await Promise.all(keys.map(async (jwk) => ({ jwk, names: await namesOf(jwk) })));
  const hints = ['kid', 'x5t', 'x5t#S256'].flatMap((name) => hintNames(header[name]));
  const matching = named.filter(({ names }) => names.some((name) => hints.includes(name)));
  const nameless = named.filter(({ names }) => names.length === 0);
  const meant = hints.length === 0 ? named : matching.length > 0 ? matching : nameless;
  if (meant.length === 0) {
    const kid = typeof header.kid === 'string' ? ` (kid ${printable(header.kid).slice(0, 100)})` : '';
    return {
      code: 'key-not-found',
      message: `None of the ${keys.length} trusted keys is the one that the token names${kid}`,
    };
  }
  const suitable = meant.filter(({ jwk }) => isSuitable(jwk, alg));
  if (suitable.length === 0) {
    return { code: 'key-unsuitable', message: `No trusted key that the token can mean is for ${alg} signatures` };
  }
  return suitable.map(({ jwk }) => trustedKey(jwk));
}

/** A hint as it stands, and a thumbprint without the padding that some clients write. */
function hintNames(hint: unknown): string[] {
  if (typeof hint !== 'string' || hint === '') return [];
  const bytes = fromBase64(hint);
  return bytes === undefined ? [hint] : [hint, toBase64Url(bytes)];
}

/** Everything by which a header may mean this key. */
async function namesOf(jwk: Members): Promise<string[]> {
  const certificate = Array.isArray(jwk.x5c) ? jwk.x5c[0] : undefined;
  const der = typeof certificate === 'string' ? fromBase64(certificate.replace(/\s/g, '')) : undefined;
  const hashes =
    der === undefined ? [] : await Promise.all([engine.digest('SHA-1', der), engine.digest('SHA-256', der)]);
  const written = ['kid', 'x5t', 'x5t#S256'].map((name) => jwk[name]).filter((name) => typeof name === 'string');
  return [...written, ...hashes.map((hash) => toBase64Url(hash))];
}

interface KeyShape {
  readonly kty: string;
  readonly crv?: readonly string[];
}

function shapeFor(alg: string): KeyShape | undefined {
  if (/^[RP]S/.test(alg)) return { kty: 'RSA' };
  if (alg === 'ES256') return { kty: 'EC', crv: ['P-256'] };
  if (alg === 'ES384') return { kty: 'EC', crv: ['P-384'] };
  if (alg === 'ES512') return { kty: 'EC', crv: ['P-521'] };
  if (alg === 'EdDSA' || alg === 'Ed25519') return { kty: 'OKP', crv: ['Ed25519'] };
  return undefined;
}

/** Whether a key may verify signatures of an algorithm (RFC 7517 §4.1 to §4.4). */
function isSuitable(jwk: Members, alg: string): boolean {
  const shape = shapeFor(alg);
  const { kty, crv, use, alg: ownAlg, key_ops: operations } = jwk;
  if (shape === undefined || kty !== shape.kty || (shape.crv !== undefined && !shape.crv.includes(String(crv)))) {
    return false;
  }
  const sameAlg = ownAlg === undefined || ownAlg === alg || (shape.kty === 'OKP' && /^Ed/.test(String(ownAlg)));
  const mayVerify = !Array.isArray(operations) || operations.includes('verify') || operations.includes('sign');
  return sameAlg && (use === undefined || use === 'sig') && mayVerify;
}

function trustedKey(jwk: Members): TrustedKey {
  const { kid, x5t } = jwk;
  const bytes = typeof x5t === 'string' ? fromBase64(x5t) : undefined;
  return {
    ...(typeof kid === 'string' ? { kid } : {}),
    ...(bytes?.length === 20 ? { thumbprint: toHex(bytes) } : {}),
    import: async (alg) => {
      const { importJWK } = await import('jose');
      // Public members alone: a private key in the set would be imported for signing, and "alg" is already checked.
      const { kty, n, e, crv, x, y } = jwk;
      const key = await importJWK((kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y }) as JWK, alg);
      return key as CryptoKey;
    },
  };
}

/** The key of a certificate, or why it cannot have made a signature of this algorithm. */
export async function certificateKey(certificate: Certificate, alg: string): Promise<TrustedKey | VerificationFailure> {
  const { publicKey } = certificate;
  const shape = shapeFor(alg);
  const fits =
    shape !== undefined &&
    keyType(publicKey) === shape.kty &&
    (shape.kty !== 'EC' || shape.crv?.includes(publicKey.curve ?? ''));
  if (!fits) {
    const type = publicKey.type === 'EC' ? `an EC key (${publicKey.curve})` : `a key of type ${publicKey.type}`;
    return { code: 'key-unsuitable', message: `The certificate has ${type}, which makes no ${alg} signatures` };
  }
  const { sha1 } = await thumbprints(certificate);
  return {
    thumbprint: sha1,
    import: async (name) => {
      const { importSPKI } = await import('jose');
      return importSPKI(`-----BEGIN PUBLIC KEY-----\n${toBase64(publicKey.spki)}\n-----END PUBLIC KEY-----`, name);
    },
  };
}

function keyType({ type }: PublicKey): string {
  return type === 'Ed25519' ? 'OKP' : type;
}

/** Whether the header names a certificate, and if so, whether it is this one. */
export async function headerNames(header: Members, certificate: Certificate): Promise<boolean | undefined> {
  const prints = await thumbprints(certificate);
  const known: readonly unknown[] = [prints.x5t, prints['x5t#S256'], prints.sha1, prints.sha256];
  const hints = ['x5t', 'x5t#S256'].flatMap((name) => hintNames(header[name]));
  if (hints.length === 0) return undefined;
  return hints.some((hint) => known.includes(hint.length === 40 || hint.length === 64 ? hint.toUpperCase() : hint));
}
