import { type EntraError, entraError, type Outcome } from '../entra-error.ts';
import { shown } from '../lib/shown.ts';
import { missingParameter, type TokenParameters } from './parameters.ts';

/** What OpenID clients add without being asked; for an application it means nothing. */
const ignored = ['openid', 'offline_access', 'profile', 'email'];

const suffix = '/.default';

/** The API that the scope asks for: exactly one, as `{identifier URI}/.default`. */
export function resourceOfScope(parameters: TokenParameters): Outcome<string> {
  const { scope } = parameters;
  if (scope === undefined) return { refused: missingParameter('scope') };
  const scopes = [...new Set(scope.split(/\s+/))].filter(
    (each) => each !== '' && !ignored.includes(each.toLowerCase()),
  );
  const [first] = scopes;
  if (first === undefined || first === suffix || /[^\x21\x23-\x5b\x5d-\x7e]/.test(first)) {
    const message = `The provided request must include a 'scope' input parameter. The scope ${shown(scope)} is not valid.`;
    return refusal(entraError(70011, message, { expected: `{resource}${suffix}`, received: shown(scope) }));
  }
  const bad = scopes.find((each) => !each.endsWith(suffix));
  if (bad !== undefined) {
    const message =
      `The provided value for scope ${shown(scope)} is not valid. Client credential flows must have a scope value ` +
      `with ${suffix} suffixed to the resource identifier (application ID URI).`;
    return refusal(entraError(1002012, message, { expected: `{resource}${suffix}`, received: shown(bad) }));
  }
  if (scopes.length > 1) {
    const message = `The provided value for scope ${shown(scope)} is not valid because it contains more than one resource.`;
    return refusal(entraError(700022, message, { expected: 'one resource', received: shown(scope) }));
  }
  return { value: first.slice(0, -suffix.length) };
}

function refusal(refused: EntraError): { refused: EntraError } {
  return { refused };
}
