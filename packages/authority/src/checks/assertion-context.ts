import type { Bytes, Thumbprints } from '@certgrant/core';
import type { EntraError } from '../entra-error.ts';
import type { ParsedAssertion } from './parse-assertion.ts';

/** A certificate that an application has registered, as far as an assertion is checked against it. */
export interface RegisteredCertificate {
  /** The id of the key credential. */
  readonly keyId: string;
  readonly der: Bytes;
  readonly thumbprints: Thumbprints;
  /** From when until when the key credential is good, in milliseconds since the epoch. */
  readonly start: number;
  readonly end: number;
  /** `RSA`, `EC` …, and the SubjectPublicKeyInfo. */
  readonly keyType: string;
  readonly spki: Bytes;
}

/** How far the clocks of the authority and of a client may be apart, in seconds, unless something else is said. */
export const clockTolerance = 300;

/** What strict mode asks for beyond Entra ID, as RFC 7523bis and FAPI 2.0 do. */
export interface StrictRules {
  /** The only audience that is taken. */
  readonly issuer: string;
  /** How far ahead `exp` may be, in seconds. */
  readonly longestLifetime: number;
}

/** What an assertion is checked against: what is registered, who it is meant for, and the clock. */
export interface AssertionFacts {
  /** The application that the assertion is to prove. */
  readonly clientId: string;
  readonly certificates: readonly RegisteredCertificate[];
  readonly audience: AcceptedAudience;
  /** In milliseconds since the epoch. */
  readonly now: number;
  /** How far the two clocks may be apart, in seconds; 300 by default. */
  readonly tolerance?: number | undefined;
  /** Without it everything that Entra ID takes is taken. */
  readonly strict?: StrictRules | undefined;
}

/** The authority that an assertion must be meant for: every base with every name of the tenant is the same one. */
export interface AcceptedAudience {
  /** Where the authority is reached, without a trailing slash: `https://localhost:8443`. */
  readonly bases: readonly string[];
  /** The tenant's id and its domain. */
  readonly tenants: readonly string[];
}

/** All that a check of an assertion looks at. */
export interface AssertionContext extends AssertionFacts {
  readonly assertion: ParsedAssertion;
  readonly tolerance: number;
  /** The registered certificates that the header may mean: see `key.ts`. */
  readonly candidates: readonly RegisteredCertificate[];
  /** The one whose key has verified the signature; the check of the signature sets it, for the log. */
  provenBy?: RegisteredCertificate;
}

/** What one check says: nothing when it passed. */
export type AssertionCheck = (context: AssertionContext) => EntraError | undefined | Promise<EntraError | undefined>;
