import type { Platform } from '@certgrant/core';
import { createFetch } from '@certgrant/core/node';
import { readSource } from '../input.ts';
import type { Io } from '../io.ts';
import { secondsFrom } from './assertion.ts';

export const networkOptions = {
  ca: {
    type: 'string',
    value: 'FILE',
    multiple: true,
    help: "Trust the CA in this PEM file as well as the system's",
  },
  timeout: { type: 'string', value: 'TIME', help: 'Give up after this time, in seconds or like 1m (default: 30s)' },
} as const;

export const networkEnvironment = {
  HTTPS_PROXY: 'the proxy to go through; NO_PROXY lists the hosts to reach without it',
  NODE_EXTRA_CA_CERTS: 'a PEM file with further CAs to trust',
} as const;

export interface NetworkValues {
  readonly ca: readonly string[];
  readonly timeout: string | undefined;
}

/** The platform with a network that trusts the CAs of `--ca`. It costs nothing until the first request. */
export async function networkFrom(values: NetworkValues, io: Io): Promise<Partial<Platform>> {
  const ca = await Promise.all(values.ca.map((file) => readSource(file, '--ca', io)));
  const replaced = ca.length === 0 ? io.platform?.fetch : undefined;
  return { ...io.platform, fetch: replaced ?? createFetch({ ca, env: io.env }) };
}

/** How long to try at most, in milliseconds; `undefined` for the usual time. */
export function deadlineFrom({ timeout }: NetworkValues): number | undefined {
  return timeout === undefined ? undefined : secondsFrom(timeout, '--timeout', 3600) * 1000;
}
