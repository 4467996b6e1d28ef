import { type Bytes, fromBase64, utf8 } from '@certgrant/core';
import { type EntraError, entraError, type Outcome } from '../entra-error.ts';
import { hasSingleMembers } from '../lib/single-members.ts';

/** A client assertion taken apart, before anything in it is believed. */
export interface ParsedAssertion {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** The octets that were signed (RFC 7515 §5.1). */
  readonly signingInput: Bytes;
  readonly signature: Bytes;
}

/** No header that a client has a reason to write comes near it, even with a long chain of certificates. */
const longestHeader = 64 * 1024;

/** Header parameters that change how the JWS is read, or that bring a key along; none has a place in an assertion. */
const foreignParameters = ['crit', 'b64', 'zip', 'enc', 'jwk', 'jku', 'x5u'];

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A JWS in compact serialization (RFC 7515 §7.1) whose header and payload are JSON objects: 50027 for all else. */
export function parseAssertion(text: string): Outcome<ParsedAssertion> {
  const parts = text.split('.');
  const [encodedHeader = '', encodedClaims = '', encodedSignature = ''] = parts;
  if (parts.length !== 3) return malformed(`it has ${parts.length} parts instead of 3`);
  if (encodedHeader.length > longestHeader) return malformed('its header is too long');
  if (encodedClaims === '') return malformed('it has no payload');
  const header = jsonObject(encodedHeader);
  if (header === undefined) return malformed('its header is not a JSON object in base64url');
  const foreign = foreignParameters.find((name) => name in header);
  if (foreign !== undefined) return malformed(`its header has the parameter '${foreign}'`);
  const claims = jsonObject(encodedClaims);
  if (claims === undefined) return malformed('its payload is not a JSON object in base64url');
  if (encodedSignature === '') return malformed('it is not signed');
  const signature = base64Url(encodedSignature);
  if (signature === undefined) return malformed('its signature is not base64url');
  const signingInput = utf8(text.slice(0, encodedHeader.length + 1 + encodedClaims.length));
  return { value: { header, claims, signingInput, signature } };
}

function malformed(fault: string): { refused: EntraError } {
  return { refused: entraError(50027, `JWT token is invalid or malformed: ${fault}.`) };
}

function jsonObject(encoded: string): Record<string, unknown> | undefined {
  const bytes = base64Url(encoded);
  if (bytes === undefined) return undefined;
  try {
    const json = decoder.decode(bytes);
    const value: unknown = JSON.parse(json);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !hasSingleMembers(json))
      return undefined;
    return value as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Only the alphabet of RFC 7515 §2, without padding: the parts are signed as they are written. */
function base64Url(text: string): Bytes | undefined {
  return /[+/=]/.test(text) ? undefined : fromBase64(text);
}
