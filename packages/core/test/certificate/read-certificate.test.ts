import { type CertgrantError, type Certificate, readCertificate, readPublicKey } from '@certgrant/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { element, integer, oid, sequence } from '../../src/lib/der/writer.ts';
import { OpenSsl, printedName } from './openssl.ts';

const openssl = new OpenSsl();
afterAll(() => openssl.remove());
beforeAll(() => {
  openssl.run('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'key.pem');
});

/** A self-signed certificate that OpenSSL makes with these arguments of `openssl req -x509`. */
function made(...args: readonly string[]): Certificate {
  openssl.run('req', '-x509', '-key', 'key.pem', '-outform', 'DER', '-out', 'made.der', ...args);
  return readCertificate(openssl.read('made.der'));
}

function printed(...args: readonly string[]): string {
  return openssl.run('x509', '-inform', 'DER', '-in', 'made.der', '-noout', ...args).replace(/\n$/, '');
}

describe('readCertificate', () => {
  it.each([
    ['a comma, a plus sign and quotation marks', '/CN=Contoso, Ltd/O=a + b/OU="quoted"; <x>'],
    ['spaces at both ends and a number sign first', '/CN= padded /O=#1'],
    ['letters of other scripts', '/CN=Grüße 日本 😀/O=Ελλάδα'],
    ['two attributes in one part', '/CN=a+OU=b/O=c'],
    ['domain components and an e-mail address', '/DC=example/DC=contoso/CN=x/emailAddress=a@contoso.example'],
    ['one attribute twice', '/OU=one/OU=two/CN=x'],
    ['a country, a state, a place', '/C=DE/ST=Hessen/L=Kassel/CN=x'],
    ['a backslash', '/CN=a\\\\b'],
  ])('prints a name with %s as openssl does', (_, subject) => {
    const certificate = made('-subj', subject, '-utf8', '-multivalue-rdn');
    expect(`subject=${certificate.subject}`).toBe(printed('-subject', ...printedName));
    expect(certificate.issuer).toBe(certificate.subject);
  });

  it('prints an attribute that has no name by its identifier and its DER', () => {
    openssl.write(
      'oid.cnf',
      'oid_section=oids\n[oids]\nours=1.3.6.1.4.1.99999.1\n[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=x\nours=value\n',
    );
    const certificate = made('-config', 'oid.cnf');
    expect(certificate.subject).toBe('1.3.6.1.4.1.99999.1=#0C0576616C7565,CN=x');
  });

  it.each(['nombstr', 'pkix', 'utf8only', 'default'])('reads the string types that the mask %s writes', (mask) => {
    openssl.write(
      'mask.cnf',
      `[req]\ndistinguished_name=dn\nprompt=no\nutf8=yes\nstring_mask=${mask}\n[dn]\nCN=Grüße\nO=plain\n`,
    );
    expect(made('-config', 'mask.cnf', '-utf8').subject).toBe('O=plain,CN=Grüße');
  });

  it('reads BMPString and UniversalString', () => {
    // OpenSSL writes a BMPString where T61String and UTF8String are masked out.
    openssl.write(
      'bmp.cnf',
      '[req]\ndistinguished_name=dn\nprompt=no\nutf8=yes\nstring_mask=MASK:2048\n[dn]\nCN=日本\n',
    );
    expect(made('-config', 'bmp.cnf', '-utf8').subject).toBe('CN=日本');
    openssl.write(
      'universal.cnf',
      '[req]\ndistinguished_name=dn\nprompt=no\nutf8=yes\nstring_mask=MASK:256\n[dn]\nCN=日😀\n',
    );
    expect(made('-config', 'universal.cnf', '-utf8').subject).toBe('CN=日😀');
  });

  it.each([
    ['0x00', '00'],
    ['0x0a', '0A'],
    ['0x7f', '7F'],
    ['0x80', '80'],
    [`0x${'ab'.repeat(20)}`, 'AB'.repeat(20)],
    [`0x${'ab'.repeat(40)}`, 'AB'.repeat(40)],
    ['-0x01', '-01'],
    ['-0x80', '-80'],
    ['-0x0123', '-0123'],
  ])('reads the serial number %s', (serial, expected) => {
    expect(made('-subj', '/CN=x', '-set_serial', serial).serialNumber).toBe(expected);
    // Long lines are folded with a backslash.
    expect(printed('-serial').replaceAll('\\\n', '')).toBe(`serial=${expected}`);
  });

  it('reads times in both forms', () => {
    openssl.write(
      'ca.cnf',
      '[ca]\ndefault_ca=c\n[c]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nunique_subject=no\n[p]\ncommonName=supplied\n',
    );
    openssl.run('req', '-new', '-key', 'key.pem', '-subj', '/CN=x', '-out', 'x.csr');
    for (const [from, to] of [
      ['19500101000000Z', '20491231235959Z'],
      ['20000229120000Z', '20500101000000Z'],
      ['20240101000000Z', '99991231235959Z'],
    ] as const) {
      openssl.write('index', '');
      openssl.write('serial', '01\n');
      openssl.run(
        ...['ca', '-config', 'ca.cnf', '-selfsign', '-keyfile', 'key.pem', '-in', 'x.csr', '-batch', '-notext'],
        ...['-startdate', from, '-enddate', to, '-out', 'x.crt'],
      );
      openssl.run('x509', '-in', 'x.crt', '-outform', 'DER', '-out', 'made.der');
      const { notBefore, notAfter } = readCertificate(openssl.read('made.der'));
      const compact = (time: Date): string => time.toISOString().replaceAll(/[-:T]|\.000/g, '');
      expect([compact(notBefore), compact(notAfter)]).toEqual([from, to]);
    }
  });

  it('reads a certificate of version 1, without extensions', () => {
    openssl.run('req', '-new', '-key', 'key.pem', '-subj', '/CN=old', '-out', 'old.csr');
    openssl.run('x509', '-req', '-in', 'old.csr', '-key', 'key.pem', '-outform', 'DER', '-out', 'made.der');
    expect(printed('-text')).toContain('Version: 1 (0x0)');
    expect(readCertificate(openssl.read('made.der'))).toMatchObject({
      subject: 'CN=old',
      subjectAlternativeNames: [],
      keyUsage: undefined,
      extendedKeyUsage: undefined,
      isCertificateAuthority: false,
      subjectKeyIdentifier: undefined,
      authorityKeyIdentifier: undefined,
    });
  });

  it('reads extensions, and passes over those that it does not know', () => {
    const certificate = made(
      ...['-subj', '/CN=x', '-addext', 'keyUsage=critical,digitalSignature,keyAgreement,decipherOnly'],
      ...['-addext', 'extendedKeyUsage=clientAuth,1.3.6.1.4.1.311.20.2.2'],
      ...['-addext', '1.3.6.1.4.1.99999.7=critical,DER:deadbeef'],
      ...['-addext', 'nsComment=hello', '-addext', 'certificatePolicies=1.2.3.4'],
    );
    expect(certificate.keyUsage).toEqual(['digitalSignature', 'keyAgreement', 'decipherOnly']);
    expect(certificate.extendedKeyUsage).toEqual(['clientAuth', '1.3.6.1.4.1.311.20.2.2']);
    expect(certificate.isCertificateAuthority).toBe(true);
    expect(certificate.subjectKeyIdentifier).toBe(
      printed('-ext', 'subjectKeyIdentifier')
        .replace(/^.*\n\s*/, '')
        .replaceAll(':', ''),
    );
    expect(certificate.authorityKeyIdentifier).toBe(certificate.subjectKeyIdentifier);
  });

  it('reads alternative names of every kind', () => {
    openssl.write(
      'san.cnf',
      '[req]\ndistinguished_name=dn\nprompt=no\nx509_extensions=v3\n[dn]\nCN=x\n[v3]\nsubjectAltName=@san\n[san]\nDNS=a.example\nURI=https://b.example/?x=1\nemail=c@d.example\nIP.1=192.0.2.7\nIP.2=2001:db8::7\nRID=1.2.3.4\notherName=1.3.6.1.4.1.311.20.2.3;UTF8:user@contoso.example\ndirName=dir\n[dir]\nCN=inner\nO=Contoso\n',
    );
    expect(made('-config', 'san.cnf').subjectAlternativeNames).toEqual([
      'dns:a.example',
      'uri:https://b.example/?x=1',
      'email:c@d.example',
      'ip:192.0.2.7',
      'ip:2001:db8::7',
      'other:#88032A0304',
      'other:1.3.6.1.4.1.311.20.2.3=user@contoso.example',
      'other:directoryName=O=Contoso,CN=inner',
    ]);
  });

  it('shows control characters of a foreign certificate as codes', () => {
    openssl.write('odd.cnf', '[req]\ndistinguished_name=dn\nprompt=no\nutf8=yes\n[dn]\nCN=a\u001b[31mred\u202e\n');
    const { subject } = made('-config', 'odd.cnf', '-utf8', '-addext', 'subjectAltName=DNS:a\u001b[2J');
    expect(subject).toBe('CN=a\\1B[31mred\\E2\\80\\AE');
    expect(readCertificate(openssl.read('made.der')).subjectAlternativeNames).toEqual(['dns:a\\1B[2J']);
  });

  it('keeps bytes of its own', () => {
    const original = made('-subj', '/CN=x');
    const bytes = new Uint8Array(original.der);
    const certificate = readCertificate(bytes);
    bytes.fill(0);
    expect(certificate.der).toEqual(original.der);
  });

  it('answers any damage with FORMAT_MALFORMED and nothing else', () => {
    const { der } = made(
      '-subj',
      '/CN=x/O=y',
      '-addext',
      'subjectAltName=DNS:a,IP:::1,URI:urn:x',
      '-addext',
      'keyUsage=digitalSignature',
      '-addext',
      'extendedKeyUsage=clientAuth',
    );
    const codeOf = (bytes: Uint8Array): string => {
      try {
        readCertificate(bytes);
        return 'none';
      } catch (thrown) {
        expect(thrown).toMatchObject({
          name: 'CertgrantError',
          message: expect.stringMatching(/^read certificate: .*[^.]$/),
        });
        return (thrown as CertgrantError).code;
      }
    };
    for (let length = 0; length < der.length; length++) expect(codeOf(der.slice(0, length))).toBe('FORMAT_MALFORMED');
    expect(codeOf(new Uint8Array([...der, 0]))).toBe('FORMAT_MALFORMED');
    for (let at = 0; at < der.length; at++) {
      for (const value of [0x00, 0x7f, 0x80, 0xff, (der[at] ?? 0) ^ 1, (der[at] ?? 0) ^ 0x20]) {
        const damaged = new Uint8Array(der);
        damaged[at] = value;
        expect(['none', 'FORMAT_MALFORMED']).toContain(codeOf(damaged));
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => codeOf(bytes) === 'FORMAT_MALFORMED'));
  });
});

describe('readCertificate refuses', () => {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const name = sequence();
  const bits = element(0x03, new Uint8Array([0, 1]));
  const key = sequence(sequence(oid('1.2.3')), bits);
  const time = (tag: number, text: string): Uint8Array => element(tag, new TextEncoder().encode(text));
  const from = time(0x17, '240101000000Z');
  const certificate = (validity: Uint8Array, version = 2, ...extensions: readonly Uint8Array[]): Uint8Array => {
    const versionField = element(0xa0, integer(version));
    const tbs = sequence(versionField, integer(1), algorithm, name, validity, name, key, ...extensions);
    return sequence(tbs, algorithm, bits);
  };

  it.each([
    ['a day that the month does not have', time(0x17, '230229000000Z')],
    ['a 25th hour', time(0x17, '240101250000Z')],
    ['a time without a zone', time(0x17, '240101000000')],
    ['four digits of the year in UTCTime', time(0x17, '20240101000000Z')],
    ['letters', time(0x18, '2024010100000aZ')],
    ['another type', time(0x13, '240101000000Z')],
  ])('%s', (_, notAfter) => {
    expect(() => readCertificate(certificate(sequence(from, notAfter)))).toThrow(/^read certificate: a time/);
  });

  it('a version that does not exist, an extension that occurs twice and data after the extensions', () => {
    const extension = sequence(oid('1.2.3'), element(0x04, new Uint8Array(1)));
    const validity = sequence(from, from);
    const list = (...extensions: readonly Uint8Array[]): Uint8Array => element(0xa3, sequence(...extensions));
    expect(readCertificate(certificate(validity, 2, list(extension))).publicKey).toMatchObject({
      type: '1.2.3',
      bits: 0,
    });
    const twoLists = element(0xa3, sequence(extension), sequence(extension));
    expect(() => readCertificate(certificate(validity, 2, twoLists))).toThrow('unexpected data');
    expect(() => readCertificate(certificate(validity, 3))).toThrow('a version of X.509 that does not exist');
    expect(() => readCertificate(certificate(validity, 2, list(extension, extension)))).toThrow(
      'an extension occurs twice',
    );
    expect(() => readCertificate(certificate(validity, 2, list(extension), list(extension)))).toThrow(
      'unexpected data',
    );
  });

  it('nothing of what old certificates may write: no seconds, an offset, a fraction of a second', () => {
    const validity = sequence(time(0x17, '9901010000+0130'), time(0x18, '20240101000000.5Z'));
    const { notBefore, notAfter } = readCertificate(certificate(validity));
    expect(notBefore.toISOString()).toBe('1998-12-31T22:30:00.000Z');
    expect(notAfter.toISOString()).toBe('2024-01-01T00:00:00.000Z');
  });
});

describe('readPublicKey', () => {
  it.each([
    [['genrsa', '-out', 'k.pem', '1024'], { type: 'RSA', bits: 1024 }],
    [['genrsa', '-out', 'k.pem', '2047'], { type: 'RSA', bits: 2047 }],
    [
      ['genpkey', '-algorithm', 'RSA-PSS', '-out', 'k.pem', '-pkeyopt', 'rsa_keygen_bits:1024'],
      { type: 'RSA-PSS', bits: 1024 },
    ],
    [['genpkey', '-algorithm', 'ED25519', '-out', 'k.pem'], { type: 'Ed25519', bits: 255 }],
    [['genpkey', '-algorithm', 'ED448', '-out', 'k.pem'], { type: 'Ed448', bits: 448 }],
    [['genpkey', '-algorithm', 'X25519', '-out', 'k.pem'], { type: 'X25519', bits: 255 }],
    [
      ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'k.pem'],
      { type: 'EC', bits: 256, curve: 'P-256' },
    ],
    [
      ['ecparam', '-name', 'secp384r1', '-genkey', '-noout', '-out', 'k.pem'],
      { type: 'EC', bits: 384, curve: 'P-384' },
    ],
    [
      ['ecparam', '-name', 'secp521r1', '-genkey', '-noout', '-out', 'k.pem'],
      { type: 'EC', bits: 521, curve: 'P-521' },
    ],
    [
      ['ecparam', '-name', 'secp256k1', '-genkey', '-noout', '-out', 'k.pem'],
      { type: 'EC', bits: 256, curve: 'secp256k1' },
    ],
    [
      ['ecparam', '-name', 'brainpoolP256r1', '-genkey', '-noout', '-out', 'k.pem'],
      { type: 'EC', bits: 256, curve: '1.3.36.3.3.2.8.1.1.7' },
    ],
    [
      ['ecparam', '-name', 'prime256v1', '-param_enc', 'explicit', '-genkey', '-noout', '-out', 'k.pem'],
      { type: 'EC', bits: 256 },
    ],
    [
      ['ecparam', '-name', 'prime256v1', '-conv_form', 'compressed', '-genkey', '-noout', '-out', 'k.pem'],
      { type: 'EC', bits: 256, curve: 'P-256' },
    ],
  ])('reads what openssl %j makes', (args, expected) => {
    openssl.run(...args);
    openssl.run('pkey', '-in', 'k.pem', '-pubout', '-outform', 'DER', '-out', 'k.der');
    const spki = new Uint8Array(openssl.read('k.der'));
    expect(readPublicKey(spki)).toEqual({ ...expected, spki });
  });

  it('answers damage with FORMAT_MALFORMED', () => {
    const spki = new Uint8Array(openssl.read('k.der'));
    expect(() => readPublicKey(spki.slice(0, -1))).toThrow(expect.objectContaining({ code: 'FORMAT_MALFORMED' }));
    expect(() => readPublicKey(new Uint8Array([...spki, 0]))).toThrow(
      expect.objectContaining({ code: 'FORMAT_MALFORMED' }),
    );
  });
});
