import { CertgrantError } from '../errors.ts';
import { type Bytes, fromBase64 } from '../lib/text-encoding.ts';

/** One `-----BEGIN …-----` block. */
export interface PemBlock {
  readonly label: string;
  readonly der: Bytes;
  /** Cipher and initialization vector of the old way of encrypting PEM (RFC 1421 §4.6.1.3). */
  readonly encryption: { readonly cipher: string; readonly iv: string } | undefined;
  /** From the lines before it, as OpenSSL writes them when it takes a PKCS#12 file apart. */
  readonly friendlyName: string | undefined;
}

const begin = /-----BEGIN ([A-Z0-9][A-Z0-9 #.+/-]*?)-----/g;

/**
 * Finds the PEM blocks of a text (RFC 7468) as they survive editors, consoles, environment variables and JSON: any line
 * ends or none, escaped ones, indentation, text before, between and after.
 *
 * @throws {CertgrantError} `FORMAT_MALFORMED` for a block that is not closed or is not base64
 */
export function readPem(text: string): readonly PemBlock[] {
  const source = unescaped(text);
  const blocks: PemBlock[] = [];
  let position = 0;
  for (const match of source.matchAll(begin)) {
    if (match.index < position) continue;
    const [line, label = ''] = match;
    const from = match.index + line.length;
    const endLine = `-----END ${label}-----`;
    const to = source.indexOf(endLine, from);
    if (to < 0) throw damaged(`the block "${label}" has no line "${endLine}"`);
    blocks.push(readBlock(label, source.slice(from, to), source.slice(position, match.index)));
    position = to + endLine.length;
  }
  return blocks;
}

/** Line ends and characters as JSON and shells escape them. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text
    .replaceAll(/(?:\\r)?\\n|\\r/g, '\n')
    .replaceAll(/\\u002b/gi, '+')
    .replaceAll('\\/', '/');
}

/** `Name: value` lines; in a text without line ends, the two that matter. */
const headers = /^[ \t]*[A-Za-z][A-Za-z0-9-]*:[^\n\r]*$/gm;
const encryptionHeaders = /Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Za-z0-9-]+),\s*([0-9A-Fa-f]+)/;

function readBlock(label: string, inside: string, before: string): PemBlock {
  // Most blocks have no headers; a colon is part of each, and of no base64.
  const hasHeaders = inside.includes(':');
  const encryption = hasHeaders ? encryptionHeaders.exec(inside) : null;
  const base64 = hasHeaders ? inside.replace(encryptionHeaders, '').replaceAll(headers, '') : inside;
  const body = base64.replaceAll(/[\s\u200b]+/g, '');
  const der = body === '' ? undefined : fromBase64(body);
  if (der === undefined) throw damaged(`the block "${label}" is not base64`);
  const [, cipher = '', iv = ''] = encryption ?? [];
  return {
    label,
    der,
    encryption: encryption === null ? undefined : { cipher: cipher.toUpperCase(), iv },
    friendlyName: before.includes('friendlyName:') ? friendlyNameOf(before) : undefined,
  };
}

function friendlyNameOf(lines: string): string | undefined {
  return /^[ \t]*friendlyName:(.*)$/m.exec(lines)?.[1]?.trim() || undefined;
}

function damaged(what: string): CertgrantError {
  return new CertgrantError('FORMAT_MALFORMED', `read PEM: ${what}`, {
    fix: 'Copy the whole file again, with its BEGIN and END lines',
  });
}
