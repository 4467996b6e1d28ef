import { type CloudName, clouds } from '@certgrant/core';
import type { Io } from '../io.ts';
import { printable } from '../output/text.ts';
import { usageError } from '../usage.ts';

export const authorityOptions = {
  cloud: {
    type: 'string',
    choices: ['public', 'china', 'usgov', 'usgov-dod', 'germany', 'bleu', 'delos', 'govsg'],
    value: 'NAME',
    help: 'The cloud that the tenant is in: public (default), china, usgov, usgov-dod, germany, bleu, delos, govsg',
  },
  authority: {
    type: 'string',
    value: 'URL',
    help: 'The token authority itself, for example a local one: https://localhost:8443',
  },
} as const;

export const authorityEnvironment = {
  AZURE_AUTHORITY_HOST: 'the authority, when neither --authority nor --cloud is given',
} as const;

export interface AuthorityValues {
  readonly cloud: CloudName | undefined;
  readonly authority: string | undefined;
}

/** The base URL of the authority, without a slash at its end. */
export function authorityFrom(values: AuthorityValues, io: Io): string {
  if (values.cloud !== undefined) {
    if (values.authority !== undefined) {
      throw usageError('authority: --cloud and --authority are both given', 'Give one of them');
    }
    return clouds[values.cloud].authority;
  }
  if (values.authority !== undefined) return checkedUrl(values.authority, '--authority', io);
  const host = io.env.AZURE_AUTHORITY_HOST;
  if (host === undefined || host === '') return clouds.public.authority;
  // The Azure SDKs take the bare host here as well.
  return checkedUrl(host.includes('://') ? host : `https://${host}`, 'AZURE_AUTHORITY_HOST', io);
}

/**
 * A URL that secrets will be sent to: https, or http to this very machine, with a warning.
 *
 * @param source the option or variable that it comes from, for messages
 */
export function checkedUrl(text: string, source: string, io: Io): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw usageError(`${source}: this is not an https URL`, 'Write it like https://login.microsoftonline.com');
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(`${source}: the URL holds a user name or a password`, 'Write the URL without them');
  }
  if (url.search !== '' || url.hash !== '') {
    throw usageError(`${source}: the URL ends in a query or a fragment`, 'Write it up to its path');
  }
  if (url.protocol === 'http:') {
    if (!isLoopback(url.hostname)) {
      throw usageError(
        `${source}: http to ${url.host} would send the assertion and the token in clear`,
        'Write https://; http is for this machine (localhost, 127.0.0.1, [::1]) alone',
      );
    }
    io.warn(`${printable(url.host)} is called over http, without encryption`);
  }
  return text.replace(/\/+$/, '');
}

/** Whether a URL's host is this machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
