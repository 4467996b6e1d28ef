/** What a header parameter or a claim means, in a line. */
export interface Meaning {
  /** Without a final period. */
  readonly meaning: string;
  /** Where it is defined. */
  readonly source: string;
  /** A NumericDate: seconds since 1970-01-01T00:00:00Z (RFC 7519 §2). */
  readonly isTime?: true;
  /** What the values mean that it can have. */
  readonly values?: Readonly<Record<string, string>>;
}

const entra = 'Microsoft Entra, access token claims reference';
const entraOptional = 'Microsoft Entra, optional claims reference';
const entraAgents = 'Microsoft Entra Agent ID, token claims reference';
const entraSeen = 'Microsoft Entra, undocumented';
const oidc = 'OpenID Connect Core §5.1';

const opaque = 'Opaque, for Entra alone: nothing for applications to read';

const clientAuthentication: Readonly<Record<string, string>> = {
  '0': 'a public client, which proved nothing',
  '1': 'a client secret',
  '2': 'a certificate (client assertion)',
};

/** Meanings of JOSE header parameters. */
export const headerParameters: Readonly<Record<string, Meaning>> = {
  alg: {
    meaning: 'The algorithm of the signature',
    source: 'RFC 7515 §4.1.1',
    values: {
      none: 'no signature at all',
      RS256: 'RSA, PKCS #1 v1.5, SHA-256',
      RS384: 'RSA, PKCS #1 v1.5, SHA-384',
      RS512: 'RSA, PKCS #1 v1.5, SHA-512',
      PS256: 'RSA, PSS padding, SHA-256',
      PS384: 'RSA, PSS padding, SHA-384',
      PS512: 'RSA, PSS padding, SHA-512',
      ES256: 'ECDSA, curve P-256, SHA-256: Entra ID refuses it for client assertions',
      ES384: 'ECDSA, curve P-384, SHA-384: Entra ID refuses it for client assertions',
      ES512: 'ECDSA, curve P-521, SHA-512: Entra ID refuses it for client assertions',
      EdDSA: 'Edwards curve, Ed25519 or Ed448',
      Ed25519: 'Edwards curve Ed25519',
      HS256: 'HMAC with SHA-256: signed with a shared secret, not with a key pair',
      HS384: 'HMAC with SHA-384: signed with a shared secret, not with a key pair',
      HS512: 'HMAC with SHA-512: signed with a shared secret, not with a key pair',
    },
  },
  typ: {
    meaning: 'The type of the token',
    source: 'RFC 7515 §4.1.9',
    values: {
      JWT: 'a JSON Web Token',
      'at+jwt': 'an access token (RFC 9068)',
      'application/at+jwt': 'an access token (RFC 9068)',
      'dpop+jwt': 'a DPoP proof (RFC 9449)',
      'client-authentication+jwt': 'a client assertion (RFC 7523bis): Entra ID refuses this type',
    },
  },
  cty: { meaning: 'The type of the content, JWT where a token stands inside a token', source: 'RFC 7515 §4.1.10' },
  kid: { meaning: 'Which of its keys the signer used', source: 'RFC 7515 §4.1.4' },
  x5t: {
    meaning: "The SHA-1 thumbprint of the signer's certificate, in base64url",
    source: 'RFC 7515 §4.1.7',
  },
  'x5t#S256': {
    meaning: "The SHA-256 thumbprint of the signer's certificate, in base64url",
    source: 'RFC 7515 §4.1.8',
  },
  x5c: {
    meaning: "The signer's certificate, and those that issued it; no proof by itself, since anyone can put one in",
    source: 'RFC 7515 §4.1.6',
  },
  x5u: {
    meaning: "An address of the signer's certificate; never fetched here, since the token chose it itself",
    source: 'RFC 7515 §4.1.5',
  },
  jku: {
    meaning: "An address of the signer's keys; never fetched here, since the token chose it itself",
    source: 'RFC 7515 §4.1.2',
  },
  jwk: {
    meaning: 'A public key that the token brings along; never a proof, since anyone can put one in',
    source: 'RFC 7515 §4.1.3',
  },
  crit: {
    meaning: 'Names of extensions that a reader must understand, or else refuse the token',
    source: 'RFC 7515 §4.1.11',
  },
  b64: { meaning: 'Whether the payload is base64url; no JWT may set it to false', source: 'RFC 7797 §3' },
  zip: { meaning: 'How the content of an encrypted token is compressed', source: 'RFC 7516 §4.1.3' },
  enc: { meaning: 'The algorithm that encrypts the content', source: 'RFC 7516 §4.1.2' },
  epk: { meaning: "The sender's public key for this one token", source: 'RFC 7518 §4.6.1.1' },
  apu: { meaning: 'Who sends the encrypted token', source: 'RFC 7518 §4.6.1.2' },
  apv: { meaning: 'Who is to receive the encrypted token', source: 'RFC 7518 §4.6.1.3' },
  iv: { meaning: "The initialization vector of the key's encryption", source: 'RFC 7518 §4.7.1.1' },
  tag: { meaning: "The authentication tag of the key's encryption", source: 'RFC 7518 §4.7.1.2' },
  p2s: { meaning: 'The salt from which the password-based key is derived', source: 'RFC 7518 §4.8.1.1' },
  p2c: { meaning: 'How many rounds the password-based key derivation takes', source: 'RFC 7518 §4.8.1.2' },
  iss: { meaning: 'The issuer, repeated where the claims are encrypted', source: 'RFC 7519 §5.3' },
  sub: { meaning: 'The subject, repeated where the claims are encrypted', source: 'RFC 7519 §5.3' },
  aud: { meaning: 'The audience, repeated where the claims are encrypted', source: 'RFC 7519 §5.3' },
  nonce: {
    meaning: 'Hashed before Entra signed: only Microsoft Graph can verify a token that has this in its header',
    source: entraSeen,
  },
};

/** Meanings of claims. */
export const claimMeanings: Readonly<Record<string, Meaning>> = {
  // RFC 7519
  iss: { meaning: 'Who issued the token; in a client assertion the client itself', source: 'RFC 7519 §4.1.1' },
  sub: { meaning: 'Whom the token is about', source: 'RFC 7519 §4.1.2' },
  aud: { meaning: 'Whom the token is for; anyone else must refuse it', source: 'RFC 7519 §4.1.3' },
  exp: { meaning: 'When it expires', source: 'RFC 7519 §4.1.4', isTime: true },
  nbf: { meaning: 'When it begins to be valid', source: 'RFC 7519 §4.1.5', isTime: true },
  iat: { meaning: 'When it was issued', source: 'RFC 7519 §4.1.6', isTime: true },
  jti: { meaning: 'The identifier of this one token', source: 'RFC 7519 §4.1.7' },
  // Access tokens
  client_id: { meaning: 'The client that the token was issued to', source: 'RFC 8693 §4.3' },
  scope: { meaning: 'What the client may do, separated by spaces', source: 'RFC 8693 §4.2' },
  act: { meaning: 'Who acts on behalf of the subject', source: 'RFC 8693 §4.1' },
  may_act: { meaning: 'Who may act on behalf of the subject', source: 'RFC 8693 §4.4' },
  entitlements: { meaning: 'What the subject is entitled to', source: 'RFC 9068 §2.2.3.1' },
  authorization_details: { meaning: 'What the client may do, in detail', source: 'RFC 9396 §9.1' },
  cnf: {
    meaning: 'The key that the bearer must prove to have; without the proof the token is worth nothing',
    source: 'RFC 7800 §3.1',
  },
  htm: { meaning: 'The HTTP method that the proof is for', source: 'RFC 9449 §4.2' },
  htu: { meaning: 'The URL that the proof is for', source: 'RFC 9449 §4.2' },
  ath: { meaning: 'The hash of the access token that the proof goes with', source: 'RFC 9449 §4.2' },
  // OpenID Connect
  auth_time: { meaning: 'When the user signed in', source: 'OpenID Connect Core §2', isTime: true },
  nonce: { meaning: "The client's value that ties an ID token to its request", source: 'OpenID Connect Core §2' },
  acr: { meaning: 'How strongly the user was authenticated', source: 'OpenID Connect Core §2' },
  amr: { meaning: 'How the user was authenticated: pwd, mfa, rsa and the like', source: 'RFC 8176 §2' },
  at_hash: { meaning: 'Ties the ID token to its access token', source: 'OpenID Connect Core §3.1.3.6' },
  c_hash: { meaning: 'Ties the ID token to its authorization code', source: 'OpenID Connect Core §3.3.2.11' },
  name: { meaning: "The user's name", source: oidc },
  given_name: { meaning: "The user's first name", source: oidc },
  family_name: { meaning: "The user's family name", source: oidc },
  middle_name: { meaning: "The user's middle name", source: oidc },
  nickname: { meaning: "The user's nickname", source: oidc },
  preferred_username: { meaning: 'A name to show for the user; it can change, so it is no key', source: oidc },
  profile: { meaning: "The URL of the user's profile page", source: oidc },
  picture: { meaning: "The URL of the user's picture", source: oidc },
  website: { meaning: "The URL of the user's web site", source: oidc },
  email: { meaning: "The user's mail address", source: oidc },
  email_verified: { meaning: 'Whether the mail address was checked', source: oidc },
  gender: { meaning: "The user's gender", source: oidc },
  birthdate: { meaning: "The user's date of birth", source: oidc },
  zoneinfo: { meaning: "The user's time zone", source: oidc },
  locale: { meaning: "The user's language and region", source: oidc },
  phone_number: { meaning: "The user's telephone number", source: oidc },
  phone_number_verified: { meaning: 'Whether the telephone number was checked', source: oidc },
  address: { meaning: "The user's postal address", source: oidc },
  updated_at: { meaning: "When the user's profile last changed", source: oidc, isTime: true },
  // Microsoft Entra ID
  appid: { meaning: 'The client: its application (client) id; v2.0 tokens call it azp', source: entra },
  azp: { meaning: 'The client that the token was issued to; v1.0 tokens of Entra call it appid', source: entra },
  appidacr: {
    meaning: 'How the client proved who it is; v2.0 tokens call it azpacr',
    source: entra,
    values: clientAuthentication,
  },
  azpacr: {
    meaning: 'How the client proved who it is; v1.0 tokens call it appidacr',
    source: entra,
    values: clientAuthentication,
  },
  app_displayname: { meaning: "The client's display name", source: entraSeen },
  azp_name: { meaning: "The client's display name", source: entraSeen },
  roles: {
    meaning: 'Application permissions (app roles) that were granted; absent where none was',
    source: entra,
  },
  scp: {
    meaning: 'Delegated permissions: what the client may do for the signed-in user; never in an app-only token',
    source: entra,
  },
  idtyp: {
    meaning: 'Whether the token is for an application alone',
    source: entraOptional,
    values: { app: 'app-only, no user is involved', user: 'for a signed-in user', device: 'for a device' },
  },
  tid: { meaning: 'The tenant that issued it', source: entra },
  oid: {
    meaning: 'The object id of the subject in its tenant; in an app-only token its service principal',
    source: entra,
  },
  ver: {
    meaning: "The format of the token, which the API's registration decides and not the endpoint",
    source: entra,
    values: {
      '1.0': 'v1.0: its keys are those of the v1.0 metadata',
      '2.0': 'v2.0: its keys are those of the v2.0 metadata',
    },
  },
  uti: { meaning: "The token's identifier, as sign-in logs show it; otherwise opaque", source: entra },
  rh: { meaning: opaque, source: entra },
  aio: { meaning: opaque, source: entra },
  idp: { meaning: 'Who authenticated the subject, where it is not the issuer', source: entra },
  wids: { meaning: 'Directory roles of the subject, by the ids of their templates', source: entra },
  groups: { meaning: 'Groups of the subject, by object id', source: entra },
  hasgroups: { meaning: 'The subject is in more groups than fit into the token', source: entra },
  _claim_names: {
    meaning: 'Claims that have to be fetched elsewhere, since they do not fit',
    source: 'OpenID Connect Core §5.6.2',
  },
  _claim_sources: { meaning: 'Where the claims that do not fit are fetched', source: 'OpenID Connect Core §5.6.2' },
  acct: {
    meaning: "The user's standing in the tenant",
    source: entraOptional,
    values: { '0': 'a member', '1': 'a guest' },
  },
  acrs: { meaning: 'Authentication contexts that the bearer satisfies', source: entraOptional },
  sid: { meaning: "The user's session", source: entraOptional },
  upn: { meaning: "The user's principal name; it can change, so it is no key", source: entra },
  unique_name: { meaning: 'A readable name of the subject; it can change, so it is no key', source: entra },
  ipaddr: { meaning: 'The address that the user signed in from', source: entra },
  onprem_sid: { meaning: "The user's security identifier in Active Directory", source: entra },
  pwd_exp: { meaning: "When the user's password expires", source: entraOptional },
  pwd_url: { meaning: "Where the user's password is changed", source: entraOptional },
  puid: { meaning: "The user's internal identifier", source: entraSeen },
  platf: { meaning: 'The platform of the device that the user signed in on', source: entraSeen },
  deviceid: { meaning: 'The device that the user signed in on', source: entraSeen },
  login_hint: { meaning: 'A hint that spares the user from typing the name again', source: entraOptional },
  ctry: { meaning: "The user's country or region", source: entraOptional },
  tenant_ctry: { meaning: "The tenant's country or region", source: entraOptional },
  tenant_region_scope: { meaning: "The tenant's region", source: entraOptional },
  verified_primary_email: { meaning: "The user's primary mail address", source: entraOptional },
  verified_secondary_email: { meaning: "The user's secondary mail address", source: entraOptional },
  xms_cc: {
    meaning: 'What the client said it can handle; cp1 is continuous access evaluation, with its long tokens',
    source: entraOptional,
  },
  xms_ssm: { meaning: 'How closely the session is watched (continuous access evaluation)', source: entraSeen },
  xms_edov: { meaning: "Whether the domain of the user's mail address was verified", source: entraOptional },
  xms_pdl: { meaning: "Where the user's data prefers to be kept", source: entraOptional },
  xms_pl: { meaning: "The user's preferred language", source: entraOptional },
  xms_tpl: { meaning: "The tenant's preferred language", source: entraOptional },
  xms_mirid: { meaning: 'The Azure resource whose managed identity this is', source: entraSeen },
  xms_az_rid: { meaning: 'The Azure resource that the token was asked from', source: entraSeen },
  xms_tcdt: { meaning: 'When the tenant was created', source: entraSeen, isTime: true },
  xms_tdbr: { meaning: "The region of the tenant's data", source: entraSeen },
  xms_acd: { meaning: 'When the client application was created', source: entraSeen, isTime: true },
  xms_ftd: { meaning: opaque, source: entraSeen },
  xms_rd: { meaning: opaque, source: entraSeen },
  xms_spcu: { meaning: opaque, source: entraSeen },
  xms_st: { meaning: opaque, source: entraSeen },
  xms_pftexp: { meaning: opaque, source: entraSeen },
  xms_idrel: {
    meaning:
      "The subject's relation to the tenant, as odd numbers: 1 a member, 7 a service principal; even ones mean nothing",
    source: entraAgents,
  },
  xms_act_fct: {
    meaning: 'What the acting client is, as odd numbers: 11 is an agent; even ones mean nothing',
    source: entraAgents,
  },
  xms_sub_fct: {
    meaning: 'What the subject is, as odd numbers: 11 is an agent, 13 the user account of an agent',
    source: entraAgents,
  },
  xms_tnt_fct: { meaning: 'What the tenant is, as odd numbers; even ones mean nothing', source: entraAgents },
  xms_par_app_azp: { meaning: 'The application (blueprint) that the acting agent belongs to', source: entraAgents },
};

/** The meaning of a claim or header parameter; `undefined` for one that is not in the dictionary. */
export function meaningOf(name: string, part: 'header' | 'payload'): Meaning | undefined {
  const dictionary = part === 'header' ? headerParameters : claimMeanings;
  return Object.hasOwn(dictionary, name) ? dictionary[name] : undefined;
}
