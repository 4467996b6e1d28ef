import type { ParsedAssertion } from '../checks/parse-assertion.ts';
import { numericDate } from '../checks/times.ts';
import { type JudgedCheck, passed, skipped, warned } from './verdict.ts';

/** The most that Entra ID's documentation advises from `nbf` to `exp`, in seconds; it sets no limit of its own. */
const advised = 600;

/** For how long the assertion is good; Entra ID refuses none for that. */
export function judgeLifetime({ iat, nbf, exp }: ParsedAssertion['claims']): JudgedCheck {
  const [from, until] = [numericDate(nbf ?? iat), numericDate(exp)];
  if (from === undefined || until === undefined) {
    return skipped('lifetime', 'It does not say from when until when it is good');
  }
  const seconds = Math.round(until - from);
  if (seconds <= advised) return passed('lifetime', `It is good for ${seconds} seconds`);
  return warned(
    'lifetime',
    `It is good for ${seconds} seconds: Entra ID takes that and advises ${advised} at most, and other servers refuse it`,
  );
}
