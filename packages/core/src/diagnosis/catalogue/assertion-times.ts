import { isInMilliseconds } from '../../jwt/token-time.ts';
import type { Evidence } from '../evidence.ts';
import { type CatalogueEntry, lowers, proves, raises, rulesOut, says } from './entry.ts';
import * as sources from './sources.ts';

const fifteenMinutes = 15 * 60_000;

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

/** How long the assertion had been over when the server looked, in milliseconds. */
function overBy({ facts, assertion, serverTime }: Evidence): number | undefined {
  const until = timeOf(facts.validUntil) ?? (assertion?.expiry === undefined ? undefined : assertion.expiry * 1000);
  return until === undefined || serverTime === undefined ? undefined : serverTime - until;
}

/** How long it would have taken until the assertion began. */
function beginsIn({ facts, assertion, serverTime }: Evidence): number | undefined {
  const stated = assertion?.notBefore;
  const from = timeOf(facts.validFrom) ?? (stated === undefined ? undefined : stated * 1000);
  return from === undefined || serverTime === undefined ? undefined : from - serverTime;
}

/** How far the server's clock is ahead of this machine's. */
function skew({ serverTime, localTime }: Evidence): number | undefined {
  return serverTime === undefined || localTime === undefined ? undefined : serverTime - localTime;
}

/** Whether a span is one that time zones differ by, give or take the time of a request and an assertion's life. */
function isZoneOffset(milliseconds: number | undefined): boolean {
  if (milliseconds === undefined) return false;
  const span = Math.abs(milliseconds);
  const rest = span % (2 * fifteenMinutes);
  return span > fifteenMinutes && span <= 14 * 3_600_000 && Math.min(rest, 2 * fifteenMinutes - rest) <= 60_000;
}

function isBeyondCalendar({ message, assertion }: Evidence): boolean {
  const times = [assertion?.expiry, assertion?.notBefore].filter((time) => time !== undefined);
  return /beyond the year|\b9999-12-31/.test(message) || times.some(isInMilliseconds);
}

function endsBeforeItBegins({ facts, assertion }: Evidence): boolean {
  const from = timeOf(facts.validFrom) ?? (assertion?.notBefore ?? 0) * 1000;
  const until = timeOf(facts.validUntil) ?? (assertion?.expiry ?? Number.POSITIVE_INFINITY) * 1000;
  return until < from;
}

const strictMode = /which strict mode does not take/i;

/** The code for an assertion that came too early or too late. */
export const assertionTimes: CatalogueEntry = {
  code: 700024,
  title: 'The client assertion is not within its time range',
  meaning:
    "By the server's clock the assertion has expired, or has not begun. The message states the server's time and the range, so that the difference can be read off it.",
  causes: [
    {
      id: 'clock-behind',
      usual: 'likely',
      why: "The clock of the machine that signed is behind the server's, so that the assertion had expired when it arrived",
      fix: 'Set the clock of the machine that signs right and keep it so (NTP); after sleep, virtual machines and WSL often lag behind',
      signs: [
        rulesOut('The assertion had not begun', (evidence) => (beginsIn(evidence) ?? 0) > 0),
        rulesOut(
          "The server's clock and this machine's agree",
          (evidence) => Math.abs(skew(evidence) ?? 60_001) <= 60_000,
        ),
        proves("The server's clock is ahead of this machine's", (evidence) => (skew(evidence) ?? 0) > 60_000),
        lowers('The assertion was over for more than a day', (evidence) => (overBy(evidence) ?? 0) > 86_400_000),
        rulesOut('A time is in milliseconds', isBeyondCalendar),
      ],
    },
    {
      id: 'assertion-reused',
      usual: 'likely',
      why: 'An assertion was sent that had been signed long before: kept in a cache, in a variable, in a job that ran for long',
      fix: 'Sign a new assertion for each request, or at least before the last one expires',
      signs: [
        rulesOut('The assertion had not begun', (evidence) => (beginsIn(evidence) ?? 0) > 0),
        proves(
          "The assertion had expired, and the server's clock and this machine's agree",
          (evidence) => (overBy(evidence) ?? -1) >= 0 && Math.abs(skew(evidence) ?? 60_001) <= 60_000,
        ),
        raises('The assertion was over for more than a day', (evidence) => (overBy(evidence) ?? 0) > 86_400_000),
        rulesOut('A time is in milliseconds', isBeyondCalendar),
      ],
    },
    {
      id: 'clock-ahead',
      usual: 'possible',
      why: "The clock of the machine that signed is ahead of the server's, so that the assertion had not begun when it arrived",
      fix: 'Set the clock of the machine that signs right and keep it so (NTP); an nbf some minutes in the past helps against small differences',
      signs: [
        rulesOut('The assertion had expired', (evidence) => (overBy(evidence) ?? -1) >= 0),
        proves("The server's clock is behind this machine's", (evidence) => (skew(evidence) ?? 0) < -60_000),
        raises('The assertion had not begun', (evidence) => (beginsIn(evidence) ?? 0) > 0),
        lowers('The assertion begins a whole number of half hours away, as time zones do', (evidence) =>
          isZoneOffset(beginsIn(evidence)),
        ),
        rulesOut('A time is in milliseconds', isBeyondCalendar),
      ],
    },
    {
      id: 'local-time-as-utc',
      usual: 'possible',
      why: 'The program took local time for UTC when it computed exp and nbf',
      fix: 'Compute the times from seconds since 1970 in UTC, without any time zone',
      signs: [
        raises('The assertion begins a whole number of half hours away, as time zones do', (evidence) =>
          isZoneOffset(beginsIn(evidence)),
        ),
        lowers(
          'The difference is not one of time zones',
          (evidence) => beginsIn(evidence) !== undefined && !isZoneOffset(beginsIn(evidence)),
        ),
        rulesOut('A time is in milliseconds', isBeyondCalendar),
      ],
    },
    {
      id: 'times-in-the-wrong-order',
      usual: 'unlikely',
      why: 'exp is before nbf, so that the assertion is never valid',
      fix: 'Make exp some minutes later than nbf',
      signs: [
        proves('The assertion expires before it begins', endsBeforeItBegins),
        rulesOut('The assertion begins before it expires', (evidence) => !endsBeforeItBegins(evidence)),
      ],
    },
    {
      id: 'lifetime-too-long-for-strict-mode',
      usual: 'unlikely',
      why: 'The local authority runs in strict mode, which takes assertions of ten minutes at most; Microsoft Entra ID has no such limit',
      fix: 'Make exp at most ten minutes later than nbf, or start the authority without --strict',
      signs: [
        says(strictMode, 'The server says so'),
        rulesOut('The server does not speak of strict mode', ({ message }) => !strictMode.test(message)),
      ],
    },
    {
      id: 'time-in-milliseconds',
      usual: 'unlikely',
      why: 'exp or nbf is in milliseconds; a JWT counts seconds since 1970',
      fix: 'Divide the times by 1000 and leave out the fraction (RFC 7519 §2)',
      signs: [
        proves('A time lies beyond the year 5000', isBeyondCalendar),
        rulesOut(
          'The times are of this age',
          (evidence) => evidence.facts.validUntil !== undefined && !isBeyondCalendar(evidence),
        ),
      ],
    },
  ],
  sources: [
    sources.certificateCredentials,
    sources.thread('AzureAD/microsoft-authentication-library-for-dotnet/issues/4951'),
    sources.thread('AzureAD/microsoft-authentication-library-for-java/issues/984'),
    sources.thread('obikuro/Sato/issues/1'),
    sources.thread('microsoft/WSL/issues/10006'),
    sources.thread('Azure/azure-cli/issues/20434'),
  ],
};
