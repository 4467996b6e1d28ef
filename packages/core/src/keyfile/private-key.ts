import { engine } from '#engine';
import { createSigner, type SignatureAlgorithm, type Signer } from '../assertion/signer.ts';
import type { PublicKey } from '../certificate/certificate.ts';
import { readPublicKey } from '../certificate/read-public-key.ts';
import { CertgrantError } from '../errors.ts';
import { DerReader } from '../lib/der/reader.ts';
import { integer, nullValue, octetString, sequence } from '../lib/der/writer.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { readAlgorithmIdentifier, writeAlgorithmIdentifier } from './algorithm-identifier.ts';
import type { PrivateKey } from './credential.ts';
import { malformed } from './malformed.ts';
import { Oid } from './object-identifiers.ts';
import { readPrivateKey } from './private-key-info.ts';

/**
 * A private key that can be used and not be read, from its PKCS#8 encoding.
 *
 * @param pkcs8 PrivateKeyInfo (RFC 5958), PKCS#1 or SEC 1, as DER
 * @returns the key; no property of it holds the bytes
 * @throws {CertgrantError} `FORMAT_MALFORMED`, `FORMAT_UNSUPPORTED`
 * @example
 * const signer = await (await importPrivateKey(pkcs8)).signer('PS256');
 */
export async function importPrivateKey(pkcs8: Bytes): Promise<PrivateKey> {
  try {
    const key = await readPrivateKey(pkcs8);
    return privateKeyOf(key.pkcs8, readPublicKey(key.spki));
  } catch (thrown) {
    throw malformed('import private key', 'the key', thrown);
  }
}

/** A usable key from octets in canonical form. */
export function privateKeyOf(pkcs8: Bytes, publicKey: PublicKey): PrivateKey {
  const signers = new Map<SignatureAlgorithm, Promise<Signer>>();
  return {
    publicKey,
    signer(alg) {
      let signer = signers.get(alg);
      if (signer === undefined) {
        signer = makeSigner(pkcs8, publicKey, alg);
        signers.set(alg, signer);
      }
      return signer;
    },
    async deriveSealingKey(purpose) {
      // The same key must come out in every process that holds the private key.
      return (await engine.importSealingSecret(pkcs8))(purpose);
    },
  };
}

async function makeSigner(pkcs8: Bytes, publicKey: PublicKey, alg: SignatureAlgorithm): Promise<Signer> {
  requireSuitable(publicKey, alg);
  try {
    return await createSigner(publicKey.type === 'RSA-PSS' ? asPlainRsa(pkcs8) : pkcs8, alg);
  } catch (cause) {
    throw new CertgrantError('KEY_UNSUITABLE', `sign with ${alg}: this runtime does not take the private key`, {
      fix: 'Check that the key file is whole, or use an RSA key of 2048 bits or more',
      cause,
    });
  }
}

/** Which keys sign with which algorithm (RFC 7518 §3.1); under 1,024 bits a PS256 signature may not even fit. */
export function requireSuitable({ type, bits, curve }: PublicKey, alg: SignatureAlgorithm): void {
  const kind = curve ?? type;
  const suitable = {
    PS256: type === 'RSA' || type === 'RSA-PSS',
    RS256: type === 'RSA',
    ES256: type === 'EC' && curve === 'P-256',
    ES384: type === 'EC' && curve === 'P-384',
  }[alg];
  if (!suitable) {
    throw new CertgrantError('KEY_UNSUITABLE', `sign with ${alg}: the key is of type ${kind}`, {
      fix: suitableAlgorithms(type, curve),
    });
  }
  if (type.startsWith('RSA') && bits < 1024) {
    throw new CertgrantError('KEY_UNSUITABLE', `sign with ${alg}: the RSA key has only ${bits} bits`, {
      fix: 'Use an RSA key of 2048 bits or more',
    });
  }
}

function suitableAlgorithms(type: string, curve: string | undefined): string {
  if (type === 'RSA') return 'Choose PS256 or RS256, the algorithms for RSA keys';
  if (type === 'RSA-PSS') return 'Choose PS256, the only algorithm for this key';
  if (curve === 'P-256') return 'Choose ES256, the algorithm for P-256 keys';
  if (curve === 'P-384') return 'Choose ES384, the algorithm for P-384 keys';
  return 'Use a certificate with an RSA key of 2048 bits or more';
}

/** Web Crypto takes an RSA key under the general identifier only; the numbers are the same (RFC 4055 §1.2). */
function asPlainRsa(pkcs8: Bytes): Bytes {
  const reader = new DerReader(pkcs8).sequence();
  const version = reader.smallInteger();
  readAlgorithmIdentifier(reader);
  const algorithm = writeAlgorithmIdentifier(Oid.rsaEncryption, nullValue());
  return sequence(integer(version), algorithm, octetString(reader.octetString()));
}
