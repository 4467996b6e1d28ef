import { type EntraError, entraError } from '../entra-error.ts';
import { roundTripForm } from '../lib/date-format.ts';
import type { AssertionContext } from './assertion-context.ts';

/** The last second that a date can name in the messages: the end of the year 9999. */
const lastSecond = 253_402_300_799;

/** How far the clock of a client may be ahead in strict mode, in seconds, as FAPI 2.0 §5.3.2.1 has it. */
const strictSkew = 10;

/**
 * The assertion is good now, give or take the tolerance: `exp` not over, `nbf` (if any) reached and before `exp`.
 *
 * Entra ID puts no limit on the lifetime; here the only one is the last date that there is. Strict mode has a limit.
 */
export function checkTimes({
  assertion: { claims },
  now,
  tolerance,
  strict,
}: AssertionContext): EntraError | undefined {
  const expiry = numericDate(claims.exp);
  const notBefore = claims.nbf === undefined ? 0 : numericDate(claims.nbf);
  if (expiry === undefined || notBefore === undefined) {
    const name = expiry === undefined ? 'exp' : 'nbf';
    return entraError(50027, `JWT token is invalid or malformed: the claim '${name}' is not a number of seconds.`);
  }
  if (expiry > lastSecond || notBefore > lastSecond) {
    return outside('a time is beyond the year 9999, as milliseconds instead of seconds are', now, notBefore, expiry);
  }
  const seconds = now / 1000;
  if (expiry + tolerance <= seconds) return outside('it is expired', now, notBefore, expiry);
  if (notBefore - tolerance > seconds) return outside('it is not valid yet', now, notBefore, expiry);
  if (notBefore > expiry) return outside('it expires before it begins', now, notBefore, expiry);
  if (strict !== undefined && expiry - strict.longestLifetime - strictSkew > seconds) {
    const fault = `it expires more than ${strict.longestLifetime} seconds ahead, which strict mode does not take`;
    return outside(fault, now, notBefore, expiry);
  }
  return undefined;
}

/** A NumericDate (RFC 7519 §2) as clients really write it: whole, with a fraction, or as text. */
export function numericDate(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

function outside(fault: string, now: number, notBefore: number, expiry: number): EntraError {
  const [current, from, until] = [roundTripForm(now), dateForm(notBefore), dateForm(expiry)];
  const message =
    `Client assertion is not within its valid time range: ${fault}. ` +
    `Current time: ${current}, assertion valid from ${from}, expiry time of assertion ${until}.`;
  return entraError(700024, message, { expected: `valid at ${current}`, received: `${from} to ${until}` });
}

function dateForm(seconds: number): string {
  return roundTripForm(Math.min(seconds, lastSecond) * 1000);
}
