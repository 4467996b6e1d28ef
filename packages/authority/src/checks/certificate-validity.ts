import { type EntraError, entraError } from '../entra-error.ts';
import { keyDateForm } from '../lib/date-format.ts';
import type { AssertionContext, RegisteredCertificate } from './assertion-context.ts';
import { thumbprintFragment, whereKeysAre } from './key.ts';

/** Whether the certificate is good at that time. */
export function isWithinValidity({ start, end }: RegisteredCertificate, now: number): boolean {
  return start <= now && now < end;
}

/** A certificate that the header names is neither expired nor to become valid in future. */
export function checkCertificateValidity({ candidates, clientId, now }: AssertionContext): EntraError | undefined {
  const [first] = candidates;
  if (first === undefined || candidates.some((certificate) => isWithinValidity(certificate, now))) return undefined;
  const state = now < first.start ? 'is not valid yet' : 'is expired';
  const fragments = [
    // Entra ID gives this reason for both ends of the validity.
    'Reason - The key used is expired.',
    thumbprintFragment(first.thumbprints.sha1),
    foundKeyFragment(first),
    whereKeysAre(clientId),
  ];
  const sentence = `The certificate with which the client assertion was signed ${state}.`;
  return entraError(700027, `${sentence} [${fragments.join(', ')}]`, {
    expected: `a certificate that is valid at ${keyDateForm(now)}`,
    received: `${keyDateForm(first.start)} to ${keyDateForm(first.end)}`,
  });
}

/** The validity of a found key, as programs read it from the message. */
export function foundKeyFragment({ start, end }: RegisteredCertificate): string {
  return `Found key 'Start=${keyDateForm(start)}, End=${keyDateForm(end)}'`;
}
