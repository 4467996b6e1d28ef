/** A time claim, read. */
export interface TokenTime {
  /** Seconds since 1970-01-01T00:00:00Z, as the claim means them. */
  readonly seconds: number;
  /** ISO 8601 in UTC. */
  readonly utc: string;
  /** In the local time zone, with its offset and name. */
  readonly local: string;
  /** "in 9 minutes", "3 days ago". */
  readonly relative: string;
}

/** A claim that should be a NumericDate, as people write it. */
export interface NumericDate {
  readonly seconds: number;
  /** Written as a text: MSAL.NET does so, though RFC 7519 §2 asks for a number. */
  readonly asText: boolean;
}

/** Later than any honest time in seconds (the year 5138), and earlier than any of our days in milliseconds. */
const firstMilliseconds = 1e11;
/** As far as a Date reaches (ECMAScript, Time Values and Time Range), in seconds. */
const lastSecond = 8.64e12;

/** Reads a NumericDate (RFC 7519 §2); a number in a text is taken too. `undefined` for anything else. */
export function readNumericDate(value: unknown): NumericDate | undefined {
  const asText = typeof value === 'string';
  if (asText && !/^-?\d{1,16}(?:\.\d+)?$/.test(value)) return undefined;
  const seconds = asText ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? { seconds, asText } : undefined;
}

/** Whether a time is so late that its writer must have meant milliseconds. */
export function isInMilliseconds(seconds: number): boolean {
  return Math.abs(seconds) >= firstMilliseconds;
}

/** A time in words; `undefined` for one that no calendar reaches. */
export function describeTime(seconds: number, now: number, timeZone: string | undefined): TokenTime | undefined {
  if (Math.abs(seconds) > lastSecond) return undefined;
  const date = new Date(seconds * 1000);
  const utc = date.toISOString().replace('.000Z', 'Z');
  return { seconds, utc, local: localTime(date, timeZone), relative: relativeTime(date.getTime() - now) };
}

function localTime(date: Date, timeZone: string | undefined): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...(timeZone === undefined ? {} : { timeZone }),
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'longOffset',
  });
  const parts = new Map(format.formatToParts(date).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? '';
  // "GMT+01:00", and "GMT" alone for UTC.
  const offset = part('timeZoneName').replace('GMT', '').replace('\u2212', '-') || '+00:00';
  const day = `${part('year')}-${part('month')}-${part('day')}`;
  return `${day} ${part('hour')}:${part('minute')}:${part('second')} ${offset} (${format.resolvedOptions().timeZone})`;
}

const units = [
  ['year', 365.25 * 86_400_000],
  ['month', 30.4375 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/**
 * A span of time in words, rounded towards now: "in 9 minutes", "3 days ago".
 *
 * A unit is used from two of it on, so that "in 25 hours" is not "in 1 day".
 *
 * @param milliseconds from now; negative for the past
 */
export function relativeTime(milliseconds: number): string {
  const span = Math.abs(milliseconds);
  if (span < 1000) return 'now';
  const [unit, length] = units.find((one) => span >= 2 * one[1]) ?? ['second', 1000];
  const whole = Math.floor(span / length);
  const words = `${whole} ${unit}${whole === 1 ? '' : 's'}`;
  return milliseconds < 0 ? `${words} ago` : `in ${words}`;
}

/** A length of time in words: "10 minutes", "24 hours". */
export function durationInWords(seconds: number): string {
  return seconds < 1 ? 'no time at all' : relativeTime(seconds * 1000).replace(/^in /, '');
}
