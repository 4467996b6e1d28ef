import { CertgrantError } from '@certgrant/core';

/** A length of time: milliseconds, or a text such as `500ms`, `30s`, `5m`, `2h`, `7d`. */
export type Duration = number | string;

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * A duration in milliseconds.
 *
 * @param action what it is for, as a message begins: `move clock`
 * @throws {CertgrantError} `USAGE`
 */
export function milliseconds(duration: unknown, action: string): number {
  if (typeof duration === 'number' && Number.isFinite(duration)) return duration;
  const [, sign = '', digits = '', unit = ''] =
    (typeof duration === 'string' && /^(-?)(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/.exec(duration)) || [];
  if (digits !== '') return (sign === '-' ? -1 : 1) * Number(digits) * units[unit as keyof typeof units];
  throw new CertgrantError('USAGE', `${action}: this is not a duration`, {
    fix: 'Give milliseconds as a number, or a text such as 500ms, 30s, 5m, 2h or 7d',
  });
}
