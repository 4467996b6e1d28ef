import type { SignatureAlgorithm, Signer } from '../assertion/signer.ts';
import type { Certificate, PublicKey } from '../certificate/certificate.ts';
import type { SealingKey } from '../lib/engine.ts';

/** A private key that can be used and not be read. */
export interface PrivateKey {
  /** Its public half. */
  readonly publicKey: PublicKey;
  /**
   * A signer with this key.
   *
   * @throws {CertgrantError} `KEY_UNSUITABLE` when a key of this type or curve cannot sign with `alg`
   */
  signer(alg: SignatureAlgorithm): Promise<Signer>;
  /**
   * A key for sealing (AES-256-GCM) that only the holder of this private key can derive (HKDF-SHA256, RFC 5869; `purpose` is the
   * info string), the same in every process; `undefined` where the key is kept outside and cannot derive.
   */
  deriveSealingKey(purpose: string): Promise<SealingKey | undefined>;
}

/** A private key with its certificate: what a daemon proves its identity with. */
export interface Credential {
  readonly privateKey: PrivateKey;
  /** The certificate whose public key is the private key's. */
  readonly certificate: Certificate;
  /** The certificate first, then each issuer of the one before it, as far as they were at hand. */
  readonly chain: readonly Certificate[];
}
