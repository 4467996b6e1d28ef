import { CertgrantError } from '../errors.ts';
import { DerReader } from '../lib/der/reader.ts';
import { contextTag, Tag } from '../lib/der/tag.ts';
import { bitString, integer, octetString, sequence } from '../lib/der/writer.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { type AlgorithmIdentifier, readAlgorithmIdentifier, writeAlgorithmIdentifier } from './algorithm-identifier.ts';
import { readEcPrivateKey } from './ec-private-key.ts';
import { readEdwardsPrivateKey } from './edwards-private-key.ts';
import { Oid } from './object-identifiers.ts';
import { readRsaPrivateKey } from './rsa-private-key.ts';

/** A private key in the one form that certgrant works with. */
export interface ReadPrivateKey {
  /**
   * PrivateKeyInfo (RFC 5958) in canonical form: DER, version 0, no attributes, minimal integers, an EC key with its
   * public point. The same key gives the same octets, whichever kind of file it came from.
   */
  readonly pkcs8: Bytes;
  /** SubjectPublicKeyInfo of its public half. */
  readonly spki: Bytes;
}

/**
 * Reads a private key as PKCS#8 (RFC 5958), PKCS#1 (RFC 8017 §A.1.2) or SEC 1 (RFC 5915).
 *
 * @throws {DerError} when it is none of them
 * @throws {CertgrantError} `FORMAT_UNSUPPORTED` for a kind of key that certgrant cannot use, `FORMAT_MALFORMED` for a key
 * whose numbers do not belong together
 */
export async function readPrivateKey(der: Uint8Array): Promise<ReadPrivateKey> {
  const outer = new DerReader(der);
  const reader = outer.sequence();
  outer.end();
  reader.smallInteger();
  // What follows the version tells the three apart: AlgorithmIdentifier, modulus or the EC key's octets.
  if (reader.nextTag === Tag.integer) return rsa(der, { algorithm: Oid.rsaEncryption, parameters: derNull });
  if (reader.nextTag === Tag.octetString) return ec(der, new Uint8Array(), undefined);
  const identifier = readAlgorithmIdentifier(reader);
  const key = reader.octetString();
  reader.optional(contextTag(0, true));
  const publicKey = reader.nextTag === contextTag(1, false) ? reader.element().contents.subarray(1) : undefined;
  reader.end();
  return readByAlgorithm(identifier, key, publicKey);
}

const derNull: Bytes = new Uint8Array([Tag.null, 0]);

function readByAlgorithm(
  identifier: AlgorithmIdentifier,
  key: Bytes,
  publicKey: Bytes | undefined,
): Promise<ReadPrivateKey> | ReadPrivateKey {
  switch (identifier.algorithm) {
    case Oid.rsaEncryption:
      return rsa(key, { algorithm: Oid.rsaEncryption, parameters: derNull });
    case Oid.rsaPss:
      return rsa(key, identifier);
    case Oid.ecPublicKey:
      return ec(key, identifier.parameters, publicKey);
    case Oid.ed25519:
    case Oid.ed448:
      return readEdwardsPrivateKey(identifier.algorithm, key, publicKey);
    default:
      throw new CertgrantError(
        'FORMAT_UNSUPPORTED',
        `read private key: a key of the algorithm ${algorithmName(identifier.algorithm)}, which certgrant cannot use`,
        { fix: 'Use a key pair of type RSA (2048 bits or more)' },
      );
  }
}

const otherAlgorithms: Record<string, string> = {
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.113549.1.3.1': 'Diffie-Hellman',
  '1.2.840.10046.2.1': 'Diffie-Hellman',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.2.643.7.1.1.1.1': 'GOST R 34.10-2012',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
};

function algorithmName(algorithm: string): string {
  const name = otherAlgorithms[algorithm];
  return name === undefined ? algorithm : `${name} (${algorithm})`;
}

function rsa(key: Uint8Array, identifier: AlgorithmIdentifier): ReadPrivateKey {
  return assemble(identifier, readRsaPrivateKey(key));
}

async function ec(key: Uint8Array, parameters: Bytes, publicKey: Bytes | undefined): Promise<ReadPrivateKey> {
  const read = await readEcPrivateKey(key, parameters, publicKey);
  return assemble({ algorithm: Oid.ecPublicKey, parameters: read.parameters }, read);
}

function assemble(identifier: AlgorithmIdentifier, halves: { privateKey: Bytes; publicKey: Bytes }): ReadPrivateKey {
  const algorithm = writeAlgorithmIdentifier(identifier.algorithm, identifier.parameters);
  return {
    pkcs8: sequence(integer(0), algorithm, octetString(halves.privateKey)),
    spki: sequence(algorithm, bitString(halves.publicKey)),
  };
}
