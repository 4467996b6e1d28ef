import { type EntraError, entraError } from '../entra-error.ts';
import { shown } from '../lib/shown.ts';
import type { AssertionContext } from './assertion-context.ts';

/** Longer than any identifier that a client makes, short enough to be kept. */
const longest = 255;

/** In strict mode `jti` is there (RFC 7523 §3), so that a second use can be told; otherwise it does not matter. */
export function checkJti({ assertion: { claims }, strict }: AssertionContext): EntraError | undefined {
  if (strict === undefined) return undefined;
  const { jti } = claims;
  if (typeof jti === 'string' && jti !== '' && jti.length <= longest) return undefined;
  const fault = jti === undefined ? 'is missing' : `is not a text of 1 to ${longest} characters`;
  const message = `JWT token is invalid or malformed: the claim 'jti' ${fault}, and strict mode requires it.`;
  return entraError(50027, message, { expected: 'a unique jti', received: jti === undefined ? 'none' : shown(jti) });
}
