import { fileURLToPath } from 'node:url';
import { CertgrantError } from '../../errors.ts';
import { type Bytes, utf8 } from '../../lib/text-encoding.ts';

/** A `pkcs11:` URI (RFC 7512), read. What the URI does not name is `undefined`; an empty value asks for an empty one. */
export interface Pkcs11Uri {
  readonly token?: string | undefined;
  readonly manufacturer?: string | undefined;
  readonly serial?: string | undefined;
  readonly model?: string | undefined;
  readonly slotId?: number | undefined;
  readonly slotDescription?: string | undefined;
  readonly slotManufacturer?: string | undefined;
  readonly libraryManufacturer?: string | undefined;
  readonly libraryDescription?: string | undefined;
  readonly libraryVersion?: { readonly major: number; readonly minor: number } | undefined;
  /** The label of the key or of its certificate. */
  readonly object?: string | undefined;
  /** CKA_ID of the key or of its certificate. */
  readonly id?: Bytes | undefined;
  /** Which of the two `object` and `id` speak of; without it, either. */
  readonly type?: 'cert' | 'private' | undefined;
  readonly modulePath?: string | undefined;
  /** Without prefix and extension: `softhsm2` for `libsofthsm2.so`. */
  readonly moduleName?: string | undefined;
  /** The path of a file with the PIN. */
  readonly pinSource?: string | undefined;
}

/** Whether a text is a `pkcs11:` URI rather than a path; a scheme is of either case (RFC 3986 §3.1). */
export function isPkcs11Uri(text: string): boolean {
  return /^pkcs11:/i.test(text);
}

/**
 * Reads a `pkcs11:` URI (RFC 7512).
 *
 * Characters that the RFC wants percent-encoded are also taken as they are, where that leaves no doubt. An attribute of
 * the path that certgrant does not know is refused, since it would choose another object than the one that is meant
 * (§2.5); an unknown one of the query is ignored.
 *
 * @throws {CertgrantError} `USAGE`; the message never repeats a value, which may be a PIN
 * @example
 * const { token, object, modulePath } = parsePkcs11Uri('pkcs11:token=prod;object=daemon?module-path=/usr/lib/p11.so');
 */
export function parsePkcs11Uri(text: string): Pkcs11Uri {
  if (!isPkcs11Uri(text)) throw unreadable('it does not begin with pkcs11:', 'Write pkcs11:token=…;object=…');
  const rest = text.slice('pkcs11:'.length);
  const question = rest.indexOf('?');
  const path = attributes(question < 0 ? rest : rest.slice(0, question), ';');
  const query = attributes(question < 0 ? '' : rest.slice(question + 1), '&');
  refuseUnknown(path, query);
  const inPath = (name: string): string | undefined => textOf(path, name);
  return {
    token: inPath('token'),
    manufacturer: inPath('manufacturer'),
    serial: inPath('serial'),
    model: inPath('model'),
    slotId: slotIdOf(inPath('slot-id')),
    slotDescription: inPath('slot-description'),
    slotManufacturer: inPath('slot-manufacturer'),
    libraryManufacturer: inPath('library-manufacturer'),
    libraryDescription: inPath('library-description'),
    libraryVersion: versionOf(inPath('library-version')),
    object: inPath('object'),
    id: path.get('id'),
    type: typeOf(inPath('type')),
    modulePath: textOf(query, 'module-path'),
    moduleName: textOf(query, 'module-name'),
    pinSource: pinSourceOf(textOf(query, 'pin-source')),
  };
}

const pathAttributes = new Set([
  ...['token', 'manufacturer', 'serial', 'model', 'slot-id', 'slot-description', 'slot-manufacturer'],
  ...['library-manufacturer', 'library-description', 'library-version', 'object', 'id', 'type'],
]);
const queryAttributes = new Set(['module-path', 'module-name', 'pin-source', 'pin-value']);

/** The attributes of one part by their names, percent-decoded. */
function attributes(part: string, separator: ';' | '&'): ReadonlyMap<string, Bytes> {
  const found = new Map<string, Bytes>();
  if (part === '') return found;
  for (const attribute of part.split(separator)) {
    const equals = attribute.indexOf('=');
    const name = attribute.slice(0, Math.max(equals, 0));
    // The text is not repeated: without a name it may be anything.
    if (!/^[A-Za-z0-9_-]+$/.test(name)) {
      throw unreadable(
        `a part between two ${separator} is no attribute of the form name=value`,
        'Write pkcs11:name=value;name=value?name=value&name=value, and %3B, %26, %3F for ; & ? within a value',
      );
    }
    // RFC 7512 §2.3; an attribute of a vendor may be repeated in the query, and there it is ignored.
    if (found.has(name) && (separator === ';' || queryAttributes.has(name))) {
      throw unreadable(`${name} stands there twice`, `Give ${name} once`);
    }
    found.set(name, percentDecoded(name, attribute.slice(equals + 1)));
  }
  return found;
}

function percentDecoded(name: string, value: string): Bytes {
  const octets: number[] = [];
  for (const [piece] of value.matchAll(/%[0-9A-Fa-f]{2}|%|[^%]+/g)) {
    if (piece === '%') {
      throw unreadable(`in ${name} a % is not followed by two hexadecimal digits`, 'Write %25 for a % within a value');
    }
    if (piece.startsWith('%')) octets.push(Number.parseInt(piece.slice(1), 16));
    else octets.push(...utf8(piece));
  }
  return new Uint8Array(octets);
}

function refuseUnknown(path: ReadonlyMap<string, Bytes>, query: ReadonlyMap<string, Bytes>): void {
  // Before anything else, and without a word of the rest: who writes a PIN there should not see it again in an error.
  if (query.has('pin-value') || path.has('pin-value')) {
    throw unreadable(
      'pin-value would show the PIN to every user of this machine',
      'Leave it out and give the PIN by pin-source=file:…, --password-file, --password-env or at the prompt',
    );
  }
  for (const name of path.keys()) {
    if (pathAttributes.has(name)) continue;
    if (queryAttributes.has(name)) {
      throw unreadable(`${name} stands before the question mark`, `Write it after: pkcs11:…?${name}=…`);
    }
    throw unreadable(`certgrant does not know the attribute ${name}`, `Leave ${name} out, or correct its name`);
  }
  const misplaced = [...query.keys()].find((name) => pathAttributes.has(name));
  if (misplaced !== undefined) {
    throw unreadable(`${misplaced} stands after the question mark`, `Write it before: pkcs11:${misplaced}=…?…`);
  }
  for (const [name, value] of query) {
    // Not allowed unencoded in the query, and there the most likely slip: the value would swallow what follows.
    if (queryAttributes.has(name) && value.includes(0x3b)) {
      throw unreadable(`the value of ${name} has a semicolon`, 'Separate what follows the question mark with &');
    }
  }
}

function textOf(from: ReadonlyMap<string, Bytes>, name: string): string | undefined {
  const octets = from.get(name);
  if (octets === undefined) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    throw unreadable(`the value of ${name} is not UTF-8`, 'Percent-encode the octets of its UTF-8 form');
  }
  if (text.includes('\0')) throw unreadable(`the value of ${name} has a null character`, `Correct ${name}`);
  return text;
}

function slotIdOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw unreadable('slot-id is not a decimal number', 'Write slot-id=0, or name the token: token=…');
}

function versionOf(text: string | undefined): Pkcs11Uri['libraryVersion'] {
  if (text === undefined) return undefined;
  const parts = /^(\d{1,3})(?:\.(\d{1,3}))?$/.exec(text);
  if (parts === null) throw unreadable('library-version is not of the form 2.6', 'Write library-version=2.6');
  return { major: Number(parts[1]), minor: Number(parts[2] ?? 0) };
}

function typeOf(text: string | undefined): Pkcs11Uri['type'] {
  if (text === undefined || text === 'cert' || text === 'private') return text;
  throw unreadable(
    'type is neither private nor cert',
    'Leave type out: certgrant needs a private key and its certificate and finds both from the name of either',
  );
}

/** A path, or a `file:` URI (RFC 8089); programs and other places (RFC 7512 §2.3) are not asked. */
function pinSourceOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const fix =
    'Write pin-source=file:/the/path of a file with the PIN, or give the PIN by --password-file or --password-env';
  if (text === '' || text === 'file:') throw unreadable('pin-source is empty', fix);
  if (text.startsWith('|')) throw unreadable('pin-source is a program, and certgrant runs none', fix);
  if (!/^file:/i.test(text)) {
    // A single letter is a drive of Windows.
    if (/^[a-z][a-z0-9+.-]+:/i.test(text)) throw unreadable('pin-source is a URI of another kind than file:', fix);
    return text;
  }
  try {
    const path = text.slice('file:'.length);
    return path.startsWith('/') ? fileURLToPath(text) : decodeURIComponent(path);
  } catch (cause) {
    throw new CertgrantError('USAGE', 'read pkcs11: URI: pin-source is not the URI of a file on this machine', {
      fix,
      cause,
    });
  }
}

function unreadable(problem: string, fix: string): CertgrantError {
  return new CertgrantError('USAGE', `read pkcs11: URI: ${problem}`, { fix });
}
