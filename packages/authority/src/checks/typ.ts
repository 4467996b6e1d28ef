import { type EntraError, entraError } from '../entra-error.ts';
import { shown } from '../lib/shown.ts';
import type { AssertionContext } from './assertion-context.ts';

const openIdType = 'http://openid.net/specs/jwt/1.0';

/** `typ` may be missing; if it is there, it says that this is a JWT. */
export function checkTyp({ assertion: { header } }: AssertionContext): EntraError | undefined {
  const { typ } = header;
  if (typ === undefined || typ === openIdType) return undefined;
  // A media type is compared without regard to case (RFC 7519 §5.1).
  if (typeof typ === 'string' && typ.toUpperCase() === 'JWT') return undefined;
  return entraError(5002727, `Invalid JWT header type specified, must be 'JWT' or '${openIdType}'.`, {
    expected: 'JWT',
    received: shown(typ, 100),
  });
}
