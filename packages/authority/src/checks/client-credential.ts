import { entraError, type Outcome } from '../entra-error.ts';
import { shown } from '../lib/shown.ts';
import { missingParameter, type TokenParameters } from './parameters.ts';

/** RFC 7523 §2.2. */
const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a client presents to prove who it is. */
export type ClientCredential = { readonly assertion: string } | { readonly secret: string };

/** The client presents an assertion or a secret, and not both (RFC 6749 §2.3). */
export function clientCredential(parameters: TokenParameters): Outcome<ClientCredential> {
  const { client_assertion: assertion, client_assertion_type: type, client_secret: secret } = parameters;
  if (assertion === undefined) {
    if (type !== undefined) return { refused: missingParameter('client_assertion') };
    if (secret !== undefined) return { value: { secret } };
    const message = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    return { refused: entraError(7000218, message, { expected: 'client_assertion', received: 'none' }) };
  }
  if (secret !== undefined) {
    const message = "Invalid STS request. 'client_assertion' and 'client_secret' must not be presented together.";
    return { refused: entraError(90023, message, { expected: 'one credential', received: 'two' }) };
  }
  if (type === undefined) return { refused: missingParameter('client_assertion_type') };
  if (type !== assertionType) {
    const message = `Invalid STS request. The value of 'client_assertion_type' must be '${assertionType}'.`;
    return { refused: entraError(90023, message, { expected: assertionType, received: shown(type) }) };
  }
  return { value: { assertion } };
}
