import { type Bytes, utf8 } from '../lib/text-encoding.ts';

/**
 * The octets that a password may have stood for when the file was written, likeliest first.
 *
 * PKCS#12 asks for UTF-16 (BMPString) with a final zero, PBKDF2 leaves the encoding open and everybody means UTF-8; but
 * not every tool did so with letters beyond ASCII. "No password" has two forms: no octets at all, or the final zero.
 */
export interface PasswordForms {
  /** For the key derivation of PKCS#12 itself (RFC 7292 Appendix B). */
  readonly pkcs12: readonly Bytes[];
  /** For PBKDF2, scrypt and PBKDF1. */
  readonly octets: readonly Bytes[];
  /** Whether a password was given at all. */
  readonly given: boolean;
}

/** Every form of `password`; without one, the two forms of no password. */
export function passwordForms(password: string | undefined): PasswordForms {
  const given = password !== undefined;
  if (password === undefined || password === '') {
    const none = [new Uint8Array(), new Uint8Array(2)];
    return { pkcs12: none, octets: none, given };
  }
  const ascii = /^[\0-\x7f]*$/.test(password);
  // A keyboard and a file may spell the same letter in one code point or in two.
  const spellings = ascii ? [password] : [password, password.normalize('NFC'), password.normalize('NFD')];
  return {
    // OpenSSL before 1.1 took the octets of UTF-8 for characters.
    pkcs12: distinct([...spellings.map(utf16), ...(ascii ? [] : [widened(utf8(password))])]),
    // node-forge writes Latin-1, NSS for a long time wrote UTF-16 here too.
    octets: distinct([
      ...spellings.map(utf8),
      ...(!ascii && /^[\0-\xff]*$/.test(password) ? [latin1(password)] : []),
      utf16(password),
    ]),
    given,
  };
}

/** UTF-16, big endian, with a final zero character. */
export function utf16(text: string): Bytes {
  return widened(Uint16Array.from({ length: text.length }, (_, index) => text.charCodeAt(index)));
}

function widened(units: Uint16Array | Uint8Array): Bytes {
  const octets = new Uint8Array(2 * units.length + 2);
  const view = new DataView(octets.buffer);
  for (const [index, unit] of units.entries()) view.setUint16(2 * index, unit);
  return octets;
}

function latin1(text: string): Bytes {
  return Uint8Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}

function distinct(forms: readonly Bytes[]): readonly Bytes[] {
  return [...new Map(forms.map((form) => [form.join(), form])).values()];
}
