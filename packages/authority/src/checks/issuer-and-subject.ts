import { type EntraError, entraError } from '../entra-error.ts';
import type { AssertionContext } from './assertion-context.ts';

/** The application speaks for itself: `iss` and `sub` are both its id (RFC 7523 §3). */
export function checkIssuerAndSubject({ assertion: { claims }, clientId }: AssertionContext): EntraError | undefined {
  const { iss, sub } = claims;
  if (!sameId(iss, sub)) {
    return entraError(50048, 'Subject must match the issuer claim in the client assertion.', {
      expected: shown(iss),
      received: shown(sub),
    });
  }
  if (sameId(iss, clientId)) return undefined;
  const message =
    "Client assertion application identifier doesn't match 'client_id' parameter: iss and sub must be the application's id.";
  return entraError(700021, message, { expected: clientId, received: shown(iss) });
}

function sameId(a: unknown, b: unknown): boolean {
  return typeof a === 'string' && typeof b === 'string' && a.toLowerCase() === b.toLowerCase();
}

function shown(value: unknown): string {
  return String(value).slice(0, 200);
}
