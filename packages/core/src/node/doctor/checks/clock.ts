import { type Check, defineCheck, failed, passed } from '../check.ts';

/** No certgrant is older than this. */
const earliest = Date.UTC(2026, 0, 1);
/** Further ahead than any certificate in use. */
const latest = Date.UTC(2100, 0, 1);

/** Whether this machine's clock can be right at all; how right it is, the server's answer tells. */
export const clock: Check = defineCheck({
  id: 'clock',
  doing: 'look at the clock',
  run: (_, { platform }) => {
    const now = platform.now();
    const shown = new Date(now).toISOString().slice(0, 19).replace('T', ' ');
    if (now >= earliest && now < latest) return passed(`it is ${shown} UTC on this machine`);
    return failed(
      `this machine's clock says ${shown} UTC, which cannot be: assertions and certificates are judged by the time`,
      'Set the clock, and have it kept right by NTP: timedatectl set-ntp true, or w32tm /resync',
    );
  },
});
