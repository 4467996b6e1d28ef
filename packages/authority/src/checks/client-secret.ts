import type { Application, PasswordCredential } from '../directory/entities.ts';
import { isSecretOf } from '../directory/password-credential.ts';
import { type EntraError, entraError } from '../entra-error.ts';

/**
 * The secret is one that was added to the application, and is good now.
 *
 * @param now in milliseconds since the epoch
 */
export function checkClientSecret(
  secret: string,
  { appId, passwordCredentials }: Pick<Application, 'appId' | 'passwordCredentials'>,
  now: number,
): EntraError | undefined {
  const matching = passwordCredentials.filter((credential) => isSecretOf(credential, secret));
  if (matching.some((credential) => hasBegun(credential, now) && !isOver(credential, now))) return undefined;
  const ended = matching.find((credential) => isOver(credential, now));
  if (ended !== undefined) {
    const message = `The provided client secret keys for app '${appId}' are expired: this one ended at ${ended.endDateTime}.`;
    return entraError(7000222, message, {
      expected: 'a secret that is good now',
      received: `one until ${ended.endDateTime}`,
    });
  }
  const message =
    'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, ' +
    `not the client secret ID, for a secret added to app '${appId}'.`;
  return entraError(7000215, message, { expected: 'a secret added to the application', received: recognised() });

  function recognised(): string {
    const [early] = matching;
    if (early !== undefined) return `one that is not valid before ${early.startDateTime}`;
    const isId = passwordCredentials.some(({ keyId }) => keyId === secret.toLowerCase());
    return isId ? 'the id of a secret' : 'another one';
  }
}

function hasBegun({ startDateTime }: PasswordCredential, now: number): boolean {
  return Date.parse(startDateTime) <= now;
}

function isOver({ endDateTime }: PasswordCredential, now: number): boolean {
  return Date.parse(endDateTime) <= now;
}
