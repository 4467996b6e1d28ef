import { isAssertionAlgorithm } from './algorithm.ts';
import type { RegisteredCertificate } from './assertion-context.ts';
import { isWithinValidity } from './certificate-validity.ts';
import { findCandidates } from './key.ts';
import { type ParsedAssertion, parseAssertion } from './parse-assertion.ts';
import { isSignedBy } from './signature.ts';
import { numericDate } from './times.ts';

/**
 * The proof of possession that `addKey` and `removeKey` take: a JWT that a key already registered on the object has
 * signed. The rules are those of https://learn.microsoft.com/graph/application-rollkey-prooftoken.
 */

/** The audience of every proof: Azure AD Graph, the predecessor of Microsoft Graph. */
export const proofAudience = '00000002-0000-0000-c000-000000000000';

/** How long a proof may be good, in seconds. */
const longestLifetime = 600;

/** What a proof is checked against. */
export interface ProofFacts {
  /** The object id of the application or service principal whose keys are changed. */
  readonly objectId: string;
  /** Those registered on this object. */
  readonly certificates: readonly RegisteredCertificate[];
  /** In milliseconds since the epoch. */
  readonly now: number;
  /** How far the two clocks may be apart, in seconds; 300 by default. */
  readonly tolerance?: number | undefined;
}

/** What is wrong with a proof. */
export interface ProofFault {
  readonly message: string;
  readonly expected?: string | undefined;
  readonly received?: string | undefined;
}

/** The names of the checks of a proof. */
export type ProofCheckName =
  | 'padding'
  | 'form'
  | 'algorithm'
  | 'key'
  | 'certificate-validity'
  | 'signature'
  | 'audience'
  | 'issuer'
  | 'lifetime'
  | 'times';

/** What one check of a proof came to. */
export interface ProofFinding {
  readonly name: ProofCheckName;
  readonly state: 'passed' | 'failed' | 'not-reached';
  /** Where it failed. */
  readonly fault: ProofFault | undefined;
}

interface ProofContext {
  readonly proof: ParsedAssertion;
  readonly objectId: string;
  readonly certificates: readonly RegisteredCertificate[];
  /** The registered certificates that the header may mean. */
  readonly candidates: readonly RegisteredCertificate[];
  readonly now: number;
  readonly tolerance: number;
}

type Verdict = ProofFault | undefined;

/** Checks of the text, without which nothing else can be looked at. */
const textChecks: readonly { readonly name: ProofCheckName; readonly check: (text: string) => Verdict }[] = [
  { name: 'padding', check: checkPadding },
  { name: 'form', check: checkForm },
];

const proofChecks: readonly {
  readonly name: ProofCheckName;
  readonly check: (context: ProofContext) => Verdict | Promise<Verdict>;
}[] = [
  { name: 'algorithm', check: checkAlgorithm },
  { name: 'key', check: checkKey },
  { name: 'certificate-validity', check: checkCertificateValidity },
  { name: 'signature', check: checkSignature },
  { name: 'audience', check: checkAudience },
  { name: 'issuer', check: checkIssuer },
  { name: 'lifetime', check: checkLifetime },
  { name: 'times', check: checkTimes },
];

/**
 * Every check of a proof of possession, whatever the others say: for showing what is wrong with one.
 *
 * @param text the proof, a JWS in compact serialization
 * @returns one finding for each check, in the order in which the authority's Graph endpoints look for the first failed one
 * @example
 * const findings = await examineProof(proof, { objectId, certificates, now: Date.now() });
 * const failed = findings.find(({ state }) => state === 'failed');
 */
export async function examineProof(text: string, facts: ProofFacts): Promise<readonly ProofFinding[]> {
  const ofText = textChecks.map(({ name, check }) => finding(name, check(text)));
  const parsed = parseAssertion(text);
  if ('refused' in parsed) {
    return [...ofText, ...proofChecks.map(({ name }) => ({ name, state: 'not-reached', fault: undefined }) as const)];
  }
  const { objectId, certificates, now, tolerance = 300 } = facts;
  const candidates = findCandidates(parsed.value.header, certificates);
  const context = { proof: parsed.value, objectId, certificates, candidates, now, tolerance };
  const others = proofChecks.map(async ({ name, check }) => finding(name, await check(context)));
  return [...ofText, ...(await Promise.all(others))];
}

function finding(name: ProofCheckName, fault: Verdict): ProofFinding {
  return { name, state: fault === undefined ? 'passed' : 'failed', fault };
}

/** Base64url without its padding (RFC 7515 §2); Graph's documentation names the error, since many encoders pad. */
function checkPadding(text: string): Verdict {
  if (!text.includes('=')) return undefined;
  return { message: "the padding character '=' must not be in a JWT", expected: 'base64url without padding' };
}

function checkForm(text: string): Verdict {
  const parsed = parseAssertion(text.replaceAll('=', ''));
  return 'refused' in parsed ? { message: parsed.refused.message } : undefined;
}

function checkAlgorithm({ proof: { header } }: ProofContext): Verdict {
  if (isAssertionAlgorithm(header.alg)) return undefined;
  const received = String(header.alg).slice(0, 20);
  return { message: 'it is not signed with RS256 or PS256', expected: 'RS256 or PS256', received };
}

function checkKey({ candidates, certificates }: ProofContext): Verdict {
  if (candidates.length > 0) return undefined;
  const expected = certificates.map(({ thumbprints }) => thumbprints.sha1).join(', ') || 'a registered certificate';
  return { message: 'its header names no certificate that is registered on the object', expected };
}

function checkCertificateValidity({ candidates, now }: ProofContext): Verdict {
  if (candidates.length === 0 || candidates.some((each) => isWithinValidity(each, now))) return undefined;
  return { message: 'the certificate that its header names is expired or not valid yet' };
}

async function checkSignature({ proof, candidates, now }: ProofContext): Promise<Verdict> {
  const { alg } = proof.header;
  if (!isAssertionAlgorithm(alg)) return undefined;
  const usable = candidates.filter((each) => isWithinValidity(each, now) && each.keyType === 'RSA');
  for (const certificate of usable) if (await isSignedBy(proof, certificate, alg)) return undefined;
  return { message: 'no certificate that is registered on the object and valid now has signed it' };
}

function checkAudience({ proof: { claims } }: ProofContext): Verdict {
  if (claims.aud === proofAudience) return undefined;
  return { message: 'aud is not Azure AD Graph', expected: proofAudience, received: shown(claims.aud) };
}

function checkIssuer({ proof: { claims }, objectId }: ProofContext): Verdict {
  if (typeof claims.iss === 'string' && claims.iss.toLowerCase() === objectId) return undefined;
  const message = 'iss is not the object id, which is another one than the application id';
  return { message, expected: objectId, received: shown(claims.iss) };
}

/** No more than ten minutes from `nbf` to `exp`. */
function checkLifetime({ proof: { claims } }: ProofContext): Verdict {
  const [from, until] = [numericDate(claims.nbf), numericDate(claims.exp)];
  if (from === undefined || until === undefined) return { message: 'nbf and exp must be numbers of seconds' };
  if (from < until && until - from <= longestLifetime) return undefined;
  const expected = `exp at most ${longestLifetime} seconds after nbf`;
  return {
    message: 'it is good for more than ten minutes, or for no time at all',
    expected,
    received: `${until - from}`,
  };
}

function checkTimes({ proof: { claims }, now, tolerance }: ProofContext): Verdict {
  const [from, until] = [numericDate(claims.nbf), numericDate(claims.exp)];
  if (from === undefined || until === undefined) return undefined;
  const seconds = now / 1000;
  if (until + tolerance <= seconds) return { message: 'it is expired' };
  return from - tolerance > seconds ? { message: 'it is not valid yet' } : undefined;
}

function shown(value: unknown): string {
  return String(typeof value === 'object' ? JSON.stringify(value) : value).slice(0, 100);
}
