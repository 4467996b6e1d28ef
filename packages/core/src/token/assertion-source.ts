import { type ClientAssertionOptions, createClientAssertion } from '../assertion/client-assertion.ts';
import type { SignatureAlgorithm } from '../assertion/signer.ts';
import type { Certificate } from '../certificate/certificate.ts';
import type { Credential } from '../keyfile/credential.ts';
import type { Platform } from '../platform.ts';
import { type CredentialSource, PresentCredential } from './credential-source.ts';

export interface AssertionSettings extends Omit<ClientAssertionOptions, 'credential' | 'audience' | 'platform'> {
  readonly credential: CredentialSource;
  readonly platform: Platform;
  /**
   * Whether an assertion may be sent more than once. Entra ID takes it, and a signature is the most costly part of a
   * request; other servers insist on a `jti` that they have not seen (RFC 7523 §3, rule 7).
   */
  readonly reuse: boolean;
}

export interface IssuedAssertion {
  readonly jwt: string;
  /** The certificate whose key signed it. */
  readonly certificate: Certificate;
  /** Whether it has been sent before. */
  readonly reused: boolean;
}

/** An assertion is not sent in its last minute: it might expire on the way, or by the server's clock. */
const lastMinute = 60_000;
const defaultLifetime = 600;

/** Signs assertions, and hands out the last one again where and while that is right. */
export class AssertionSource {
  readonly #settings: AssertionSettings;
  readonly #present: PresentCredential;
  readonly #issued = new Map<string, { jwt: string; until: number; credential: Credential }>();

  constructor(settings: AssertionSettings) {
    this.#settings = settings;
    this.#present = new PresentCredential(settings.credential);
  }

  /**
   * @param audience `aud` of the assertion
   * @param rsaAlgorithm what an RSA key signs with when nothing is set
   */
  async assertion(audience: string, rsaAlgorithm?: SignatureAlgorithm): Promise<IssuedAssertion> {
    const { reuse, platform, lifetime = defaultLifetime, ...settings } = this.#settings;
    const credential = this.#present.fixed ?? (await this.#present.get());
    const issued = this.#issued.get(audience);
    const now = platform.now();
    if (issued !== undefined && issued.credential === credential && now < issued.until) {
      return { jwt: issued.jwt, certificate: credential.certificate, reused: true };
    }
    const isRsa = credential.privateKey.publicKey.type === 'RSA';
    const alg = settings.alg ?? (isRsa ? rsaAlgorithm : undefined);
    const jwt = await createClientAssertion({ ...settings, alg, credential, audience, lifetime, platform });
    // The assertion counts whole seconds, and from the one that `now` lies in.
    const until = Math.floor(now / 1000) * 1000 + lifetime * 1000 - lastMinute;
    if (reuse) this.#issued.set(audience, { jwt, until, credential });
    return { jwt, certificate: credential.certificate, reused: false };
  }

  /** Never sends the present assertions again: a server refused one. */
  forget(): void {
    this.#issued.clear();
  }

  /**
   * Whether the next assertion will be signed with another key than that of the certificate that a server refused.
   *
   * @throws what the source of the credential throws when it is asked for a newer one
   */
  isReplaced(refused: Certificate): Promise<boolean> {
    return this.#present.isReplaced(refused);
  }
}
