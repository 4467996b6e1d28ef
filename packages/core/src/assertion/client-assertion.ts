import { engine } from '#engine';
import { CertgrantError } from '../errors.ts';
import type { Credential } from '../keyfile/credential.ts';
import { utf8 } from '../lib/text-encoding.ts';
import { type Platform, platformWith, randomUuid } from '../platform.ts';
import { clientAssertionHeader, type HeaderOptions, type HeaderProfile } from './header-profile.ts';
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
  const signer = await credential.privateKey.signer(alg);
  const header = await encodedHeader(credential, { alg, profile, keyId: options.keyId, sendChain: options.sendChain });
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
  const signingInput = `${header}.${base64UrlJson(claims)}`;
  return `${signingInput}.${engine.base64Url(await signer.sign(utf8(signingInput)))}`;
}

const encodedHeaders = new WeakMap<Credential, Map<string, Promise<string>>>();

/** The header's part of the JWT: the same for every assertion of a credential with the same options, so made once. */
function encodedHeader(credential: Credential, options: HeaderOptions): Promise<string> {
  const known = encodedHeaders.get(credential) ?? new Map<string, Promise<string>>();
  encodedHeaders.set(credential, known);
  const key = `${options.alg} ${options.profile} ${options.sendChain} ${options.keyId}`;
  let encoded = known.get(key);
  if (encoded === undefined) {
    encoded = clientAssertionHeader(credential, options).then(base64UrlJson);
    known.set(key, encoded);
  }
  return encoded;
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

function base64UrlJson(value: object): string {
  return engine.base64Url(JSON.stringify(value));
}
