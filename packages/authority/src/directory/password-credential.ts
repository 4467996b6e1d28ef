import { createHash, timingSafeEqual } from 'node:crypto';
import { fromBase64, type Platform, randomUuid, toBase64Url } from '@certgrant/core';
import type { PasswordCredential } from './entities.ts';

/** What may be chosen about a client secret. */
export interface PasswordCredentialDetails {
  /** By default a random one of 40 characters. */
  readonly secretText?: string | undefined;
  readonly displayName?: string | null | undefined;
  /** ISO 8601; by default from now for two years, as Microsoft Graph has it. */
  readonly startDateTime?: string | undefined;
  readonly endDateTime?: string | undefined;
}

/** A new client secret: what is kept of it, and the secret itself, which nobody can read afterwards. */
export interface NewPasswordCredential {
  readonly credential: PasswordCredential;
  readonly secretText: string;
}

/** How long a secret is good unless something else is said, in years. */
const usualYears = 2;

const saltLength = 16;

/**
 * Makes a client secret; of the secret only a salted hash is kept.
 *
 * One round of SHA-256 is enough for a random secret, which holds 222 bits: nobody guesses that, however fast the hash.
 *
 * @throws {RangeError} for a time that is none, and for an empty secret
 */
export function newPasswordCredential(details: PasswordCredentialDetails, platform: Platform): NewPasswordCredential {
  const { secretText = randomSecret(platform), displayName = null } = details;
  if (secretText === '') throw new RangeError('make client secret: it is empty');
  const start = timeOf(details.startDateTime ?? platform.now());
  const end = timeOf(details.endDateTime ?? start.getTime());
  if (details.endDateTime === undefined) end.setUTCFullYear(end.getUTCFullYear() + usualYears);
  const salt = platform.randomBytes(saltLength);
  const credential = {
    keyId: randomUuid(platform),
    displayName,
    hint: secretText.slice(0, 3),
    startDateTime: start.toISOString(),
    endDateTime: end.toISOString(),
    secretHash: `${toBase64Url(salt)}.${saltedHash(salt, secretText).toString('base64url')}`,
  };
  return { credential, secretText };
}

/** Whether this is the secret of the credential; takes as long for a secret that is nearly right as for any other. */
export function isSecretOf({ secretHash }: PasswordCredential, secretText: string): boolean {
  const [salt = '', hash = ''] = secretHash.split('.');
  const [expected, actual] = [bytes(hash), saltedHash(bytes(salt), secretText)];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function timeOf(value: string | number): Date {
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) throw new RangeError('make client secret: a time is not an ISO 8601 date');
  return time;
}

/** 40 characters in the form that Entra ID gives its secrets, by which scanners for leaked secrets know them. */
function randomSecret(platform: Platform): string {
  const random = toBase64Url(platform.randomBytes(28)).replaceAll('-', '.');
  return `${random.slice(0, 3)}8Q~${random.slice(3, 37)}`;
}

function saltedHash(salt: Uint8Array, secretText: string): Buffer {
  return createHash('sha256').update(salt).update(secretText, 'utf8').digest();
}

function bytes(base64Url: string): Uint8Array {
  return fromBase64(base64Url) ?? new Uint8Array();
}
