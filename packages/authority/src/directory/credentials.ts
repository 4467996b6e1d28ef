import type { CredentialHolder, Credentials, CredentialsBefore } from './entities.ts';

/**
 * An application or service principal after a change. Where its keys or passwords are other ones, what they were before
 * stays with it for as long as the token endpoint goes by it.
 *
 * @param delay how long a change takes to reach the token endpoint, in milliseconds
 */
export function withEarlierCredentials<T extends CredentialHolder>(before: T, after: T, now: number, delay: number): T {
  const { keyCredentials, passwordCredentials, credentialsBefore = [] } = before;
  const recent = credentialsBefore.filter(({ until }) => Date.parse(until) + delay > now);
  const isChanged = after.keyCredentials !== keyCredentials || after.passwordCredentials !== passwordCredentials;
  const until = new Date(now).toISOString();
  const kept = isChanged && delay > 0 ? [...recent, { until, keyCredentials, passwordCredentials }] : recent;
  const { credentialsBefore: _before, ...rest } = after;
  // The optional member is all that was taken away.
  return (kept.length === 0 ? rest : { ...rest, credentialsBefore: kept }) as T;
}

/** The keys and passwords by which the token endpoint goes at a time, in milliseconds since the epoch. */
export function credentialsAt(holder: CredentialHolder, time: number, delay: number): Credentials {
  return holder.credentialsBefore?.find((before) => time < endOf(before, delay)) ?? holder;
}

/** The times still to come at which the token endpoint begins to go by other keys or passwords, earliest first. */
export function comingChanges(holders: readonly CredentialHolder[], now: number, delay: number): readonly number[] {
  const ends = holders.flatMap(({ credentialsBefore = [] }) => credentialsBefore.map((before) => endOf(before, delay)));
  return [...new Set(ends)].filter((end) => end > now).sort((a, b) => a - b);
}

function endOf({ until }: CredentialsBefore, delay: number): number {
  return Date.parse(until) + delay;
}
