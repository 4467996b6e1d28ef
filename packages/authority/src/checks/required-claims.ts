import { type EntraError, entraError } from '../entra-error.ts';
import type { AssertionContext } from './assertion-context.ts';

/** `iss`, `sub` and `aud` are strings, `exp` is there (RFC 7523 §3); an array of audiences is not taken. */
export function checkRequiredClaims({ assertion: { claims } }: AssertionContext): EntraError | undefined {
  for (const name of ['iss', 'sub', 'aud']) {
    const value = claims[name];
    if (typeof value === 'string' && value !== '') continue;
    if (value === undefined) return malformed(`the claim '${name}' is missing`);
    return malformed(
      `the claim '${name}' is ${Array.isArray(value) ? 'an array' : 'not a text'} instead of one string`,
    );
  }
  return claims.exp === undefined ? malformed("the claim 'exp' is missing") : undefined;
}

function malformed(fault: string): EntraError {
  return entraError(50027, `JWT token is invalid or malformed: ${fault}.`, {
    expected: 'iss, sub, aud and exp',
    received: fault,
  });
}
