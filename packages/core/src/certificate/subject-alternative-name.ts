import { CertgrantError } from '../errors.ts';
import type { DerReader, Element } from '../lib/der/reader.ts';
import { contextTag } from '../lib/der/tag.ts';
import { element, sequence } from '../lib/der/writer.ts';
import { type Bytes, toHex, utf8 } from '../lib/text-encoding.ts';
import { escapeInvisible, readAscii, readText } from './directory-string.ts';
import { printDistinguishedName } from './distinguished-name.ts';
import { parseIpAddress, printIpAddress } from './ip-address.ts';

/** The choices of GeneralName (RFC 5280 §4.2.1.6) by their identifier octets. */
const general = {
  otherName: contextTag(0, true),
  email: contextTag(1, false),
  dns: contextTag(2, false),
  directoryName: contextTag(4, true),
  uri: contextTag(6, false),
  ip: contextTag(7, false),
} as const;

/** Reads GeneralNames as `dns:…`, `uri:…`, `email:…`, `ip:…` and `other:…`; throws a `DerError`. */
export function readGeneralNames(reader: DerReader): readonly string[] {
  const names: string[] = [];
  const list = reader.sequence();
  while (!list.atEnd) names.push(readGeneralName(list, list.element()));
  return names;
}

function readGeneralName(list: DerReader, name: Element): string {
  switch (name.tag) {
    case general.dns:
      return `dns:${escapeInvisible(readAscii(name.contents))}`;
    case general.uri:
      return `uri:${escapeInvisible(readAscii(name.contents))}`;
    case general.email:
      return `email:${escapeInvisible(readAscii(name.contents))}`;
    case general.ip:
      return `ip:${printIpAddress(name.contents)}`;
    case general.directoryName:
      return `other:directoryName=${printDistinguishedName(list.inside(name))}`;
    case general.otherName: {
      // type-id and [0] EXPLICIT value: user principal names and the like.
      const other = list.inside(name);
      const type = other.oid();
      const value = other.explicit(0).element();
      const text = readText(value);
      return `other:${type}=${text === undefined ? `#${toHex(value.raw)}` : escapeInvisible(text)}`;
    }
    default:
      return `other:#${toHex(name.raw)}`;
  }
}

/**
 * Encodes names that a person wrote with their kind before them: `dns:daemon.example`, `uri:urn:contoso:daemon`,
 * `email:ops@contoso.example`, `ip:127.0.0.1`.
 *
 * @throws {CertgrantError} `USAGE`
 */
export function encodeGeneralNames(names: readonly string[]): Bytes {
  return sequence(...names.map(encodeGeneralName));
}

function encodeGeneralName(written: string): Bytes {
  const [, kind = '', value = ''] = /^([A-Za-z]+):(.+)$/s.exec(written) ?? [];
  switch (kind.toLowerCase()) {
    case 'dns':
      return element(general.dns, utf8(hostName(written, value)));
    case 'uri':
      return element(general.uri, utf8(uri(written, value)));
    case 'email':
      if (!/^[!-?A-~]+@[!-?A-~]+$/.test(value)) throw unreadable(written, 'is no e-mail address in ASCII');
      return element(general.email, utf8(value));
    case 'ip': {
      const octets = parseIpAddress(value);
      if (octets === undefined) throw unreadable(written, 'is no IP address');
      return element(general.ip, octets);
    }
    default:
      throw unreadable(written, 'does not say its kind');
  }
}

/** RFC 5280 §7.2: international names stand in their ASCII form. */
function hostName(written: string, value: string): string {
  const ascii = /^[\x21-\x7e]+$/.test(value) ? value : toAsciiHost(value);
  if (
    ascii === undefined ||
    !/^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/.test(ascii)
  ) {
    throw unreadable(written, 'is no host name');
  }
  return ascii;
}

function toAsciiHost(value: string): string | undefined {
  try {
    return new URL(`http://${value}/`).hostname;
  } catch {
    return undefined;
  }
}

function uri(written: string, value: string): string {
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(value)) throw unreadable(written, 'is no absolute URI in ASCII');
  return value;
}

function unreadable(written: string, what: string): CertgrantError {
  const shown = written.length > 60 ? `${written.slice(0, 60)}…` : written;
  return new CertgrantError('USAGE', `read subject alternative name: "${escapeInvisible(shown)}" ${what}`, {
    fix: 'Write dns:daemon.example, uri:https://daemon.example, email:ops@example.org or ip:127.0.0.1',
  });
}
