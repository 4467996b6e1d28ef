import { thumbprint } from '../certificate/thumbprint.ts';
import { CertgrantError } from '../errors.ts';
import type { Credential } from '../keyfile/credential.ts';
import { toBase64, toBase64Url } from '../lib/text-encoding.ts';
import type { SignatureAlgorithm } from './signer.ts';

/**
 * How the header says which certificate signed, since authorization servers look for it in different places:
 *
 * - `entra`: Microsoft Entra ID. `x5t#S256`, or `x5t` with RS256.
 * - `adfs`: AD FS and old gateways. RS256 with `x5t`.
 * - `generic`: any other server. `kid` and `x5t#S256`.
 */
export type HeaderProfile = 'entra' | 'adfs' | 'generic';

/** Every header profile, for a choice or a check. */
export const headerProfiles: readonly HeaderProfile[] = ['entra', 'adfs', 'generic'];

/** The JOSE header of a client assertion (RFC 7515 §4.1). */
export interface ClientAssertionHeader {
  readonly alg: SignatureAlgorithm;
  readonly typ: 'JWT';
  readonly kid?: string;
  readonly x5t?: string;
  readonly 'x5t#S256'?: string;
  /** Standard base64, not base64url (RFC 7515 §4.1.6); leaf first. */
  readonly x5c?: readonly string[];
}

export interface HeaderOptions {
  readonly alg: SignatureAlgorithm;
  readonly profile: HeaderProfile;
  /** `kid`. With the profile `generic` it defaults to the SHA-256 thumbprint in base64url; the others write none. */
  readonly keyId?: string | undefined;
  /** Adds the certificate chain as `x5c`. */
  readonly sendChain?: boolean | undefined;
}

/** The header that identifies `credential`'s certificate in the way of the profile. */
export async function clientAssertionHeader(
  credential: Credential,
  { alg, profile, keyId, sendChain = false }: HeaderOptions,
): Promise<ClientAssertionHeader> {
  if (profile === 'adfs' && alg !== 'RS256') {
    throw new CertgrantError('USAGE', `create client assertion: the header profile adfs signs with RS256, not ${alg}`, {
      fix: 'Choose RS256, or another header profile',
    });
  }
  const x5t = async (algorithm: 'SHA-1' | 'SHA-256'): Promise<string> =>
    toBase64Url(await thumbprint(credential.certificate, algorithm));
  const chain = sendChain ? { x5c: credential.chain.map(({ der }) => toBase64(der)) } : {};
  const base = { alg, typ: 'JWT' } as const;
  if (profile === 'generic') {
    const sha256 = await x5t('SHA-256');
    return { ...base, kid: keyId ?? sha256, 'x5t#S256': sha256, ...chain };
  }
  const kid = keyId === undefined ? {} : { kid: keyId };
  // Entra looks up RS256 assertions by SHA-1 and PS256 ones by SHA-256, as every MSAL pairs them.
  const hint = alg === 'RS256' ? { x5t: await x5t('SHA-1') } : { 'x5t#S256': await x5t('SHA-256') };
  return { ...base, ...kid, ...hint, ...chain };
}
