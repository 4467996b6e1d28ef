import { type EntraError, entraError } from '../entra-error.ts';
import { isGuid } from '../lib/identifiers.ts';
import { shown } from '../lib/shown.ts';
import type { AssertionContext } from './assertion-context.ts';

/**
 * The application speaks for itself: `iss` and `sub` are both its id (RFC 7523 §3).
 *
 * An issuer that is no application id at all is somebody else's: Entra ID takes such an assertion for one of workload
 * identity federation, and finds no federated credential for it.
 */
export function checkIssuerAndSubject({ assertion: { claims }, clientId }: AssertionContext): EntraError | undefined {
  const { iss, sub } = claims;
  if (!sameId(iss, clientId) && !(typeof iss === 'string' && isGuid(iss))) return notFederated(clientId, iss);
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

function notFederated(clientId: string, iss: unknown): EntraError {
  const message =
    `No matching federated identity record found for presented assertion issuer '${shown(iss)}'. ` +
    "An assertion that is signed with the application's certificate has the application's id as its issuer.";
  return entraError(700211, message, { expected: clientId, received: shown(iss) });
}

function sameId(a: unknown, b: unknown): boolean {
  return typeof a === 'string' && typeof b === 'string' && a.toLowerCase() === b.toLowerCase();
}
