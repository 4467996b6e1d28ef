import type { Certificate } from '../certificate/certificate.ts';
import { type Platform, platformWith } from '../platform.ts';
import { type DecodedToken, decodeToken } from './decode-token.ts';
import { issuerKeys } from './issuer-keys.ts';
import { printable } from './printable.ts';
import { certificateKey, headerNames, keysOfSet, selectKeys, type TrustedKey } from './trusted-keys.ts';
import {
  claimsFailure,
  graphOnly,
  isForGraphAlone,
  openQuestions,
  structureFailure,
  type VerificationFailure,
} from './verification.ts';

/**
 * How far the signer's clock may be off, in seconds, when nothing else is said.
 *
 * Clocks that are set over the network differ by seconds. A minute covers them; the five minutes that servers commonly
 * allow would call a token valid that its API may already refuse.
 */
const defaultClockTolerance = 60;

/** What a token is verified against: exactly one of `issuer`, `jwks` and `certificate`. */
export interface VerifyTokenOptions {
  /** The issuer's URL: its keys are those that it publishes, and the claim `iss` must be its name. */
  readonly issuer?: string | undefined;
  /** A JWK set (RFC 7517 §5) or a single JWK. */
  readonly jwks?: object | undefined;
  /** The certificate whose key is to have signed, as for client assertions. */
  readonly certificate?: Certificate | undefined;
  /** The claim `aud` must hold this text, or one of these; not compared where nothing is given. */
  readonly audience?: string | readonly string[] | undefined;
  /** In seconds; by default 60. */
  readonly clockTolerance?: number | undefined;
  readonly platform?: Partial<Platform> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The key that signed a token, or that was tried. */
export interface VerifiedKey {
  readonly kid?: string;
  /** SHA-1 thumbprint of its certificate in upper-case hexadecimal, where it has one. */
  readonly thumbprint?: string;
  readonly alg: string;
  /** Who vouches for the key. */
  readonly source: 'issuer' | 'jwks' | 'certificate';
  /** Where an issuer's key was read. */
  readonly url?: string;
}

/** Whether a token holds, by which key, or why not. */
export type VerifiedToken =
  | { readonly valid: true; readonly key: VerifiedKey; readonly notes: readonly string[] }
  | {
      readonly valid: false;
      readonly reason: VerificationFailure;
      readonly key?: VerifiedKey;
      readonly notes: readonly string[];
    };

/**
 * Verifies a JWT: its signature against keys that the caller trusts, then its times, and issuer and audience as asked.
 *
 * A key in the token's own header (`jwk`, `jku`, `x5u`, `x5c`) is never proof and its addresses are never fetched.
 * Refused are unsigned tokens and those signed with a shared secret, damaged ones, duplicate members, and every `crit`.
 *
 * @param token in compact serialization (RFC 7515 §7.1); white space around it is ignored
 * @returns also for a token that does not hold: that is an answer, not an error
 * @throws {TypeError} unless exactly one of issuer, jwks and certificate is given
 * @throws {RangeError} when the clock tolerance is negative or no number
 * @throws {CertgrantError} when there is no answer: `TOKEN_NOT_FOUND` for an empty text, `FORMAT_MALFORMED` for a key
 * set that is none, `DISCOVERY_FAILED`, `ISSUER_MISMATCH` and what a request throws when the issuer's keys cannot be had
 * @example
 * const answer = await verifyToken(token, { issuer: 'https://login.microsoftonline.com/{tenant id}/v2.0' });
 * if (!answer.valid) console.error(answer.reason.message);
 */
export async function verifyToken(token: string, options: VerifyTokenOptions): Promise<VerifiedToken> {
  const { clockTolerance = defaultClockTolerance } = options;
  checkOptions(options, clockTolerance);
  const platform = platformWith(options.platform);
  const compact = token.trim();
  const decoded = decodeToken(compact);
  const broken = structureFailure(decoded);
  if (broken !== undefined) return { valid: false, reason: broken, notes: [] };

  const trusted = await trustedKeys(decoded, options, platform);
  if ('code' in trusted) return refusal(decoded, trusted);
  const { header = {}, claims = {} } = decoded;
  const alg = String(header.alg);
  const { key, failure } = await verifySignature(compact, alg, trusted.keys);
  const verified = { ...keyNames(key), alg, ...trusted.from };
  const notes = await certificateNotes(decoded, options);
  if (failure !== undefined) return refusal(decoded, failure, verified, notes);

  const audience = options.audience === undefined ? undefined : [options.audience].flat();
  const reason = claimsFailure(claims, { now: platform.now(), clockTolerance, audience });
  if (reason !== undefined) return { valid: false, reason, key: verified, notes };
  const compared = { issuer: options.issuer !== undefined, audience: audience !== undefined };
  return { valid: true, key: verified, notes: [...notes, ...openQuestions(claims, compared)] };
}

function checkOptions({ issuer, jwks, certificate }: VerifyTokenOptions, clockTolerance: number): void {
  if ([issuer, jwks, certificate].filter((one) => one !== undefined).length !== 1) {
    throw new TypeError('verify token: exactly one of issuer, jwks and certificate must be given');
  }
  if (!(clockTolerance >= 0 && Number.isFinite(clockTolerance))) {
    throw new RangeError('verify token: the clock tolerance is not a number of seconds, 0 or more');
  }
}

interface Trust {
  readonly keys: readonly TrustedKey[];
  readonly from: Pick<VerifiedKey, 'source' | 'url'>;
}

/** The keys that may have signed, from where the caller says, or why there is none. */
async function trustedKeys(
  { header = {}, claims = {} }: DecodedToken,
  { issuer, jwks, certificate, signal }: VerifyTokenOptions,
  platform: Platform,
): Promise<Trust | VerificationFailure> {
  if (certificate !== undefined) {
    const key = await certificateKey(certificate, String(header.alg));
    return 'code' in key ? key : { keys: [key], from: { source: 'certificate' } };
  }
  if (jwks !== undefined) {
    const keys = await selectKeys(keysOfSet(jwks), header);
    return 'code' in keys ? keys : { keys, from: { source: 'jwks' } };
  }
  const published = await issuerKeys(String(issuer), claims, { platform, signal });
  if (!('jwksUri' in published)) return wrongIssuer(claims, published);
  const ofIssuer = published.keys.filter((jwk) => isForIssuer(jwk, published.issuer, claims));
  const keys = await selectKeys(ofIssuer, header);
  return 'code' in keys ? keys : { keys, from: { source: 'issuer', url: published.jwksUri } };
}

/**
 * Entra's key sets hold keys of several issuers, each marked with its own; a key of another one proves nothing
 * (learn.microsoft.com, "Microsoft Entra access tokens", validate the signing key's issuer).
 */
function isForIssuer(
  jwk: Readonly<Record<string, unknown>>,
  issuer: string,
  { tid }: Readonly<Record<string, unknown>>,
): boolean {
  const owner = jwk.issuer;
  // The mark is that of v2.0; the same keys sign v1.0 tokens, whose issuer has another name.
  if (typeof owner !== 'string' || !issuer.endsWith('/v2.0')) return true;
  return owner.replace('{tenantid}', String(tid)) === issuer;
}

function wrongIssuer({ iss }: Readonly<Record<string, unknown>>, published: readonly string[]): VerificationFailure {
  const theirs = typeof iss === 'string' ? printable(iss).slice(0, 300) : 'nobody (it has no iss)';
  return {
    code: 'issuer-mismatch',
    message: `It was issued by ${theirs}, not by ${published.map((one) => printable(one).slice(0, 300)).join(' or ')}`,
  };
}

interface SignatureResult {
  readonly key: TrustedKey;
  readonly failure?: VerificationFailure;
}

async function verifySignature(token: string, alg: string, keys: readonly TrustedKey[]): Promise<SignatureResult> {
  const { compactVerify, errors } = await import('jose');
  const [first] = keys;
  if (first === undefined) throw new TypeError('verify token: no key to verify with');
  let unsuitable: SignatureResult | undefined;
  for (const key of keys) {
    try {
      await compactVerify(token, await key.import(alg), { algorithms: [alg] });
      return { key };
    } catch (thrown) {
      if (thrown instanceof errors.JWSSignatureVerificationFailed) continue;
      // Not the token's fault but the key's: too small, on another curve, damaged, or unknown to this runtime.
      unsuitable ??= {
        key,
        failure: {
          code: 'key-unsuitable',
          message: `The trusted key cannot verify ${alg} signatures: it is too small, damaged or unknown to this runtime`,
        },
      };
    }
  }
  const message =
    keys.length === 1
      ? 'The signature is not that of the trusted key: the token was changed, or another key signed it'
      : `The signature is not that of any of ${keys.length} trusted keys: the token was changed, or another key signed it`;
  if (unsuitable !== undefined && keys.length === 1) return unsuitable;
  return { key: first, failure: { code: 'signature-mismatch', message } };
}

function keyNames({ kid, thumbprint }: TrustedKey): Pick<VerifiedKey, 'kid' | 'thumbprint'> {
  return { ...(kid === undefined ? {} : { kid }), ...(thumbprint === undefined ? {} : { thumbprint }) };
}

function refusal(
  decoded: DecodedToken,
  reason: VerificationFailure,
  key?: VerifiedKey,
  notes: readonly string[] = [],
): VerifiedToken {
  const isKeyMatter = reason.code === 'signature-mismatch' || reason.code === 'key-not-found';
  const explained = isKeyMatter && isForGraphAlone(decoded) ? graphOnly : reason;
  return { valid: false, reason: explained, ...(key === undefined ? {} : { key }), notes };
}

/** What the header says about the certificate that was given: servers look the key up by it. */
async function certificateNotes(
  { header = {}, kind }: DecodedToken,
  { certificate }: VerifyTokenOptions,
): Promise<string[]> {
  if (certificate === undefined) return [];
  const named = await headerNames(header, certificate);
  if (named === true) return [];
  if (named === false) {
    return ['The thumbprint in the header is that of another certificate: a server would look up the wrong key'];
  }
  return kind === 'client-assertion' || kind === 'proof'
    ? ['The header names no certificate by its thumbprint (x5t#S256 or x5t), by which Entra ID looks the key up']
    : [];
}
