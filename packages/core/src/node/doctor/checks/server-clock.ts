import { durationInWords } from '../../../jwt/token-time.ts';
import { type Check, defineCheck, failed, passed, skipped, warned } from '../check.ts';

/** `Date` has whole seconds, and an answer takes its time: less than this is no difference. In milliseconds. */
const noticeable = 30_000;
/** How far outside its times Entra ID is taken to accept an assertion, in milliseconds. */
const tolerance = 5 * 60_000;
/** What the token client makes assertions for, in seconds. */
const usualLifetime = { entra: 600, generic: 240 };

/** How this machine's clock stands to the server's, by which the assertion is judged. */
export const serverClock: Check = defineCheck({
  id: 'server-clock',
  doing: "compare the server's clock",
  needs: ['settings', 'discovery'],
  run: ({ settings, discovery: { clocks } }) => {
    if (clocks === undefined) return skipped('the server does not say what time it is (no header Date)');
    const ahead = clocks.server - clocks.local;
    if (Math.abs(ahead) < noticeable) return passed("the server's clock and this machine's agree");
    const span = spanInWords(Math.abs(ahead) / 1000);
    const detail = `this machine's clock is ${span} ${ahead > 0 ? 'behind' : 'ahead of'} the server's`;
    const fix = 'Set the clock, and have it kept right by NTP: timedatectl set-ntp true, or w32tm /resync';
    const usual = settings.issuer === undefined ? usualLifetime.entra : usualLifetime.generic;
    const lifetime = (settings.lifetime ?? usual) * 1000;
    if (ahead > lifetime + tolerance)
      return failed(`${detail}, so that the assertion has expired when it arrives`, fix);
    if (-ahead > tolerance) return failed(`${detail}, so that the assertion is not valid yet when it arrives`, fix);
    return warned(detail, fix);
  },
});

/** From two minutes on in whole ones: the answer's seconds are rounded down, and it took its time. */
function spanInWords(seconds: number): string {
  return durationInWords(seconds < 90 ? seconds : Math.round(seconds / 60) * 60);
}
