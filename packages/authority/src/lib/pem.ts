import { toBase64 } from '@certgrant/core';

/** PEM (RFC 7468 §3): base64 in lines of 64 characters between two labels. */
export function toPem(label: string, der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
