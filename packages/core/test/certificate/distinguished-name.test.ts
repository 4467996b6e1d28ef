import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeDistinguishedName, printDistinguishedName } from '../../src/certificate/distinguished-name.ts';
import { DerReader } from '../../src/lib/der/reader.ts';
import { toHex } from '../../src/lib/text-encoding.ts';

const print = (der: Uint8Array): string => printDistinguishedName(new DerReader(der));
const reprint = (text: string): string => print(encodeDistinguishedName(text));

describe('encodeDistinguishedName', () => {
  // RFC 4514 §4 and RFC 2253 §4 and §5: what is written, and its one canonical form.
  it.each([
    ['UID=jsmith,DC=example,DC=net', 'UID=jsmith,DC=example,DC=net'],
    ['OU=Sales+CN=J.  Smith,DC=example,DC=net', 'CN=J.  Smith+OU=Sales,DC=example,DC=net'],
    ['CN=James \\"Jim\\" Smith\\, III,DC=example', 'CN=James \\"Jim\\" Smith\\, III,DC=example'],
    ['CN=Before\\0dAfter,DC=example', 'CN=Before\\0DAfter,DC=example'],
    ['CN=Lu\\C4\\8Di\\C4\\87', 'CN=Lučić'],
    ['1.3.6.1.4.1.1466.0=#04024869', '1.3.6.1.4.1.1466.0=#04024869'],
    ['OID.2.5.4.3=x', 'CN=x'],
    ['CN=x , O = "Contoso, Ltd" ; C=de', 'CN=x,O=Contoso\\, Ltd,C=de'],
    ['cn=a,commonName=b,e=c@d.example,s=Hessen', 'CN=a,CN=b,emailAddress=c@d.example,ST=Hessen'],
    ['CN=\\ a \\ ', 'CN=\\ a \\ '],
    ['CN="quoted \\" and \\\\"', 'CN=quoted \\" and \\\\'],
    ['CN=a=b', 'CN=a=b'],
    ['CN=\\#1,O=a#b', 'CN=\\#1,O=a#b'],
    ['', ''],
  ])('reads %s', (text, canonical) => {
    expect(reprint(text)).toBe(canonical);
  });

  it('writes the string types of RFC 5280', () => {
    // SET, SEQUENCE and type, then the value: PrintableString, IA5String and UTF8String.
    expect(toHex(encodeDistinguishedName('C=DE'))).toBe('300D310B3009060355040613024445');
    expect(toHex(encodeDistinguishedName('emailAddress=a@b'))).toContain('1603614062');
    expect(toHex(encodeDistinguishedName('DC=a'))).toContain('160161');
    expect(toHex(encodeDistinguishedName('serialNumber=7'))).toContain('130137');
    expect(toHex(encodeDistinguishedName('CN=a'))).toContain('0C0161');
    expect(toHex(encodeDistinguishedName('1.2.3.4=a'))).toContain('0C0161');
  });

  it('orders the attributes of one part as DER asks for, so that equal names have equal bytes', () => {
    expect(encodeDistinguishedName('OU=b+CN=a')).toEqual(encodeDistinguishedName('CN=a+OU=b'));
  });

  it.each([
    ['my-daemon', '"my-daemon" has no "="'],
    ['CN=a,', '"" has no "="'],
    ['CN=a,,O=b', '",O" is no attribute that is known'],
    ['/CN=a/O=b', 'it begins with "/"'],
    ['XX=a', '"XX" is no attribute that is known'],
    ['0.40.1=a', '"0.40.1" is no attribute that is known'],
    ['=a', '"" is no attribute that is known'],
    ['CN=', 'CN has no value'],
    ['CN= ,O=a', 'CN has no value'],
    ['CN="a', 'a quotation mark is not closed'],
    ['CN="a"b', 'something follows a closed quotation mark'],
    ['CN=a\\', 'a backslash escapes nothing'],
    ['CN=a\\q', 'a backslash escapes nothing'],
    ['CN=\\FF', 'its escaped octets are not UTF-8'],
    ['CN=#zz', 'a value that begins with "#" is not the hexadecimal of one DER element'],
    ['CN=#04', 'a value that begins with "#" is not the hexadecimal of one DER element'],
    ['CN=#040161zz', 'a value that begins with "#" is not the hexadecimal of one DER element'],
    ['C=Germany', 'C is not a country code'],
    ['emailAddress=ü@b', 'emailAddress holds a character that it may not'],
    ['serialNumber=a_b', 'serialNumber holds a character that it may not'],
    [`CN=${'a'.repeat(65)}`, 'CN is longer than 64 characters (RFC 5280, appendix A)'],
  ])('refuses %s: %s', (text, what) => {
    expect(() => encodeDistinguishedName(text)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: `read distinguished name: ${what}` }),
    );
  });

  it('reads back whatever it prints', () => {
    // Any text that UTF-8 can hold; a surrogate alone it cannot.
    const value = fc.string({ unit: 'binary', minLength: 1, maxLength: 32 });
    const attribute = fc.tuple(
      fc.constantFrom('2.5.4.3', '2.5.4.10', '2.5.4.11', '2.5.4.7', '1.2.840.113556.9'),
      value,
    );
    const name = fc.array(fc.array(attribute, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
    const escaped = (text: string): string =>
      Array.from(new TextEncoder().encode(text), (octet) => `\\${octet.toString(16).padStart(2, '0')}`).join('');
    fc.assert(
      fc.property(name, (parts) => {
        const text = parts.map((part) => part.map(([type, value]) => `${type}=${escaped(value)}`).join('+')).join(',');
        const der = encodeDistinguishedName(text);
        expect(encodeDistinguishedName(print(der))).toEqual(der);
        // What is printed has nothing in it that a terminal acts on.
        expect(print(der)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });

  it('ends every text in a name or in USAGE', () => {
    const text = fc.array(fc.constantFrom(...'CN=,+;"\\# 0aFü/.12oid'), { maxLength: 20 }).map((all) => all.join(''));
    fc.assert(
      fc.property(text, (written) => {
        try {
          const der = encodeDistinguishedName(written);
          expect(encodeDistinguishedName(print(der))).toEqual(der);
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'USAGE' });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
