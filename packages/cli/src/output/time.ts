/** Points in time and spans of it, in words. */

const spans: readonly (readonly [name: string, seconds: number])[] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
];

/** A span in its largest fitting unit: "3 months", "1 hour". From two of a unit on, so that 40 days are not "1 month". */
function span(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  const [name, size] = spans.find(([, unit]) => seconds >= 2 * unit) ?? ['second', 1];
  const count = Math.round(seconds / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** How far `time` is from `now`, in words: "in 3 months", "2 hours ago", "now". */
export function relative(time: number, now: number): string {
  if (Math.abs(time - now) < 1000) return 'now';
  return time > now ? `in ${span(time - now)}` : `${span(now - time)} ago`;
}

/** `2026-11-24 03:12:07 UTC` */
export function utc(time: number | Date): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** From when to when, and what that means now. */
export function validityInWords(
  { notBefore, notAfter }: { readonly notBefore: Date; readonly notAfter: Date },
  now: number,
): string {
  const period = `${utc(notBefore)} to ${utc(notAfter)}`;
  if (now < notBefore.getTime()) return `${period}: not yet valid, begins ${relative(notBefore.getTime(), now)}`;
  if (now > notAfter.getTime()) return `${period}: expired ${relative(notAfter.getTime(), now)}`;
  return `${period}: valid, ends ${relative(notAfter.getTime(), now)}`;
}
