import { CertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';
import { concatenate, DerReader } from '../lib/der/reader.ts';
import { Tag } from '../lib/der/tag.ts';
import { bitString, explicit, integer, octetString, oid, sequence } from '../lib/der/writer.ts';
import { type Bytes, fromBase64 } from '../lib/text-encoding.ts';
import { Oid } from './object-identifiers.ts';
import type { KeyHalves } from './rsa-private-key.ts';

/** Named curves: name as in RFC 7518 §6.2.1.1 and RFC 8812, and the length of a coordinate in octets. */
export const curves: Record<string, { readonly name: string; readonly length: number }> = {
  '1.2.840.10045.3.1.7': { name: 'P-256', length: 32 },
  '1.3.132.0.34': { name: 'P-384', length: 48 },
  '1.3.132.0.35': { name: 'P-521', length: 66 },
  '1.3.132.0.10': { name: 'secp256k1', length: 32 },
};

/**
 * Reads ECPrivateKey (RFC 5915 §3) and writes it as OpenSSL does inside PKCS#8: the key as long as the curve asks, the
 * curve outside, the public point always there.
 *
 * @param parameters the curve as it stands in the AlgorithmIdentifier; empty when there is none around the key
 * @param publicKey the point, when it stands in the PKCS#8 structure (RFC 5958 §2)
 */
export async function readEcPrivateKey(
  der: Uint8Array,
  parameters: Bytes,
  publicKey: Bytes | undefined,
): Promise<KeyHalves & { readonly parameters: Bytes }> {
  const outer = new DerReader(der);
  const reader = outer.sequence();
  outer.end();
  if (reader.smallInteger() !== 1) throw new DerError('an EC private key of a version other than 1');
  const key = reader.octetString();
  const inner = reader.optionalExplicit(0)?.element().raw;
  const point = reader.optionalExplicit(1)?.bitString() ?? publicKey;
  reader.end();
  const curve = parameters.length > 0 ? parameters : inner;
  if (curve === undefined) throw new DerError('an EC private key that does not name its curve');
  return ecKeyHalves(key, curve, point);
}

/** From the private number, the encoded curve and the public point, which is computed when it is not at hand. */
export async function ecKeyHalves(
  key: Bytes,
  parameters: Bytes,
  point: Bytes | undefined,
): Promise<KeyHalves & { readonly parameters: Bytes }> {
  const named = namedCurve(parameters);
  const secret = named === undefined ? key : atLength(key, named.length);
  const publicKey = point ?? (await computePoint(secret, parameters, named?.name));
  if (publicKey.length < 2) throw new DerError('an EC public key that is empty');
  return {
    privateKey: sequence(integer(1), octetString(secret), explicit(1, bitString(publicKey))),
    publicKey,
    parameters,
  };
}

function namedCurve(parameters: Bytes): { readonly name: string; readonly length: number } | undefined {
  return parameters[0] === Tag.objectIdentifier ? curves[new DerReader(parameters).oid()] : undefined;
}

/** Old tools drop leading zero octets, or add one as in an INTEGER (RFC 5915 §3 asks for the exact length). */
export function atLength(octets: Uint8Array, length: number): Bytes {
  const excess = octets.length - length;
  if (excess > 0 && octets.subarray(0, excess).some((octet) => octet !== 0)) {
    throw new DerError('an EC number that is longer than its curve');
  }
  return excess >= 0 ? new Uint8Array(octets.subarray(excess)) : concatenate([new Uint8Array(-excess), octets]);
}

/** Web Crypto computes the public point of a key that comes without it. */
async function computePoint(secret: Bytes, parameters: Bytes, curve: string | undefined): Promise<Bytes> {
  const bare = sequence(integer(1), octetString(secret));
  const pkcs8 = sequence(integer(0), sequence(oid(Oid.ecPublicKey), parameters), octetString(bare));
  try {
    const algorithm = { name: 'ECDSA', namedCurve: curve ?? 'unknown' };
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']);
    const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', key);
    return concatenate([new Uint8Array([4]), fromBase64(x) ?? new Uint8Array(), fromBase64(y) ?? new Uint8Array()]);
  } catch (cause) {
    throw new CertgrantError(
      'FORMAT_UNSUPPORTED',
      'read private key: an EC key without its public point, which this runtime cannot compute',
      { fix: 'Write the key again with its public point, for example with: openssl ec -in KEY -out NEW', cause },
    );
  }
}
