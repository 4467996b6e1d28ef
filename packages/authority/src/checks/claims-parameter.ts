import { entraError, type Outcome } from '../entra-error.ts';
import type { TokenParameters } from './parameters.ts';

/** What the `claims` parameter asks for, as far as it changes the token. */
export interface ClaimsRequest {
  /** The client can handle a claims challenge (`xms_cc` with `cp1`), so that it may have a long-lived token. */
  readonly handlesChallenges: boolean;
}

const nothing: ClaimsRequest = { handlesChallenges: false };

/**
 * The `claims` parameter (OpenID Connect Core §5.5): a JSON object whose sections and members are objects or `null`.
 * Of its members `xms_cc` counts, with `value` or `values`; MSALs and Azure SDKs send it for a client that knows
 * continuous access evaluation.
 */
export function claimsRequest({ claims }: TokenParameters): Outcome<ClaimsRequest> {
  if (claims === undefined) return { value: nothing };
  const sections = objectIn(claims);
  if (sections === undefined || !Object.values(sections).every(isObjectOrNull)) return malformed();
  const { access_token: section } = sections;
  if (!isObject(section)) return { value: nothing };
  const { xms_cc: capabilities } = section;
  if (capabilities === undefined || capabilities === null) return { value: nothing };
  if (!isObject(capabilities)) return malformed();
  const { value, values = [value] } = capabilities;
  if (!Array.isArray(values)) return malformed();
  return {
    value: { handlesChallenges: values.some((each) => typeof each === 'string' && each.toLowerCase() === 'cp1') },
  };
}

function malformed(): { refused: ReturnType<typeof entraError> } {
  const message = "Invalid request. Request is malformed or invalid: the parameter 'claims' is no claims request.";
  const expected = '{"access_token":{"xms_cc":{"values":["cp1"]}}}';
  return { refused: entraError(9002313, message, { expected, received: 'another form' }) };
}

function objectIn(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isObjectOrNull(value: unknown): boolean {
  return value === null || isObject(value);
}
