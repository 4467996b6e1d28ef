import { usageError } from '../usage.ts';

const unitHours: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24 };

/** A time until the end of a certificate, in milliseconds. A bare number is refused: some tools take it for days, others for seconds. */
export function withinFrom(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,6})([hdw])$/.exec(text) ?? [];
  const hours = Number(digits) * (unitHours[unit] ?? 0);
  if (digits !== undefined && hours <= 100 * 366 * 24) return hours * 3_600_000;
  throw usageError(
    '--within: this is not a number of hours, days or weeks up to a hundred years',
    'Write --within 30d, 12h or 6w',
  );
}
