import { engine } from '#engine';
import type { SignatureAlgorithm } from '../assertion/signer.ts';
import type { Certificate, PublicKey } from '../certificate/certificate.ts';
import { CertgrantError } from '../errors.ts';
import type { SigningKey, WrappedKey } from '../lib/engine.ts';
import { type Bytes, utf8 } from '../lib/text-encoding.ts';
import type { Collector } from './collector.ts';
import type { PrivateKey } from './credential.ts';
import { requireHash } from './hash-function.ts';
import type { FoundCertificate, FoundLabels } from './key-file-contents.ts';
import { Oid } from './object-identifiers.ts';
import type { Opening, Unwrap } from './opening.ts';
import { type Encrypted, inFittingForm } from './password-encryption.ts';
import { initializationVector, readPbes2Parameters } from './pbes2.ts';
import { type Pbkdf2Parameters, readPbkdf2Parameters } from './pbkdf2.ts';
import { importPrivateKey, requireSuitable } from './private-key.ts';

type SigningKeys = ReadonlyMap<SignatureAlgorithm, SigningKey>;

/** A private key that the runtime took undecrypted: whose it is shows only in what it signs. */
export interface UnwrappedKey extends FoundLabels {
  /** For each algorithm that the runtime took it for. */
  readonly signingKeys: SigningKeys;
  /** Its PrivateKeyInfo, where nothing else helps. */
  decrypt(): Promise<Bytes>;
}

/** A private key ready to sign, known by its public half. */
interface IdentifiedKey extends FoundLabels {
  readonly publicKey: PublicKey;
  readonly privateKey: PrivateKey;
}

type WebHash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512';

/** PBES2 (RFC 8018 §6.2) as Web Crypto does all of it: PBKDF2 and AES-CBC. */
interface Recipe {
  readonly pbkdf2: Pbkdf2Parameters;
  readonly hash: WebHash;
  /** In octets. */
  readonly keyLength: number;
  readonly iv: Bytes;
}

const webHashes: Readonly<Record<string, WebHash>> = {
  [Oid.hmacSha1]: 'SHA-1',
  [Oid.hmacSha256]: 'SHA-256',
  [Oid.hmacSha384]: 'SHA-384',
  [Oid.hmacSha512]: 'SHA-512',
};

/** Not AES of 192 bits, which Chromium lacks. */
const keyLengths: Readonly<Record<string, number>> = { [Oid.aes128Cbc]: 16, [Oid.aes256Cbc]: 32 };

/**
 * Has the runtime take an encrypted private key as it is. One that it does not take (RSASSA-PSS, an unusual curve, a
 * structure that is not DER) is decrypted with what was derived already.
 *
 * @returns `false` for an encryption that Web Crypto does not have as a whole, with nothing done
 * @throws {CertgrantError} `PASSWORD_WRONG` or `PASSWORD_REQUIRED` when no form of the password fits
 */
export async function collectUnwrapped(
  { identifier, ciphertext }: Encrypted,
  { passwords, cost, unwrap }: Opening,
  collector: Collector,
  labels: FoundLabels,
): Promise<boolean> {
  const recipe = identifier.algorithm === Oid.pbes2 ? readRecipe(identifier.parameters) : undefined;
  if (recipe === undefined || unwrap === undefined) return false;
  const { pbkdf2, keyLength, iv } = recipe;
  const { outputLength, weight } = await requireHash(pbkdf2.prf);
  const open = async (password: Bytes): Promise<UnwrappedKey | Bytes | undefined> => {
    cost.spend(pbkdf2.iterations, Math.ceil(keyLength / outputLength), weight);
    const wrapped = { wrappingKey: await deriveWrappingKey(recipe, password), iv, ciphertext };
    const signingKeys = await unwrapForAll(wrapped, unwrap);
    return signingKeys.size === 0
      ? decrypt(wrapped).catch(() => undefined)
      : { ...labels, signingKeys, decrypt: () => decrypt(wrapped) };
  };
  await inFittingForm(passwords.octets, passwords.given, open, (opened) =>
    opened instanceof Uint8Array ? collector.addPrivateKey(opened, labels) : collector.addUnwrappedKey(opened),
  );
  return true;
}

function readRecipe(parameters: Bytes): Recipe | undefined {
  const { derivation, cipher } = readPbes2Parameters(parameters);
  const keyLength = keyLengths[cipher.algorithm];
  if (derivation.algorithm !== Oid.pbkdf2 || keyLength === undefined) return undefined;
  const pbkdf2 = readPbkdf2Parameters(derivation.parameters);
  const hash = webHashes[pbkdf2.prf];
  if (hash === undefined || (pbkdf2.keyLength ?? keyLength) !== keyLength) return undefined;
  return { pbkdf2, hash, keyLength, iv: initializationVector(cipher.parameters, 16) };
}

async function deriveWrappingKey({ pbkdf2, hash, keyLength }: Recipe, password: Bytes): Promise<CryptoKey> {
  const { salt, iterations } = pbkdf2;
  const secret = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveKey']);
  const cipher = { name: 'AES-CBC', length: 8 * keyLength };
  const usages: KeyUsage[] = ['unwrapKey', 'decrypt'];
  return crypto.subtle.deriveKey({ name: 'PBKDF2', hash, salt, iterations }, secret, cipher, false, usages);
}

/** What kind of key it is shows only in what the runtime takes it for. */
async function unwrapForAll(wrapped: WrappedKey, unwrap: Unwrap): Promise<SigningKeys> {
  const keys = new Map<SignatureAlgorithm, SigningKey>();
  for (const alg of ['PS256', 'RS256', 'ES256', 'ES384'] as const) {
    try {
      keys.set(alg, await unwrap(wrapped, alg));
    } catch {
      // Another kind of key or another password; Web Crypto says no more about it.
    }
  }
  return keys;
}

async function decrypt({ wrappingKey, iv, ciphertext }: WrappedKey): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, wrappingKey, ciphertext));
}

/** Beyond it a file of a thousand keys and a thousand certificates would take minutes. */
const mostTrials = 1000;

/**
 * Finds the public half of each key: that of the certificate which verifies what the key signs. A key without such a
 * certificate is decrypted, for only its octets tell then what it is.
 */
export async function identifyKeys(
  keys: readonly UnwrappedKey[],
  certificates: readonly FoundCertificate[],
): Promise<readonly IdentifiedKey[]> {
  const fewEnough = keys.length * certificates.length <= mostTrials;
  const identified: IdentifiedKey[] = [];
  for (const { signingKeys, decrypt: octets, ...labels } of keys) {
    const publicKey = fewEnough ? await publicKeyOf(signingKeys, certificates) : undefined;
    const privateKey =
      publicKey === undefined ? await importPrivateKey(await octets()) : unwrappedKey(signingKeys, publicKey);
    identified.push({ ...labels, publicKey: privateKey.publicKey, privateKey });
  }
  return identified;
}

async function publicKeyOf(
  signingKeys: SigningKeys,
  certificates: readonly FoundCertificate[],
): Promise<PublicKey | undefined> {
  for (const { certificate } of certificates) {
    const alg = algorithmOf(certificate);
    const sign = alg === undefined ? undefined : signingKeys.get(alg);
    if (alg === undefined || sign === undefined) continue;
    if (await verifies(certificate.publicKey, alg, sign)) return certificate.publicKey;
  }
  return undefined;
}

function algorithmOf({ publicKey: { type, curve } }: Certificate): SignatureAlgorithm | undefined {
  if (type === 'RSA') return 'RS256';
  if (type !== 'EC') return undefined;
  return curve === 'P-256' ? 'ES256' : curve === 'P-384' ? 'ES384' : undefined;
}

/** Any text would do: nobody but this function sees the signature. */
const sample = utf8('certgrant: whose private key signs this');

async function verifies({ spki }: PublicKey, alg: SignatureAlgorithm, sign: SigningKey): Promise<boolean> {
  try {
    const verify = await engine.importVerifyingKey(spki, alg);
    return await verify(await sign(sample), sample);
  } catch {
    // A certificate whose public key is not as the runtime takes it, such as a compressed point.
    return false;
  }
}

function unwrappedKey(signingKeys: SigningKeys, publicKey: PublicKey): PrivateKey {
  return {
    publicKey,
    async signer(alg) {
      requireSuitable(publicKey, alg);
      const sign = signingKeys.get(alg);
      if (sign === undefined) {
        throw new CertgrantError('KEY_UNSUITABLE', `sign with ${alg}: this runtime does not take the private key`, {
          fix: 'Use an RSA key of 2048 bits or more',
        });
      }
      return { alg, sign };
    },
    // It would have to come from the key's octets in canonical form, and nobody here has seen them.
    deriveSealingKey: async () => undefined,
  };
}
