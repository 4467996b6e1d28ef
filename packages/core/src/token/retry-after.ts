/**
 * How long the header `Retry-After` asks to wait, in milliseconds: seconds or an HTTP date (RFC 9110 §10.2.3).
 *
 * @param now the time in milliseconds, which a date is compared with
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
