import { engine } from '#engine';
import { CertgrantError } from '../errors.ts';
import type { BlockCipher } from '../lib/ciphers/block-cipher.ts';
import { DerError } from '../lib/der/der-error.ts';
import { DerReader } from '../lib/der/reader.ts';
import { Tag } from '../lib/der/tag.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from './algorithm-identifier.ts';
import type { DerivationCost } from './derivation-cost.ts';
import { Oid } from './object-identifiers.ts';
import { derivePbkdf2, readPbkdf2Parameters } from './pbkdf2.ts';

/** Decrypts with a key from the password; `undefined` where the outcome shows that the password is another. */
export type Decryption = (password: Bytes, ciphertext: Bytes) => Promise<Bytes | undefined>;

interface Cipher {
  /** In octets. */
  readonly keyLength: number;
  decrypt(key: Bytes, ciphertext: Bytes): Promise<Bytes | undefined>;
}

interface KeyDerivation {
  readonly keyLength: number | undefined;
  derive(password: Bytes, length: number): Promise<Bytes>;
}

/** PBES2 (RFC 8018 §6.2): any key derivation with any cipher. */
export function pbes2(parameters: Bytes, cost: DerivationCost): Decryption {
  const read = readPbes2Parameters(parameters);
  const derivation = readKeyDerivation(read.derivation, cost);
  const cipher = readCipher(read.cipher);
  if (derivation.keyLength !== undefined && derivation.keyLength !== cipher.keyLength) {
    throw new DerError('the derived key is not as long as the cipher asks');
  }
  return async (password, ciphertext) =>
    cipher.decrypt(await derivation.derive(password, cipher.keyLength), ciphertext);
}

/** PBES2-params (RFC 8018 Appendix A.4). */
export function readPbes2Parameters(parameters: Bytes): Record<'derivation' | 'cipher', AlgorithmIdentifier> {
  const reader = new DerReader(parameters).sequence();
  const derivation = readAlgorithmIdentifier(reader);
  const cipher = readAlgorithmIdentifier(reader);
  reader.end();
  return { derivation, cipher };
}

function readKeyDerivation({ algorithm, parameters }: AlgorithmIdentifier, cost: DerivationCost): KeyDerivation {
  if (algorithm === Oid.pbkdf2) {
    const read = readPbkdf2Parameters(parameters);
    return { keyLength: read.keyLength, derive: (password, length) => derivePbkdf2(read, password, length, cost) };
  }
  if (algorithm === Oid.scrypt) return readScrypt(parameters, cost);
  throw unsupported(`the key derivation ${algorithm}`);
}

/** scrypt-params (RFC 7914 §7.1). */
function readScrypt(parameters: Bytes, cost: DerivationCost): KeyDerivation {
  const reader = new DerReader(parameters).sequence();
  const salt = reader.octetString();
  const n = reader.smallInteger();
  const r = reader.smallInteger();
  const p = reader.smallInteger();
  const keyLength = reader.atEnd ? undefined : reader.smallInteger();
  reader.end();
  if (n < 2 || !Number.isInteger(Math.log2(n)) || r < 1 || p < 1) throw new DerError('impossible parameters of scrypt');
  return {
    keyLength,
    async derive(password, length) {
      cost.spendScrypt(n, r, p);
      const { scrypt } = await import('@noble/hashes/scrypt.js');
      // The limit above has been kept; noble's own would be a second one.
      return new Uint8Array(scrypt(password, salt, { N: n, r, p, dkLen: length, maxmem: 2 ** 31 }));
    },
  };
}

function readCipher({ algorithm, parameters }: AlgorithmIdentifier): Cipher {
  switch (algorithm) {
    case Oid.aes128Cbc:
      return aesCbc(16, parameters);
    case Oid.aes192Cbc:
      return aesCbc(24, parameters);
    case Oid.aes256Cbc:
      return aesCbc(32, parameters);
    case Oid.tripleDesCbc:
      return desCbc(24, parameters);
    case Oid.desCbc:
      return desCbc(8, parameters);
    case Oid.rc2Cbc:
      return rc2Cbc(parameters);
    default:
      throw unsupported(`the cipher ${cipherNames[algorithm] ?? algorithm}`);
  }
}

const cipherNames: Readonly<Record<string, string>> = {
  '1.2.392.200011.61.1.1.1.2': 'Camellia-128',
  '1.2.392.200011.61.1.1.1.3': 'Camellia-192',
  '1.2.392.200011.61.1.1.1.4': 'Camellia-256',
  '1.2.410.200004.1.4': 'SEED',
  '1.2.410.200046.1.1.2': 'ARIA-128',
  '1.2.410.200046.1.1.12': 'ARIA-256',
  '1.2.840.113533.7.66.10': 'CAST5',
  '1.3.6.1.4.1.3029.1.2': 'Blowfish',
};

function unsupported(what: string): CertgrantError {
  return new CertgrantError(
    'FORMAT_UNSUPPORTED',
    `open key file: it is encrypted with ${what}, which certgrant does not know`,
    {
      fix: 'Export the file again with AES-256',
    },
  );
}

export function initializationVector(parameters: Bytes, length: number): Bytes {
  const reader = new DerReader(parameters);
  const iv = reader.octetString();
  reader.end();
  if (iv.length !== length) throw new DerError('an initialization vector of the wrong length');
  return iv;
}

function aesCbc(keyLength: number, parameters: Bytes): Cipher {
  const iv = initializationVector(parameters, 16);
  return { keyLength, decrypt: (key, ciphertext) => engine.decryptAesCbc(key, iv, ciphertext) };
}

function desCbc(keyLength: number, parameters: Bytes): Cipher {
  const iv = initializationVector(parameters, 8);
  const cipher = async (key: Bytes): Promise<BlockCipher> => (await import('../lib/ciphers/des.ts')).desCipher(key);
  return { keyLength, decrypt: async (key, ciphertext) => decryptByHand(await cipher(key), iv, ciphertext) };
}

/** RC2-CBC-Parameter (RFC 8018 Appendix B.2.3): the effective bits are written in a code of their own. */
function rc2Cbc(parameters: Bytes): Cipher {
  const outer = new DerReader(parameters);
  const reader = outer.nextTag === Tag.sequence ? outer.sequence() : outer;
  const version = reader.nextTag === Tag.integer ? reader.smallInteger() : undefined;
  const iv = reader.octetString();
  reader.end();
  const bits = version === undefined ? 32 : ({ 160: 40, 120: 64, 58: 128 }[version] ?? version);
  if (iv.length !== 8 || bits < 1 || bits > 1024) throw new DerError('impossible parameters of RC2');
  return {
    keyLength: Math.min(128, Math.ceil(bits / 8)),
    decrypt: async (key, ciphertext) => {
      const { rc2Cipher } = await import('../lib/ciphers/rc2.ts');
      return decryptByHand(rc2Cipher(key, bits), iv, ciphertext);
    },
  };
}

/** What neither OpenSSL nor Web Crypto does everywhere, and few files need: it is loaded when it is. */
async function decryptByHand(cipher: BlockCipher, iv: Bytes, ciphertext: Bytes): Promise<Bytes | undefined> {
  const { decryptCbc } = await import('../lib/ciphers/block-cipher.ts');
  return decryptCbc(cipher, iv, ciphertext);
}
