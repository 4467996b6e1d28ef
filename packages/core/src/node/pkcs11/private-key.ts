import { createHash } from 'node:crypto';
import { engine } from '#engine';
import { createVerifier, type SignatureAlgorithm, type Signer } from '../../assertion/signer.ts';
import type { PublicKey } from '../../certificate/certificate.ts';
import { CertgrantError, isCertgrantError } from '../../errors.ts';
import type { PrivateKey } from '../../keyfile/credential.ts';
import { requireSuitable } from '../../keyfile/private-key.ts';
import { concatenate } from '../../lib/der/reader.ts';
import type { SealingSecret } from '../../lib/engine.ts';
import { type Bytes, fromHex, utf8 } from '../../lib/text-encoding.ts';
import type { MechanismValue } from './binding.ts';
import { Mechanism, mgf1Sha256 } from './constants.ts';
import type { TokenKey } from './objects.ts';
import type { Session } from './session.ts';

/** A private key that stays on its token. */
export interface TokenPrivateKeyOptions {
  readonly session: Session;
  readonly key: TokenKey;
  readonly publicKey: PublicKey;
  /** For a key that asks for it at each signature. */
  readonly pin: string | undefined;
}

/** How a token makes one kind of signature. */
interface Method {
  readonly mechanism: MechanismValue;
  /** What the mechanism takes, from what is to be signed. */
  readonly input: (data: Uint8Array) => Uint8Array;
}

/** A private key that signs on its token. */
export function tokenPrivateKey({ session, key, publicKey, pin }: TokenPrivateKeyOptions): PrivateKey {
  /** A PIN that was refused for a signature, because it was changed meanwhile, is not sent again. */
  let refusal: CertgrantError | undefined;
  const signer = async (alg: SignatureAlgorithm): Promise<Signer> => {
    requireSuitable(publicKey, alg);
    const { mechanism, input } = methodOf(alg, session.mechanisms());
    const again = key.alwaysAuthenticate ? (pin ?? '') : undefined;
    return {
      alg,
      async sign(data) {
        if (refusal !== undefined) throw refusal;
        try {
          const signature = await session.sign(key.handle, mechanism, input(data), again);
          return alg.startsWith('ES') ? fullLength(signature, publicKey) : new Uint8Array(signature);
        } catch (thrown) {
          if (isCertgrantError(thrown) && thrown.code === 'PASSWORD_WRONG') refusal = thrown;
          throw thrown;
        }
      },
    };
  };
  let secret: Promise<SealingSecret | undefined> | undefined;
  return {
    publicKey,
    signer,
    async deriveSealingKey(purpose) {
      if (key.alwaysAuthenticate) return undefined;
      secret ??= sealingSecret(signer);
      return (await secret)?.(purpose);
    },
  };
}

/**
 * What is signed for a sealing key. A null character and spaces are in no JWS signing input (RFC 7515 §5.1: base64url
 * digits and a dot) and this is no DER, so no assertion, certificate or request can ever be this text.
 */
const sealingText: Bytes = utf8('\0certgrant: this signature is a secret and the seed of sealing keys, version 1\0');

/**
 * The seed of sealing keys: an RS256 signature of a fixed text, which never leaves this function but as a secret of the engine.
 *
 * Why that is sound. RSASSA-PKCS1-v1_5 is deterministic (RFC 8017 §8.2.1), so every process with the token gets the same
 * octets. They cannot be foreseen without the key: foreseeing them would be forging a signature. HKDF (RFC 5869) turns
 * what is hard to foresee into what looks random. And whoever can have this text signed by the key can as well have a
 * client assertion signed, and get the very tokens that are sealed.
 *
 * Where it would not be, nothing is derived: ECDSA and PSS draw a random number for each signature, and a key that wants
 * its PIN for each signature is not meant to be used for anything but what its owner asked for.
 */
async function sealingSecret(signer: PrivateKey['signer']): Promise<SealingSecret | undefined> {
  let rs256: Signer;
  try {
    rs256 = await signer('RS256');
  } catch (thrown) {
    // An EC key, or a token that has PSS alone.
    if (isCertgrantError(thrown) && thrown.code === 'KEY_UNSUITABLE') return undefined;
    throw thrown;
  }
  const seed = await rs256.sign(sealingText);
  const secret = await engine.importSealingSecret(seed);
  seed.fill(0);
  return secret;
}

/** Signed only to see whether a key is the one of a certificate; again nothing that could mean anything elsewhere. */
const trialText: Bytes = utf8('\0certgrant: is this the key of the certificate?\0');

/** Whether a key makes signatures that a certificate's public key verifies. */
export async function isKeyOf({ publicKey, signer }: PrivateKey): Promise<boolean> {
  const alg = publicKey.curve === 'P-384' ? 'ES384' : publicKey.type === 'EC' ? 'ES256' : 'RS256';
  const signature = await (await signer(alg)).sign(trialText);
  return (await createVerifier(publicKey.spki, alg)).verify(signature, trialText);
}

/** Mechanisms in the order in which they are preferred: those that hash on the token first. */
function methodOf(alg: SignatureAlgorithm, present: ReadonlySet<number>): Method {
  const pss = { type: pssParameters, hashAlg: Mechanism.sha256, mgf: mgf1Sha256, saltLen: 32 };
  const whole = (data: Uint8Array): Uint8Array => data;
  const methods: Readonly<Record<SignatureAlgorithm, readonly Method[]>> = {
    RS256: [
      { mechanism: { mechanism: Mechanism.sha256RsaPkcs }, input: whole },
      { mechanism: { mechanism: Mechanism.rsaPkcs }, input: digestInfo },
    ],
    PS256: [
      { mechanism: { mechanism: Mechanism.sha256RsaPss, parameter: pss }, input: whole },
      { mechanism: { mechanism: Mechanism.rsaPss, parameter: pss }, input: (data) => digest('sha256', data) },
    ],
    ES256: [
      { mechanism: { mechanism: Mechanism.ecdsa }, input: (data) => digest('sha256', data) },
      { mechanism: { mechanism: Mechanism.ecdsaSha256 }, input: whole },
    ],
    ES384: [
      { mechanism: { mechanism: Mechanism.ecdsa }, input: (data) => digest('sha384', data) },
      { mechanism: { mechanism: Mechanism.ecdsaSha384 }, input: whole },
    ],
  };
  const method = methods[alg].find(({ mechanism }) => present.has(mechanism.mechanism));
  if (method !== undefined) return method;
  throw new CertgrantError('KEY_UNSUITABLE', `sign with ${alg}: the PKCS#11 token has no mechanism for it`, {
    fix: alg === 'PS256' ? 'Choose --alg RS256, which every token with RSA keys has' : 'Use a key of another type',
  });
}

/** CK_PARAMS_RSA_PSS: how pkcs11js calls the structure. */
const pssParameters = 5;

function digest(algorithm: 'sha256' | 'sha384', data: Uint8Array): Uint8Array {
  return createHash(algorithm).update(data).digest();
}

/** DigestInfo of SHA-256 up to the hash itself (RFC 8017 §9.2, note 1). */
const digestInfoStart: Bytes = fromHex('3031300D060960864801650304020105000420');

function digestInfo(data: Uint8Array): Uint8Array {
  return concatenate([digestInfoStart, digest('sha256', data)]);
}

/** R and S each as long as a coordinate (RFC 7518 §3.4); PKCS#11 lets both be shorter (2.40 §2.3.1). */
function fullLength(signature: Uint8Array, { bits }: PublicKey): Bytes {
  const length = Math.ceil(bits / 8);
  const half = signature.length / 2;
  const padded = new Uint8Array(2 * length);
  padded.set(signature.subarray(0, half), length - half);
  padded.set(signature.subarray(half), 2 * length - half);
  return padded;
}
