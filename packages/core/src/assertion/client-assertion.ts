import { CertgrantError } from '../errors.ts';
import type { Credential } from '../keyfile/credential.ts';
import { type Platform, platformWith, randomUuid } from '../platform.ts';
import type { HeaderProfile } from './header-profile.ts';
import { signJwt } from './sign-jwt.ts';
import type { SignatureAlgorithm } from './signer.ts';

/** How long an assertion is good for when nothing else is asked: what Entra ID's documentation advises at most. */
const defaultLifetime = 600;

/** What a client assertion is made from. */
export interface ClientAssertionOptions {
  readonly credential: Credential;
  /** The application (client) id: `iss` and `sub` (RFC 7523 §3). */
  readonly clientId: string;
  /** `aud`: the URL of the token endpoint, or the issuer where the server asks for that. */
  readonly audience: string;
  /** By default PS256 for an RSA key, RS256 for the profile `adfs`, ES256 or ES384 for an EC key by its curve. */
  readonly alg?: SignatureAlgorithm | undefined;
  /** By default `entra`. */
  readonly profile?: HeaderProfile | undefined;
  /** `kid` of the header. */
  readonly keyId?: string | undefined;
  /** Send the certificate chain in the header (`x5c`). */
  readonly sendChain?: boolean | undefined;
  /** In seconds; by default 600. */
  readonly lifetime?: number | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

/**
 * Signs a client assertion: the JWT with which a client proves at the token endpoint who it is (RFC 7523 §2.2).
 *
 * @returns the JWT in compact serialization (RFC 7515 §7.1)
 * @throws {RangeError} when the lifetime is not a positive whole number of seconds
 * @throws {CertgrantError} `KEY_UNSUITABLE` when the key cannot sign with `alg`; `USAGE` when profile and `alg` exclude
 * each other
 * @example
 * const credential = await loadCredential(await readFile('daemon.pem'));
 * const assertion = await createClientAssertion({ credential, clientId, audience: tokenEndpoint });
 */
export async function createClientAssertion(options: ClientAssertionOptions): Promise<string> {
  const { credential, clientId, audience, profile = 'entra', lifetime = defaultLifetime } = options;
  if (!Number.isSafeInteger(lifetime) || lifetime <= 0) {
    throw new RangeError('create client assertion: the lifetime is not a positive whole number of seconds');
  }
  const platform = platformWith(options.platform);
  const alg = options.alg ?? defaultAlgorithm(credential, profile);
  const issuedAt = Math.floor(platform.now() / 1000);
  const claims = {
    aud: audience,
    iss: clientId,
    sub: clientId,
    jti: randomUuid(platform),
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + lifetime,
  };
  return signJwt(credential, claims, { alg, profile, keyId: options.keyId, sendChain: options.sendChain });
}

function defaultAlgorithm({ privateKey }: Credential, profile: HeaderProfile): SignatureAlgorithm {
  const { type, curve } = privateKey.publicKey;
  if (type === 'RSA') return profile === 'adfs' ? 'RS256' : 'PS256';
  if (type === 'EC' && curve === 'P-256') return 'ES256';
  if (type === 'EC' && curve === 'P-384') return 'ES384';
  throw new CertgrantError(
    'KEY_UNSUITABLE',
    `create client assertion: no algorithm for a key of type ${curve ?? type}`,
    {
      fix: 'Use a certificate with an RSA key of 2048 bits or more',
    },
  );
}
