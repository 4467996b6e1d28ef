import { entraError, type Outcome } from '../entra-error.ts';
import type { TokenParameters } from './parameters.ts';

/**
 * `client_secret_basic` (RFC 6749 §2.3.1): the application's id and its secret in the Authorization header.
 *
 * The header counts only where the form holds no credential. Some clients send one beside an assertion, and an
 * assertion is the better proof.
 */
export function withBasicCredentials(
  parameters: TokenParameters,
  authorization: string | undefined,
): Outcome<TokenParameters> {
  if (
    authorization === undefined ||
    parameters.client_assertion !== undefined ||
    parameters.client_secret !== undefined
  ) {
    return { value: parameters };
  }
  const [, encoded] = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization) ?? [];
  if (encoded === undefined) return { value: parameters };
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const [id, secret] = [formDecoded(pair.slice(0, Math.max(colon, 0))), formDecoded(pair.slice(colon + 1))];
  if (colon === -1 || id === '' || secret === '') return { value: parameters };
  const { client_id: stated = id } = parameters;
  if (stated.toLowerCase() !== id.toLowerCase()) {
    const message = "Invalid STS request. 'client_id' and the Authorization header name different applications.";
    return { refused: entraError(90023, message, { expected: 'one application', received: 'two' }) };
  }
  return { value: { ...parameters, client_id: stated, client_secret: secret } };
}

/** Each half is form-encoded before they are joined; curl leaves that out, so a malformed escape stands for itself. */
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
