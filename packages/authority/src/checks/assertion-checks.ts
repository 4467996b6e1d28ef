import type { EntraError } from '../entra-error.ts';
import { checkAlgorithm } from './algorithm.ts';
import {
  type AssertionCheck,
  type AssertionContext,
  type AssertionFacts,
  clockTolerance,
} from './assertion-context.ts';
import { checkAudience } from './audience.ts';
import { checkCertificateValidity } from './certificate-validity.ts';
import { checkIssuerAndSubject } from './issuer-and-subject.ts';
import { checkJti } from './jti.ts';
import { checkKey, findCandidates } from './key.ts';
import type { ParsedAssertion } from './parse-assertion.ts';
import { checkRequiredClaims } from './required-claims.ts';
import { checkSignature } from './signature.ts';
import { checkTimes } from './times.ts';
import { checkTyp } from './typ.ts';

/** The names of the checks of an assertion. */
export type AssertionCheckName =
  | 'typ'
  | 'algorithm'
  | 'required-claims'
  | 'issuer-and-subject'
  | 'key'
  | 'certificate-validity'
  | 'signature'
  | 'audience'
  | 'times'
  | 'jti';

/** Every check of a parsed assertion, in the order in which the token endpoint makes them. */
export const assertionChecks: readonly { readonly name: AssertionCheckName; readonly check: AssertionCheck }[] = [
  { name: 'typ', check: checkTyp },
  { name: 'algorithm', check: checkAlgorithm },
  { name: 'required-claims', check: checkRequiredClaims },
  // Before the key: whose key it would be depends on the issuer.
  { name: 'issuer-and-subject', check: checkIssuerAndSubject },
  { name: 'key', check: checkKey },
  { name: 'certificate-validity', check: checkCertificateValidity },
  { name: 'signature', check: checkSignature },
  { name: 'audience', check: checkAudience },
  { name: 'times', check: checkTimes },
  { name: 'jti', check: checkJti },
];

/** What the checks look at: the assertion beside the facts that it is held against. */
export function assertionContext(assertion: ParsedAssertion, facts: AssertionFacts): AssertionContext {
  const { clientId, certificates, audience, now, tolerance = clockTolerance, strict } = facts;
  const candidates = findCandidates(assertion.header, certificates);
  return { assertion, clientId, certificates, candidates, audience, now, tolerance, strict };
}

/** The first refusal, as the token endpoint answers it; `undefined` when the assertion proves the application. */
export async function refuseAssertion(context: AssertionContext): Promise<EntraError | undefined> {
  for (const { name, check } of assertionChecks) {
    const refused = check(context);
    // Most checks answer at once; awaiting them all would cost more than they do.
    const settled = refused instanceof Promise ? await refused : refused;
    if (settled !== undefined) return { ...settled, check: name };
  }
  return undefined;
}

/** What one check of an assertion came to. */
export interface AssertionFinding {
  readonly name: AssertionCheckName;
  /** `undefined` when the check passed. */
  readonly refused: EntraError | undefined;
}

/** Every check's finding, whatever the others say: for showing what is wrong with an assertion. */
export function examineAssertion(context: AssertionContext): Promise<readonly AssertionFinding[]> {
  return Promise.all(assertionChecks.map(async ({ name, check }) => ({ name, refused: await check(context) })));
}
