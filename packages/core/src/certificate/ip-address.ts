import { DerError } from '../lib/der/der-error.ts';

/** The text of an iPAddress (RFC 5280 §4.2.1.6): dotted decimal, or IPv6 in the form of RFC 5952. */
export function printIpAddress(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  if (octets.length !== 16) throw new DerError('an IP address is neither 4 nor 16 octets long');
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((((octets[i] ?? 0) << 8) | (octets[i + 1] ?? 0)).toString(16));
  return canonical(groups.join(':')) ?? groups.join(':');
}

/** The octets of an IPv4 or IPv6 address, or `undefined` when the text is none. */
export function parseIpAddress(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const octets = text.split('.').map(Number);
    return octets.every((octet) => octet <= 255) ? new Uint8Array(octets) : undefined;
  }
  const address = canonical(text);
  if (address === undefined) return undefined;
  const [before = '', after] = address.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const groups = [...head, ...new Array<string>(8 - head.length - tail.length).fill('0'), ...tail];
  return new Uint8Array(
    groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
  );
}

/** The URL standard's parser knows every form of an IPv6 address and writes it as RFC 5952 says. */
function canonical(text: string): string | undefined {
  if (!/^[0-9A-Fa-f:.]+$/.test(text) || !text.includes(':')) return undefined;
  try {
    return new URL(`http://[${text}]/`).hostname.slice(1, -1);
  } catch {
    return undefined;
  }
}
