import { CertgrantError } from '../errors.ts';
import { DerReader } from '../lib/der/reader.ts';
import { bitString, integer, octetString, oid, sequence } from '../lib/der/writer.ts';
import { type Bytes, fromBase64 } from '../lib/text-encoding.ts';
import { Oid } from './object-identifiers.ts';

/**
 * An Ed25519 or Ed448 key (RFC 8410 §7). Nothing in certgrant signs with one; it is read so that a file which holds one
 * can be described.
 */
export async function readEdwardsPrivateKey(
  algorithm: string,
  key: Uint8Array,
  publicKey: Bytes | undefined,
): Promise<{ pkcs8: Bytes; spki: Bytes }> {
  const reader = new DerReader(key);
  const secret = reader.octetString();
  reader.end();
  const identifier = sequence(oid(algorithm));
  const pkcs8 = sequence(integer(0), identifier, octetString(octetString(secret)));
  const known = publicKey ?? (await computePublicKey(algorithm, pkcs8));
  return { pkcs8, spki: sequence(identifier, bitString(known)) };
}

async function computePublicKey(algorithm: string, pkcs8: Bytes): Promise<Bytes> {
  const name = algorithm === Oid.ed25519 ? 'Ed25519' : 'Ed448';
  try {
    const key = await crypto.subtle.importKey('pkcs8', pkcs8, { name }, true, ['sign']);
    const { x = '' } = await crypto.subtle.exportKey('jwk', key);
    return fromBase64(x) ?? new Uint8Array();
  } catch (cause) {
    throw new CertgrantError('FORMAT_UNSUPPORTED', `read private key: this runtime cannot handle an ${name} key`, {
      fix: 'Use a key pair of type RSA (2048 bits or more)',
      cause,
    });
  }
}
