import { certificateProblems } from '../../../certificate/problems.ts';
import { relativeTime } from '../../../jwt/token-time.ts';
import { type Check, defineCheck, failed, passed, warned } from '../check.ts';

/** A certificate this close to its end is due for renewal, in milliseconds. */
const nearExpiry = 30 * 86_400_000;

/** Whether the certificate is valid now, and for how much longer. */
export const validity: Check = defineCheck({
  id: 'validity',
  doing: "look at the certificate's dates",
  needs: ['credential'],
  run: ({ credential: { certificate } }, { platform }) => {
    const now = platform.now();
    const problems = certificateProblems(certificate, { at: now, keyMatches: true });
    const problem = problems.find(({ code }) => code === 'expired' || code === 'not-yet-valid');
    const left = certificate.notAfter.getTime() - now;
    if (problem?.code === 'expired') {
      return failed(`${problem.message}; that was ${relativeTime(left)}`, problem.fix);
    }
    if (problem !== undefined) {
      const wait = certificate.notBefore.getTime() - now;
      return failed(`${problem.message}; that is ${relativeTime(wait)}`, problem.fix);
    }
    const until = `valid until ${certificate.notAfter.toISOString().slice(0, 10)}, ends ${relativeTime(left)}`;
    if (left > nearExpiry) return passed(until);
    return warned(until, 'Make a new certificate and upload it to the application before this one ends');
  },
});
