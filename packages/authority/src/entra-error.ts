import type { SignInCheckName } from './checks/sign-in-checks.ts';

/** The OAuth errors of the token endpoint (RFC 6749 §5.2) and those that Entra ID adds. */
export type OAuthError =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'invalid_scope'
  | 'invalid_resource'
  | 'invalid_tenant'
  | 'invalid_instance'
  | 'server_error';

/** The AADSTS codes that this authority answers with. */
export type AadstsCode =
  | 50012
  | 50027
  | 50048
  | 50049
  | 50059
  | 70003
  | 70011
  | 90002
  | 90023
  | 90055
  | 500011
  | 501051
  | 700016
  | 700021
  | 700022
  | 700023
  | 700024
  | 700027
  | 700211
  | 900023
  | 900144
  | 900561
  | 901002
  | 1002012
  | 5002727
  | 5002730
  | 7000112
  | 7000215
  | 7000218
  | 7000222
  | 9000411
  | 9001023
  | 9002313
  | 9002326;

/** The OAuth error that each code goes with. */
const oauthErrors: Readonly<Record<AadstsCode, OAuthError>> = {
  50012: 'invalid_client',
  50027: 'invalid_request',
  50048: 'invalid_client',
  50049: 'invalid_instance',
  50059: 'invalid_request',
  70003: 'unsupported_grant_type',
  70011: 'invalid_scope',
  90002: 'invalid_request',
  90023: 'invalid_request',
  90055: 'invalid_request',
  500011: 'invalid_resource',
  501051: 'invalid_grant',
  700016: 'unauthorized_client',
  700021: 'invalid_client',
  700022: 'invalid_scope',
  700023: 'invalid_client',
  700024: 'invalid_client',
  700027: 'invalid_client',
  700211: 'invalid_client',
  900023: 'invalid_request',
  900144: 'invalid_request',
  900561: 'invalid_request',
  901002: 'invalid_request',
  1002012: 'invalid_scope',
  5002727: 'invalid_request',
  5002730: 'invalid_request',
  7000112: 'unauthorized_client',
  7000215: 'invalid_client',
  7000218: 'invalid_client',
  7000222: 'invalid_client',
  9000411: 'invalid_request',
  9001023: 'invalid_request',
  9002313: 'invalid_request',
  9002326: 'invalid_request',
};

/** Every code that this authority answers with. */
export const aadstsCodes: readonly AadstsCode[] = Object.keys(oauthErrors).map(Number) as AadstsCode[];

/** The OAuth error that goes with a code, if it is one of this authority's. */
export function oauthErrorOf(code: number): OAuthError | undefined {
  return oauthErrors[code as AadstsCode];
}

/** Why a request is refused, as Entra ID would say it. */
export interface EntraError {
  readonly code: AadstsCode;
  readonly error: OAuthError;
  readonly status: number;
  /** What follows `AADSTS…: `; fragments that programs read stand in it as Entra ID writes them. */
  readonly message: string;
  /** What would have passed and what came, where both fit a line; never a secret. Not part of the answer. */
  readonly expected?: string;
  readonly received?: string;
  /** Which check of an assertion refused. Not part of the answer. */
  readonly check?: SignInCheckName;
}

/** What a check may add to an {@link EntraError}. */
export interface EntraErrorDetails {
  /** Where an endpoint answers a code with another OAuth error than the token endpoint does. */
  readonly error?: OAuthError;
  readonly status?: number;
  readonly expected?: string;
  readonly received?: string;
}

/** The error for a code: `invalid_client` has the HTTP status 401, all others 400 (RFC 6749 §5.2). */
export function entraError(code: AadstsCode, message: string, details: EntraErrorDetails = {}): EntraError {
  const error = details.error ?? oauthErrors[code];
  return { status: error === 'invalid_client' ? 401 : 400, ...details, code, error, message };
}

/** Ends a request with an {@link EntraError}; the endpoint turns it into the answer. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly refused: EntraError;
  readonly check: SignInCheckName | undefined;

  constructor(refused: EntraError, check?: SignInCheckName) {
    super(`AADSTS${refused.code}`);
    this.refused = refused;
    this.check = refused.check ?? check;
  }
}

/** Goes on with what a step found, or ends the request where it refused. */
export function passed<T>(outcome: Outcome<T>, check?: SignInCheckName): T {
  if ('refused' in outcome) throw new Refusal(outcome.refused, check);
  return outcome.value;
}

/** Ends the request where a check refused. */
export function mustPass(refused: EntraError | undefined, check?: SignInCheckName): void {
  if (refused !== undefined) throw new Refusal(refused, check);
}

/** What a step that finds something comes to. */
export type Outcome<T> = { readonly value: T } | { readonly refused: EntraError };
