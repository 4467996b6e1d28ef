import type { AssertionContext } from '../checks/assertion-context.ts';
import type { SignInCheckName } from '../checks/sign-in-checks.ts';
import type { ServicePrincipal, Tenant } from '../directory/entities.ts';
import type { Client } from '../directory/sign-in-lookups.ts';

/** What the token endpoint has found out about a request, as far as it came. */
export interface SignInFacts {
  readonly version: 1 | 2;
  /** As it stands in the URL. */
  readonly tenantName: string;
  clientId?: string | undefined;
  credential?: 'certificate' | 'secret';
  tenant?: Tenant;
  client?: Client;
  context?: AssertionContext | undefined;
  /** Of the registered certificate that the assertion is by: SHA-1 in upper-case hexadecimal. */
  thumbprint?: string | undefined;
  resource?: ServicePrincipal;
  roles?: readonly string[];
  /** The check that refused, and what it said. */
  failed?: SignInCheckName | undefined;
  refused?: Refused;
  /** The id of the fault that answered in place of the checks. */
  fault?: string;
}

/** An error as far as the log shows it. */
export interface Refused {
  readonly code: number;
  readonly error: string;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly received?: string | undefined;
}

/** Where the header gives no hint, the key is known once it has verified the signature. */
export function thumbprintOf({ provenBy, candidates }: AssertionContext): string | undefined {
  return (provenBy ?? (candidates.length === 1 ? candidates[0] : undefined))?.thumbprints.sha1;
}
