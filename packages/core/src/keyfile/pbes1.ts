import { decryptCbc } from '../lib/ciphers/block-cipher.ts';
import { desCipher } from '../lib/ciphers/des.ts';
import { rc2Cipher } from '../lib/ciphers/rc2.ts';
import { rc4 } from '../lib/ciphers/rc4.ts';
import { concatenate, DerReader } from '../lib/der/reader.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import type { DerivationCost } from './derivation-cost.ts';
import { requireHash } from './hash-function.ts';
import { Oid } from './object-identifiers.ts';
import type { Decryption } from './pbes2.ts';
import { derivePkcs12, purpose } from './pkcs12-key-derivation.ts';

interface Scheme {
  readonly keyLength: number;
  /** 0 for a stream cipher. */
  readonly ivLength: number;
  decrypt(key: Bytes, iv: Bytes, ciphertext: Bytes): Bytes | undefined;
}

const tripleDes: Pick<Scheme, 'ivLength' | 'decrypt'> = {
  ivLength: 8,
  decrypt: (key, iv, ciphertext) => decryptCbc(desCipher(key), iv, ciphertext),
};

function rc2(bits: number): Scheme {
  return {
    keyLength: bits / 8,
    ivLength: 8,
    decrypt: (key, iv, ciphertext) => decryptCbc(rc2Cipher(key, bits), iv, ciphertext),
  };
}

/** The schemes of PKCS#12 itself (RFC 7292 Appendix C), all with SHA-1. */
export const pkcs12Schemes: Readonly<Record<string, Scheme>> = {
  [Oid.pkcs12Rc4With128Bits]: { keyLength: 16, ivLength: 0, decrypt: (key, _, ciphertext) => rc4(key, ciphertext) },
  [Oid.pkcs12Rc4With40Bits]: { keyLength: 5, ivLength: 0, decrypt: (key, _, ciphertext) => rc4(key, ciphertext) },
  [Oid.pkcs12TripleDes]: { keyLength: 24, ...tripleDes },
  [Oid.pkcs12TwoKeyTripleDes]: { keyLength: 16, ...tripleDes },
  [Oid.pkcs12Rc2With128Bits]: rc2(128),
  [Oid.pkcs12Rc2With40Bits]: rc2(40),
};

/** Salt and iteration count: the parameters of PBES1 and of the PKCS#12 schemes alike. */
function readParameters(parameters: Bytes): { salt: Bytes; iterations: number } {
  const reader = new DerReader(parameters).sequence();
  const read = { salt: reader.octetString(), iterations: reader.smallInteger() };
  reader.end();
  return read;
}

export function pkcs12Encryption(
  { keyLength, ivLength, decrypt }: Scheme,
  parameters: Bytes,
  cost: DerivationCost,
): Decryption {
  const { salt, iterations } = readParameters(parameters);
  return async (password, ciphertext) => {
    const sha1 = await requireHash(Oid.sha1);
    cost.spend(iterations, Math.ceil(keyLength / sha1.outputLength) + Math.ceil(ivLength / sha1.outputLength));
    const key = await derivePkcs12(sha1, password, { salt, iterations, id: purpose.key, length: keyLength });
    const iv = await derivePkcs12(sha1, password, { salt, iterations, id: purpose.iv, length: ivLength });
    return decrypt(key, iv, ciphertext);
  };
}

/** PBES1 (RFC 8018 §6.1): DES or RC2 under half of a hash each for key and initialization vector. */
export const pbes1Schemes: Readonly<Record<string, { readonly hash: string; readonly cipher: 'des' | 'rc2' }>> = {
  [Oid.md5WithDes]: { hash: Oid.md5, cipher: 'des' },
  [Oid.md5WithRc2]: { hash: Oid.md5, cipher: 'rc2' },
  [Oid.sha1WithDes]: { hash: Oid.sha1, cipher: 'des' },
  [Oid.sha1WithRc2]: { hash: Oid.sha1, cipher: 'rc2' },
};

export function pbes1(
  { hash, cipher }: { readonly hash: string; readonly cipher: 'des' | 'rc2' },
  parameters: Bytes,
  cost: DerivationCost,
): Decryption {
  const { salt, iterations } = readParameters(parameters);
  return async (password, ciphertext) => {
    const { iterate, weight } = await requireHash(hash);
    cost.spend(iterations, 1, weight);
    const derived = await iterate(concatenate([password, salt]), iterations);
    const key = derived.subarray(0, 8);
    return decryptCbc(cipher === 'des' ? desCipher(key) : rc2Cipher(key, 64), derived.subarray(8, 16), ciphertext);
  };
}
