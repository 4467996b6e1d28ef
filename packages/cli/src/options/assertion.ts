import type { Io } from '../io.ts';
import { usageError } from '../usage.ts';

export const assertionOptions = {
  alg: {
    type: 'string',
    choices: ['PS256', 'RS256', 'ES256', 'ES384'],
    help: 'The signature algorithm: PS256 (default for RSA), RS256; ES256 or ES384 for EC keys, which Entra ID refuses',
  },
  profile: {
    type: 'string',
    choices: ['entra', 'adfs', 'generic'],
    help: 'How the header names the key: entra (default; x5t#S256, or x5t with RS256), adfs (RS256 and x5t), generic (kid and x5t#S256)',
  },
  kid: { type: 'string', value: 'ID', help: 'The kid of the header, as the server registered the key' },
  x5c: { type: 'boolean', help: 'Send the certificate chain in the header, leaf first' },
  audience: {
    type: 'string',
    value: 'AUDIENCE',
    help: 'Who the assertion is for: token-endpoint (default), issuer, or a URL',
  },
  lifetime: {
    type: 'string',
    value: 'TIME',
    help: 'How long the assertion is good for, in seconds or like 10m (default: 10m)',
  },
} as const;

export const assertionEnvironment = {
  AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: 'true or 1: as --x5c',
} as const;

/** In seconds. */
export const defaultLifetime = 600;

export interface AssertionValues {
  readonly alg: 'PS256' | 'RS256' | 'ES256' | 'ES384' | undefined;
  readonly profile: 'entra' | 'adfs' | 'generic' | undefined;
  readonly kid: string | undefined;
  readonly x5c: boolean;
  readonly audience: string | undefined;
  readonly lifetime: string | undefined;
}

export interface AssertionSettings {
  readonly alg: AssertionValues['alg'];
  readonly profile: AssertionValues['profile'];
  readonly keyId: string | undefined;
  readonly sendChain: boolean;
  /** In seconds. */
  readonly lifetime: number | undefined;
}

export function assertionSettings(values: AssertionValues, io: Io): AssertionSettings {
  return {
    alg: values.alg,
    profile: values.profile,
    keyId: values.kid,
    sendChain: values.x5c || /^(true|1)$/i.test(io.env.AZURE_CLIENT_SEND_CERTIFICATE_CHAIN ?? ''),
    lifetime: values.lifetime === undefined ? undefined : secondsFrom(values.lifetime, '--lifetime', 86_400),
  };
}

/** What `--audience` means: one of the two usual ones, or a text that is taken as it is. */
export function audienceFrom(values: { readonly audience: string | undefined }): AudienceChoice {
  const { audience = 'token-endpoint' } = values;
  if (audience === 'token-endpoint' || audience === 'issuer') return audience;
  if (/^[a-z][a-z0-9+.-]*:\S+$/i.test(audience)) return { exactly: audience };
  throw usageError('--audience: this is not a URL', 'Write token-endpoint, issuer or a URL');
}

export type AudienceChoice = 'token-endpoint' | 'issuer' | { readonly exactly: string };

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** A time span as people write it: `600`, `600s`, `10m`, `1h`. */
export function secondsFrom(text: string, option: string, most: number): number {
  const [, digits, unit = 's'] = /^(\d{1,9})([smhd])?$/.exec(text) ?? [];
  const seconds = Number(digits) * (unitSeconds[unit] ?? 1);
  if (digits !== undefined && seconds > 0 && seconds <= most) return seconds;
  throw usageError(
    `${option}: this is not a time between 1 second and ${inWords(most)}`,
    'Write seconds (600) or a number with s, m or h (10m)',
  );
}

function inWords(seconds: number): string {
  if (seconds < 3600) return `${seconds / 60} minutes`;
  return seconds === 3600 ? '1 hour' : `${seconds / 3600} hours`;
}
