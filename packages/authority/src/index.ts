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
export type { SignInCheckName } from './checks/sign-in-checks.ts';
export type { Clock, ClockChange, ClockState, Instant } from './controls/clock.ts';
export type { Duration } from './controls/duration.ts';
export type { ActiveFault, Fault, Faults, FaultTarget } from './controls/faults.ts';
export type { Forgery } from './controls/forge.ts';
export type { RequestReport } from './controls/request-reporter.ts';
export type { RequestView } from './controls/request-view.ts';
export type { SignIn, SignInCheck, SignInFilter } from './controls/sign-in.ts';
export type { PasswordCredentialDetails } from './directory/password-credential.ts';
export type { ClientSecretInput, Registered, Registration } from './directory/register.ts';
export type { AadstsCode, EntraError, OAuthError } from './entra-error.ts';
export type { CertificateInput } from './lib/certificate-input.ts';
export {
  parseSeed,
  type Seed,
  type SeedApplication,
  type SeedAppRole,
  type SeedSecret,
  type SeedTenant,
} from './seed.ts';
export { type Authority, type AuthorityOptions, startAuthority } from './start-authority.ts';
export type { ServerTls } from './tls/server-tls.ts';
