import type { EntraError, Outcome } from '../entra-error.ts';
import { missingParameter, type TokenParameters } from './parameters.ts';
import type { ParsedAssertion } from './parse-assertion.ts';

/** The application that signs in: `client_id`, or where that is missing the subject of the assertion (RFC 7521 §4.2). */
export function clientId(parameters: TokenParameters, assertion: ParsedAssertion | undefined): Outcome<string> {
  const { client_id: stated } = parameters;
  if (stated !== undefined) return { value: stated };
  const sub = assertion?.claims.sub;
  return typeof sub === 'string' && sub !== '' ? { value: sub } : { refused: missingParameter('client_id') };
}

/** There is something that says which application this is. */
export function checkClientIsNamed({
  client_id: id,
  client_assertion: assertion,
}: TokenParameters): EntraError | undefined {
  return id === undefined && assertion === undefined ? missingParameter('client_id') : undefined;
}
