import { type EntraError, entraError } from '../entra-error.ts';

/** No application here has a client secret, so none is right. */
export function checkClientSecret(clientId: string): EntraError {
  const message =
    'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, ' +
    `not the client secret ID, for a secret added to app '${clientId}'.`;
  return entraError(7000215, message, { expected: 'a secret added to the application', received: 'another one' });
}
