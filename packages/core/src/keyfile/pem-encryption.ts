import { engine } from '#engine';
import { CertgrantError } from '../errors.ts';
import { decryptCbc } from '../lib/ciphers/block-cipher.ts';
import { desCipher } from '../lib/ciphers/des.ts';
import { DerError } from '../lib/der/der-error.ts';
import { concatenate } from '../lib/der/reader.ts';
import { type Bytes, fromHex } from '../lib/text-encoding.ts';
import type { Opening } from './opening.ts';
import { passwordError } from './password-encryption.ts';

interface Cipher {
  readonly keyLength: number;
  readonly ivLength: number;
  decrypt(key: Bytes, iv: Bytes, ciphertext: Bytes): Promise<Bytes | undefined>;
}

function aes(keyLength: number): Cipher {
  return { keyLength, ivLength: 16, decrypt: engine.decryptAesCbc };
}

function des(keyLength: number): Cipher {
  const decrypt = async (key: Bytes, iv: Bytes, ciphertext: Bytes): Promise<Bytes | undefined> =>
    decryptCbc(desCipher(key), iv, ciphertext);
  return { keyLength, ivLength: 8, decrypt };
}

const ciphers: Readonly<Record<string, Cipher>> = {
  'AES-128-CBC': aes(16),
  'AES-192-CBC': aes(24),
  'AES-256-CBC': aes(32),
  'DES-EDE3-CBC': des(24),
  'DES-CBC': des(8),
};

/**
 * Opens a PEM block of the old encrypted kind (`Proc-Type: 4,ENCRYPTED`) and hands the key to `read`, which throws a
 * `DerError` when it is none. Nothing but that tells a right password from a wrong one.
 */
export async function decryptPem(
  ciphertext: Bytes,
  encryption: { readonly cipher: string; readonly iv: string },
  { passwords, cost }: Opening,
  read: (key: Bytes) => Promise<void>,
): Promise<void> {
  const cipher = ciphers[encryption.cipher];
  if (cipher === undefined) {
    throw new CertgrantError(
      'FORMAT_UNSUPPORTED',
      `open key file: it is encrypted with ${encryption.cipher}, which certgrant does not know`,
      { fix: 'Write the key again with AES-256, for example with: openssl pkcs8 -topk8 -v2 aes-256-cbc' },
    );
  }
  const iv = fromHex(encryption.iv);
  if (encryption.iv.length !== 2 * cipher.ivLength) throw new DerError('an initialization vector of the wrong length');
  for (const password of passwords.octets) {
    cost.spend(1, Math.ceil(cipher.keyLength / 16));
    const key = await deriveKey(password, iv.subarray(0, 8), cipher.keyLength);
    const plaintext = await cipher.decrypt(key, iv, ciphertext);
    if (plaintext === undefined) continue;
    try {
      return await read(plaintext);
    } catch (thrown) {
      if (!(thrown instanceof DerError)) throw thrown;
    }
  }
  throw passwordError(passwords.given);
}

/** OpenSSL's way: each MD5 over the one before, the password and the salt (EVP_BytesToKey(3)). */
async function deriveKey(password: Bytes, salt: Bytes, length: number): Promise<Bytes> {
  const { md5 } = await import('@noble/hashes/legacy.js');
  let key = new Uint8Array();
  for (let hash: Uint8Array = key; key.length < length; ) {
    hash = md5(concatenate([hash, password, salt]));
    key = concatenate([key, hash]);
  }
  return key.subarray(0, length);
}
