import { fromBase64 } from '@certgrant/core';

/** The header parameters that hold a thumbprint, and the length of the hash in bytes. */
const kinds = [
  { name: 'x5t#S256', hash: 'SHA-256', length: 32 },
  { name: 'x5t', hash: 'SHA-1', length: 20 },
] as const;

/**
 * The usual ways to get a thumbprint wrong, recognised by length and alphabet and said in words, such as "x5t encodes
 * the hexadecimal text of a SHA-1 thumbprint, not its bytes"; `undefined` where nothing is wrong with the form.
 */
export function misreadThumbprint(header: Readonly<Record<string, unknown>>): string | undefined {
  for (const { name, hash, length } of kinds) {
    const value = header[name];
    if (value === undefined) continue;
    if (typeof value !== 'string') return `${name} is not a text`;
    // Hexadecimal digits and colons, as portals and openssl print a thumbprint.
    if (value.replaceAll(':', '').length === 2 * length && /^[0-9a-f:]+$/i.test(value)) {
      return `${name} is a ${hash} thumbprint in hexadecimal, not the base64url of its bytes`;
    }
    const bytes = fromBase64(value);
    if (bytes === undefined) return `${name} is not base64url`;
    if (bytes.length === length) continue;
    if (bytes.length === 2 * length)
      return `${name} encodes the hexadecimal text of a ${hash} thumbprint, not its bytes`;
    const other = kinds.find((kind) => kind.length === bytes.length);
    const recognised = other === undefined ? '' : `: a ${other.hash} thumbprint, which belongs under ${other.name}`;
    return `${name} has ${bytes.length} bytes instead of ${length}${recognised}`;
  }
  return undefined;
}
