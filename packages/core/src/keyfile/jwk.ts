import { CertgrantError } from '../errors.ts';
import { concatenate } from '../lib/der/reader.ts';
import { integer, octetString, oid, sequence } from '../lib/der/writer.ts';
import { type Bytes, fromBase64 } from '../lib/text-encoding.ts';
import type { Collector } from './collector.ts';
import { atLength, curves, ecKeyHalves } from './ec-private-key.ts';
import type { FoundLabels } from './key-file-contents.ts';
import { Oid } from './object-identifiers.ts';
import { requireReasonableLength, rsaKeyHalves } from './rsa-private-key.ts';

type Members = Readonly<Record<string, unknown>>;

/** No key set of a client comes near it. */
const mostKeys = 1000;

/** Reads a JWK (RFC 7517 §4), a JWK Set (§5) or a bare list of JWKs: private keys, and certificates in `x5c`. */
export async function readJwks(json: unknown, collector: Collector): Promise<void> {
  const keys = isObject(json) && Array.isArray(json.keys) ? json.keys : Array.isArray(json) ? json : [json];
  if (keys.length > mostKeys) throw malformedJwk(`it has more than ${mostKeys} keys`);
  for (const key of keys) {
    if (!isObject(key) || typeof key.kty !== 'string') {
      throw new CertgrantError('FORMAT_UNKNOWN', 'read key file: it is JSON, but no JWK and no JWK Set', {
        fix: 'Give a PFX, PEM, DER or JWK file with a private key or a certificate',
      });
    }
    await readJwk(key, key.kty, collector);
  }
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readJwk(jwk: Members, type: string, collector: Collector): Promise<void> {
  const labels: FoundLabels = typeof jwk.kid === 'string' ? { friendlyName: jwk.kid } : {};
  if (Array.isArray(jwk.x5c)) {
    for (const certificate of jwk.x5c) collector.addCertificate(base64(certificate, 'x5c'), labels);
  }
  if (type === 'oct') return collector.skip('a symmetric key');
  if (jwk.d === undefined) return Array.isArray(jwk.x5c) ? undefined : collector.skip('a public key');
  const pkcs8 = await privateKeyInfo(jwk, type);
  if (pkcs8 === undefined) return collector.skip('a key of a type that certgrant does not know');
  await collector.addPrivateKey(pkcs8, labels);
}

/** PKCS#8 from the members of RFC 7518 §6 and RFC 8037 §2. */
async function privateKeyInfo(jwk: Members, type: string): Promise<Bytes | undefined> {
  if (type === 'RSA') return rsaKeyHalves(await rsaNumbers(jwk)).privateKey;
  if (type === 'EC') return ecPrivateKeyInfo(jwk);
  const edwards = type === 'OKP' ? { Ed25519: Oid.ed25519, Ed448: Oid.ed448 }[String(jwk.crv)] : undefined;
  if (edwards === undefined) return undefined;
  return sequence(integer(0), sequence(oid(edwards)), octetString(octetString(base64(jwk.d, 'd'))));
}

async function rsaNumbers(jwk: Members): Promise<readonly Bytes[]> {
  const members = (...names: readonly string[]): Bytes[] => names.map((name) => base64(jwk[name], name));
  const others = ['p', 'q', 'dp', 'dq', 'qi'];
  // All of them or none (RFC 7518 §6.3.2).
  if (others.some((name) => jwk[name] !== undefined)) return members('n', 'e', 'd', ...others);
  const [n, e, d] = members('n', 'e', 'd') as [Bytes, Bytes, Bytes];
  requireReasonableLength([n, e, d]);
  const { recoverPrimes } = await import('./rsa-primes.ts');
  const rest = recoverPrimes(n, e, d);
  if (rest === undefined) throw malformedJwk('the numbers "n", "e" and "d" do not belong together');
  return [n, e, d, ...rest];
}

async function ecPrivateKeyInfo(jwk: Members): Promise<Bytes | undefined> {
  const [identifier, curve] = Object.entries(curves).find(([, { name }]) => name === jwk.crv) ?? [];
  if (identifier === undefined || curve === undefined) return undefined;
  const point = concatenate([
    new Uint8Array([4]),
    atLength(base64(jwk.x, 'x'), curve.length),
    atLength(base64(jwk.y, 'y'), curve.length),
  ]);
  const parameters = oid(identifier);
  const { privateKey } = await ecKeyHalves(base64(jwk.d, 'd'), parameters, point);
  return sequence(integer(0), sequence(oid(Oid.ecPublicKey), parameters), octetString(privateKey));
}

function base64(member: unknown, name: string): Bytes {
  const bytes = typeof member === 'string' ? fromBase64(member.replaceAll(/\s/g, '')) : undefined;
  if (bytes === undefined || bytes.length === 0) throw malformedJwk(`the member "${name}" is missing or not base64`);
  return bytes;
}

function malformedJwk(what: string): CertgrantError {
  return new CertgrantError('FORMAT_MALFORMED', `read JWK: ${what}`, { fix: 'Export the whole key again' });
}
