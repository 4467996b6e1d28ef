import { entraError, type Outcome } from '../entra-error.ts';
import { missingParameter, type TokenParameters } from './parameters.ts';
import { resourceOfScope } from './scope.ts';

/** The API that a v2 request asks for, by its scope alone. */
export function resourceOfV2(parameters: TokenParameters): Outcome<string> {
  if (parameters.resource === undefined) return resourceOfScope(parameters);
  const message = "The 'resource' request parameter isn't supported: the v2.0 endpoint takes 'scope'.";
  return { refused: entraError(901002, message, { expected: 'scope', received: 'resource' }) };
}

/** The API that a v1 request asks for: `resource`, or the scope that newer clients send here too. */
export function resourceOfV1(parameters: TokenParameters): Outcome<string> {
  if (parameters.resource !== undefined) return { value: parameters.resource };
  return parameters.scope === undefined ? { refused: missingParameter('resource') } : resourceOfScope(parameters);
}
