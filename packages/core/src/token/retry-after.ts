/**
 * How long the header `Retry-After` asks to wait, in milliseconds: seconds or an HTTP date (RFC 9110 §10.2.3).
 *
 * @param now the time in milliseconds, which a date is compared with
 */
export function retryAfter(headers: Headers, now: number): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (value === undefined || value === '') return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // All three forms begin with the day's name; the oldest leaves out that it is GMT (RFC 9110 §5.6.7).
  if (!/^[A-Z][a-z]{2,8},? /.test(value)) return undefined;
  const date = Date.parse(value.endsWith(' GMT') ? value : `${value} GMT`);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
