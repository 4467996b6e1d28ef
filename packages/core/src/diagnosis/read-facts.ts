import { clockSkewInWords } from './clock-skew.ts';
import type { ErrorFacts } from './explanation.ts';
import { safeText } from './safe-text.ts';

/** What each fragment looks like in a message on one line; the first group that matched is the value. */
const fragments = {
  thumbprint: /Thumbprint of key used by client: ?'([0-9A-F ]{20,300})'/i,
  applicationId:
    /\bapp(?:lication)?(?: with identifier| with ID| Id)? ?'([^']{1,100})'|applications\(appId='([^']{1,100})'\)/i,
  tenant: /\b(?:directory|tenant|tenant identifier) '([^']{1,100})'|\btenant named ([\w.-]{1,100}?)\.?(?= |$)/i,
  resource: /resource principal named (\S{1,200}?)\.?(?= |$)|for the application '([^']{1,200})'/i,
  scope: /\bscope '?([^\s']{1,200})'? is not valid/i,
  correlationId: /\bCorrelation[ _]?ID["']?\s?[:=]\s?["']?([\w-]{3,60}(?: [0-9a-f-]{1,33})?)/i,
  traceId: /\bTrace[ _]?ID["']?\s?[:=]\s?["']?([\w-]{3,60}(?: [0-9a-f-]{1,33})?)/i,
  timestamp: /\bTimestamp["']?\s?[:=]\s?["']?(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d{1,9})?Z?)/i,
} as const;

const foundKey = /Found key 'Start=([\d/]{8,10} [\d:]{7,8}), ?End=([\d/]{8,10} [\d:]{7,8})'/i;
const assertionTimes =
  /Current time: (\S{10,40}?),? assertion valid from (\S{10,40}?),? expiry time of assertion (\S{10,40}?)\.?(?= |$)/i;

/**
 * Reads the fragments of an error's surroundings that programs can rely on.
 *
 * @param line the surroundings on one line
 * @param localTime this machine's clock when the answer came, if it has just come
 */
export function readFacts(line: string, localTime?: number): ErrorFacts {
  const facts: Record<string, string> = {};
  for (const [name, pattern] of Object.entries(fragments)) {
    const found = pattern.exec(line);
    const value = found?.[1] ?? found?.[2];
    if (value !== undefined) facts[name] = safeText(joined(name, value), 300);
  }
  if (facts.thumbprint !== undefined) facts.thumbprint = facts.thumbprint.toUpperCase();
  const [, keyStart, keyEnd] = foundKey.exec(line) ?? [];
  const [, current, from, until] = assertionTimes.exec(line) ?? [];
  const server = isoTime(current);
  const clocks = { server, from: isoTime(from) || undefined, until: isoTime(until) };
  const stamp = stampTime(facts.timestamp);
  const skew = clockSkewInWords({ ...clocks, server: server ?? stamp, local: localTime });
  return {
    ...facts,
    ...member('keyStart', slashTime(keyStart)),
    ...member('keyEnd', slashTime(keyEnd)),
    ...member('serverTime', server),
    // Entra ID writes the beginning of 1970 for an assertion without nbf.
    ...member('validFrom', clocks.from),
    ...member('validUntil', clocks.until),
    ...(skew === undefined ? {} : { clockSkew: skew }),
  };
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An identifier that a terminal broke at its edge is put together again. */
function joined(name: string, value: string): string {
  const whole = value.replaceAll(' ', '');
  if (name === 'thumbprint' || guid.test(whole)) return whole;
  // What stands after these is the next word, and no part of them.
  return name === 'traceId' || name === 'correlationId' ? (value.split(' ', 1)[0] ?? value) : value;
}

/** The server's clock, as exactly as it is stated. */
export function serverTimeOf({ serverTime, timestamp }: ErrorFacts): number | undefined {
  return isoTime(serverTime) ?? stampTime(timestamp);
}

function member(name: keyof ErrorFacts, time: number | undefined): Partial<ErrorFacts> {
  return time === undefined ? {} : { [name]: new Date(time).toISOString() };
}

/** `2024-10-02T22:05:03.6755165Z`: .NET writes seven digits of a second. */
function isoTime(text: string | undefined): number | undefined {
  const [, seconds, digits = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text ?? '') ?? [];
  return seconds === undefined ? undefined : valid(Date.parse(`${seconds}.${digits.padEnd(3, '0').slice(0, 3)}Z`));
}

/** `2021-08-04 08:23:17Z` */
function stampTime(text: string | undefined): number | undefined {
  return isoTime(text?.replace(' ', 'T').replace(/(?<!Z)$/, 'Z'));
}

/** `06/29/2021 21:13:15`: month, day, year, in UTC. */
function slashTime(text: string | undefined): number | undefined {
  const [, month, day, year, time] = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}:\d\d:\d\d)$/.exec(text ?? '') ?? [];
  if (month === undefined || day === undefined || year === undefined || time === undefined) return undefined;
  return valid(Date.parse(`${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}T${time.padStart(8, '0')}Z`));
}

function valid(time: number): number | undefined {
  return Number.isNaN(time) ? undefined : time;
}
