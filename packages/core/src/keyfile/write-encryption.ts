import { encryptCbc } from '../lib/ciphers/block-cipher.ts';
import { desCipher } from '../lib/ciphers/des.ts';
import { integer, nullValue, octetString, sequence } from '../lib/der/writer.ts';
import { type Bytes, utf8 } from '../lib/text-encoding.ts';
import { type Platform, platformWith } from '../platform.ts';
import { writeAlgorithmIdentifier } from './algorithm-identifier.ts';
import { DerivationCost } from './derivation-cost.ts';
import { requireHash } from './hash-function.ts';
import { Oid } from './object-identifiers.ts';
import { utf16 } from './passwords.ts';
import { derivePbkdf2 } from './pbkdf2.ts';
import { derivePkcs12, purpose } from './pkcs12-key-derivation.ts';

/** Something encrypted, with what its reader has to know. */
export interface WrittenEncryption {
  /** AlgorithmIdentifier as DER. */
  readonly algorithm: Bytes;
  readonly ciphertext: Bytes;
}

export type Encryption = (plaintext: Bytes, password: string, platform: Platform) => Promise<WrittenEncryption>;

/** .NET 9 opens no file with more than 300,000 iterations in one place or a million in all; a PFX has three places. */
export const modernIterations = 100_000;
/** What Windows itself writes with triple DES. */
export const legacyIterations = 2_000;

/** PBES2 with AES-256-CBC and PBKDF2 with HMAC-SHA-256 (RFC 8018 §6.2). */
export const encryptAes256: Encryption = async (plaintext, password, platform) => {
  const [salt, iv] = [platform.randomBytes(16), platform.randomBytes(16)];
  const parameters = { salt, iterations: modernIterations, keyLength: undefined, prf: Oid.hmacSha256 };
  const octets = await derivePbkdf2(parameters, utf8(password), 32, new DerivationCost(false));
  const key = await crypto.subtle.importKey('raw', octets, 'AES-CBC', false, ['encrypt']);
  const ciphertext = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, plaintext));
  const prf = writeAlgorithmIdentifier(Oid.hmacSha256, nullValue());
  const pbkdf2 = sequence(octetString(salt), integer(modernIterations), prf);
  const scheme = sequence(
    writeAlgorithmIdentifier(Oid.pbkdf2, pbkdf2),
    writeAlgorithmIdentifier(Oid.aes256Cbc, octetString(iv)),
  );
  return { algorithm: writeAlgorithmIdentifier(Oid.pbes2, scheme), ciphertext };
};

/** The triple DES of PKCS#12 (RFC 7292 Appendix C), for readers that know nothing newer. */
export const encryptTripleDes: Encryption = async (plaintext, password, platform) => {
  const salt = platform.randomBytes(8);
  const sha1 = await requireHash(Oid.sha1);
  const derive = (id: number, length: number): Promise<Bytes> =>
    derivePkcs12(sha1, utf16(password), { salt, iterations: legacyIterations, id, length });
  const [key, iv] = [await derive(purpose.key, 24), await derive(purpose.iv, 8)];
  const ciphertext = encryptCbc(desCipher(key), iv, plaintext);
  const parameters = sequence(octetString(salt), integer(legacyIterations));
  return { algorithm: writeAlgorithmIdentifier(Oid.pkcs12TripleDes, parameters), ciphertext };
};

/** EncryptedPrivateKeyInfo (RFC 5958 §3) with AES-256. */
export async function encryptPrivateKey(
  pkcs8: Bytes,
  password: string,
  platform: Partial<Platform> | undefined,
): Promise<Bytes> {
  const { algorithm, ciphertext } = await encryptAes256(pkcs8, password, platformWith(platform));
  return sequence(algorithm, octetString(ciphertext));
}
