import { type EntraError, entraError } from '../entra-error.ts';
import { shown } from '../lib/shown.ts';

/** Only client credentials are granted here (RFC 6749 §4.4). */
export function checkGrantType(grantType: string): EntraError | undefined {
  if (grantType === 'client_credentials') return undefined;
  const received = shown(grantType, 100);
  return entraError(70003, `The app requested an unsupported grant type '${received}'.`, {
    expected: 'client_credentials',
    received,
  });
}
