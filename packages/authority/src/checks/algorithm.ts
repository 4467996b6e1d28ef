import { type EntraError, entraError } from '../entra-error.ts';
import { shown } from '../lib/shown.ts';
import type { AssertionContext } from './assertion-context.ts';
import { isNamedBySha1 } from './key.ts';

/** What Entra ID verifies an assertion with: RSA, with PSS padding or the older PKCS #1 v1.5. */
export type AssertionAlgorithm = 'PS256' | 'RS256';

const symmetric = ['HS256', 'HS384', 'HS512'];

/** Whether `alg` is one that Entra ID takes. */
export function isAssertionAlgorithm(alg: unknown): alg is AssertionAlgorithm {
  return alg === 'PS256' || alg === 'RS256';
}

/** `alg` is PS256 or RS256, and the registered key is an RSA key. */
export function checkAlgorithm({ assertion, candidates, strict }: AssertionContext): EntraError | undefined {
  const { alg } = assertion.header;
  const details = { expected: 'PS256 or RS256', received: shown(alg, 20) };
  if (typeof alg !== 'string') {
    return entraError(50027, "JWT token is invalid or malformed: its header names no algorithm ('alg').", details);
  }
  if (alg === 'none') return entraError(50027, 'JWT token is invalid or malformed: it is not signed.', details);
  if (symmetric.includes(alg)) {
    const message = 'Invalid JWT token. A symmetric signing algorithm proves no certificate; PS256 and RS256 do.';
    return entraError(700027, message, details);
  }
  if (!isAssertionAlgorithm(alg)) {
    return entraError(700027, 'Invalid JWT token. Unsupported asymmetric signing algorithm.', details);
  }
  if (strict !== undefined && alg === 'RS256' && isNamedBySha1(assertion.header, candidates)) {
    const message = 'Invalid JWT token. Strict mode does not take RS256 with a SHA-1 thumbprint of the certificate.';
    return entraError(700027, message, { expected: 'PS256 with x5t#S256', received: 'RS256 with a SHA-1 thumbprint' });
  }
  if (candidates.length > 0 && candidates.every(({ keyType }) => keyType !== 'RSA')) {
    return entraError(5002730, 'Invalid JWT token. Unsupported key for the signing algorithm.', {
      expected: 'an RSA key',
      received: `a key of type ${candidates[0]?.keyType}`,
    });
  }
  return undefined;
}
