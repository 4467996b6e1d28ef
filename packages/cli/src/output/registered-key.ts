import type { RegisteredKey } from '@certgrant/core';
import { printable } from './text.ts';
import { validityInWords } from './time.ts';

/** A registered key as `--json` shows it; programs rely on these names. */
export interface RegisteredKeyJson {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly type: string;
  readonly usage: string;
  readonly startDateTime: string | null;
  readonly endDateTime: string | null;
  /** SHA-1 of the certificate; `null` where Graph did not send the certificate. */
  readonly thumbprint: string | null;
}

export function registeredKeyJson(key: RegisteredKey): RegisteredKeyJson {
  const { keyId, displayName, type, usage, startDateTime, endDateTime, thumbprint } = key;
  return {
    keyId,
    displayName: displayName ?? null,
    type,
    usage,
    startDateTime: startDateTime?.toISOString() ?? null,
    endDateTime: endDateTime?.toISOString() ?? null,
    thumbprint: thumbprint ?? null,
  };
}

/** The lines that describe a registered key to a person. */
export function registeredKeyRows(key: RegisteredKey, now: number): readonly (readonly [string, string])[] {
  const { startDateTime: notBefore, endDateTime: notAfter } = key;
  const isCertificate = key.type === 'AsymmetricX509Cert' && key.usage === 'Verify';
  return [
    ['Key id', printable(key.keyId)],
    ['Thumbprint', key.thumbprint ?? 'unknown: Graph did not send the certificate'],
    ...(key.displayName === undefined ? [] : [['Name', printable(key.displayName)] as const]),
    [
      'Validity',
      notBefore === undefined || notAfter === undefined ? 'unknown' : validityInWords({ notBefore, notAfter }, now),
    ],
    ...(isCertificate ? [] : [['Type', printable(`${key.type}, ${key.usage}`)] as const]),
  ];
}
