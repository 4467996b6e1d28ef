/** What a JWT is for, as far as its claims tell. */
export type TokenKind = 'client-assertion' | 'access-token' | 'proof' | 'other';

type Members = Readonly<Record<string, unknown>>;

/** Microsoft Entra's name for the retired Azure AD Graph, which the proofs of Microsoft Graph's addKey are still made out to. */
export const proofAudience = '00000002-0000-0000-c000-000000000000';

/** Claims that say which client an access token was given to, or what it may do. */
const accessTokenClaims = ['appid', 'azp', 'client_id', 'scp', 'scope', 'roles', 'idtyp', 'wids'];
/** Claims that bind a token to one sign-in (OpenID Connect Core §2, §3.3.2.11). */
const idTokenClaims = ['nonce', 'at_hash', 'c_hash', 's_hash'];
const userClaims = ['preferred_username', 'email', 'name', 'given_name'];

/**
 * Tells what a token is for.
 *
 * `typ` decides where it is a registered type (RFC 9068 §2.1); elsewhere the claims do: a client assertion has the
 * client as issuer and subject or is made out to a token endpoint (RFC 7523 §3), and neither it nor a proof says what its
 * bearer may do. One of the two is enough, so that an assertion with a mistake in the other is still known for one.
 */
export function tokenKind(header: Members | undefined, claims: Members | undefined): TokenKind {
  const type = mediaType(header?.typ);
  if (type === 'at+jwt') return 'access-token';
  if (type === 'client-authentication+jwt') return 'client-assertion';
  if (claims === undefined) return 'other';

  const grantsAccess = accessTokenClaims.some((name) => name in claims);
  if (claims.aud === proofAudience && !grantsAccess) return 'proof';
  if (!grantsAccess && isForTokenEndpoint(header, claims)) return 'client-assertion';
  if (!('aud' in claims) || isIdToken(header, claims)) return 'other';
  return grantsAccess || 'tid' in claims ? 'access-token' : 'other';
}

/** Whether the token tells a client who signed in, rather than an API what its bearer may do. */
export function isIdToken(header: Members | undefined, claims: Members | undefined): boolean {
  if (claims === undefined || mediaType(header?.typ) === 'at+jwt') return false;
  if ('scp' in claims || 'scope' in claims || 'appid' in claims || claims.idtyp === 'app') return false;
  if (idTokenClaims.some((name) => name in claims)) return true;
  return userClaims.some((name) => name in claims) && !('azp' in claims);
}

/** `typ` without the `application/` that may be left out (RFC 7515 §4.1.9). */
function mediaType(typ: unknown): string | undefined {
  return isText(typ) ? typ.toLowerCase().replace(/^application\//, '') : undefined;
}

function isForTokenEndpoint(header: Members | undefined, { iss, sub, aud }: Members): boolean {
  const urls = [aud].flat().filter((one) => isText(one) && /^https?:\/\//i.test(one));
  if (urls.some((url) => /\/token(?:\?|$)/.test(String(url)))) return true;
  if (!isText(iss) || iss !== sub) return false;
  // Made out to a server: its token endpoint or its issuer. Or to nobody, and still named by a certificate.
  return urls.length > 0 || header?.['x5t#S256'] !== undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
