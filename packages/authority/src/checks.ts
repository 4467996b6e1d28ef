/**
 * `@certgrant/authority/checks`: the checks of client assertions and proofs, and verdicts by them. It runs wherever
 * `@certgrant/core` does, and loads nothing of a server.
 */
export {
  type AssertionCheckName,
  type AssertionFinding,
  assertionChecks,
  assertionContext,
  examineAssertion,
  refuseAssertion,
} from './checks/assertion-checks.ts';
export type {
  AcceptedAudience,
  AssertionCheck,
  AssertionContext,
  AssertionFacts,
  RegisteredCertificate,
  StrictRules,
} from './checks/assertion-context.ts';
export { type ParsedAssertion, parseAssertion } from './checks/parse-assertion.ts';
export {
  examineProof,
  type ProofCheckName,
  type ProofFacts,
  type ProofFault,
  type ProofFinding,
  proofAudience,
} from './checks/proof-checks.ts';
export { registeredCertificateOf } from './checks/registered-certificate.ts';
export type { AadstsCode, EntraError, OAuthError } from './entra-error.ts';
export { type JudgeAssertionOptions, judgeAssertion } from './verdict/judge-assertion.ts';
export { type JudgeProofOptions, judgeProof } from './verdict/judge-proof.ts';
export type { JudgedCheck, Judgement, Verdict } from './verdict/verdict.ts';
