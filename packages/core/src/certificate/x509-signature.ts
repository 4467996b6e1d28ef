import type { SignatureAlgorithm, Signer } from '../assertion/signer.ts';
import { CertgrantError } from '../errors.ts';
import { concatenate, DerReader } from '../lib/der/reader.ts';
import { bitString, integer, nullValue, oid, sequence } from '../lib/der/writer.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import type { PublicKey } from './certificate.ts';

/** RFC 4055 §5 and RFC 5758 §3.2: RSA has NULL parameters, ECDSA none. */
const identifiers: Partial<Record<SignatureAlgorithm, () => Bytes>> = {
  RS256: () => sequence(oid('1.2.840.113549.1.1.11'), nullValue()),
  ES256: () => sequence(oid('1.2.840.10045.4.3.2')),
  ES384: () => sequence(oid('1.2.840.10045.4.3.3')),
};

/** The AlgorithmIdentifier with which X.509 structures name a signer's signatures; `undefined` where none is in use. */
export function x509SignatureAlgorithm(alg: SignatureAlgorithm): Bytes | undefined {
  return identifiers[alg]?.();
}

/** A signature as a BIT STRING of X.509. */
export async function signX509(signer: Signer, data: Bytes): Promise<Bytes> {
  const signature = await signer.sign(data);
  if (signer.alg === 'RS256') return bitString(signature);
  // JWS concatenates R and S, X.509 wants Ecdsa-Sig-Value (RFC 3279 §2.2.3).
  const half = signature.length / 2;
  return bitString(sequence(integer(signature.subarray(0, half)), integer(signature.subarray(half))));
}

/** RFC 4055 §5 and RFC 5758 §3.2; SHA-1 for requests that old programs have made. */
const schemes: Readonly<Record<string, { readonly type: 'RSA' | 'EC'; readonly hash: string }>> = {
  '1.2.840.113549.1.1.5': { type: 'RSA', hash: 'SHA-1' },
  '1.2.840.113549.1.1.11': { type: 'RSA', hash: 'SHA-256' },
  '1.2.840.113549.1.1.12': { type: 'RSA', hash: 'SHA-384' },
  '1.2.840.113549.1.1.13': { type: 'RSA', hash: 'SHA-512' },
  '1.2.840.10045.4.1': { type: 'EC', hash: 'SHA-1' },
  '1.2.840.10045.4.3.2': { type: 'EC', hash: 'SHA-256' },
  '1.2.840.10045.4.3.3': { type: 'EC', hash: 'SHA-384' },
  '1.2.840.10045.4.3.4': { type: 'EC', hash: 'SHA-512' },
};

const coordinateLengths: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };

/** A signature of X.509: what was signed, how, and the octets of the BIT STRING. */
export interface X509Signature {
  /** The object identifier of the algorithm. */
  readonly algorithm: string;
  readonly signed: Bytes;
  readonly signature: Bytes;
}

/**
 * Whether a signature is this key's; a malformed one is `false`.
 *
 * @throws {CertgrantError} `FORMAT_UNSUPPORTED` for a kind of key or signature that certgrant cannot check,
 * `FORMAT_MALFORMED` for a public key that is none
 */
export async function verifyX509(
  publicKey: PublicKey,
  { algorithm, signed, signature }: X509Signature,
): Promise<boolean> {
  const scheme = schemes[algorithm];
  if (scheme === undefined) throw unsupported(`the algorithm is ${algorithm}`);
  if (scheme.type !== publicKey.type) return false;
  if (scheme.type === 'RSA') {
    const parameters = { name: 'RSASSA-PKCS1-v1_5', hash: scheme.hash };
    const key = await importKey(publicKey, parameters);
    return crypto.subtle.verify(parameters, key, signature, signed);
  }
  const length = coordinateLengths[publicKey.curve ?? ''];
  if (length === undefined)
    throw unsupported(`the key is of the curve ${publicKey.curve ?? 'with its own parameters'}`);
  const octets = concatenated(signature, length);
  if (octets === undefined) return false;
  const key = await importKey(publicKey, { name: 'ECDSA', namedCurve: publicKey.curve ?? '' });
  return crypto.subtle.verify({ name: 'ECDSA', hash: scheme.hash }, key, octets, signed);
}

async function importKey(
  { spki }: PublicKey,
  parameters: RsaHashedImportParams | EcKeyImportParams,
): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('spki', spki, parameters, false, ['verify']);
  } catch (cause) {
    throw new CertgrantError('FORMAT_MALFORMED', 'verify signature: the public key is none of its kind', {
      fix: 'Check that the file arrived whole, or have it made again',
      cause,
    });
  }
}

/** Ecdsa-Sig-Value (RFC 3279 §2.2.3) as Web Crypto takes it: R and S, each as long as a coordinate. */
function concatenated(signature: Bytes, length: number): Bytes | undefined {
  try {
    const file = new DerReader(signature);
    const reader = file.sequence();
    const numbers = [reader.integerBytes(), reader.integerBytes()].map((number) =>
      number.subarray(number[0] === 0 ? 1 : 0),
    );
    reader.end();
    file.end();
    if (numbers.some((number) => number.length > length)) return undefined;
    return concatenate(numbers.flatMap((number) => [new Uint8Array(length - number.length), number]));
  } catch {
    return undefined;
  }
}

function unsupported(what: string): CertgrantError {
  return new CertgrantError('FORMAT_UNSUPPORTED', `verify signature: ${what}, which certgrant cannot check`, {
    fix: 'Use an RSA key, or an EC key of P-256 or P-384, and a hash of SHA-2',
  });
}
