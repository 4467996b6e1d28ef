import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { elements, explicit, indefinite, inside, integer, nothing, octetString, oid, sequence } from './der.mjs';
import * as parts from './pfx-parts.mjs';
import { password } from './workplace.mjs';

const malformed = 'FORMAT_MALFORMED';
const unsupported = 'FORMAT_UNSUPPORTED';
const unknown = 'FORMAT_UNKNOWN';
const costly = 'KEY_DERIVATION_TOO_COSTLY';
const wrong = 'PASSWORD_WRONG';
const required = 'PASSWORD_REQUIRED';

/** The same octets in each run of the script. */
function noise(length, seed) {
  const blocks = [];
  for (let i = 0; i * 32 < length; i++) blocks.push(createHash('sha256').update(`${seed} ${i}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

export function hostileFiles(place) {
  const pfx = place.made(
    ...['openssl', 'pkcs12', '-export', '-inkey', 'p256.key', '-in', 'p256.crt', '-iter', '100'],
    ...['-passout', `pass:${password}`, '-out', 'OUT'],
  );
  const clear = [parts.safe(parts.keyBag(place.text('p256.key')), parts.certificateBag(place.text('p256.crt')))];
  damaged(place, pfx);
  counts(place, clear);
  derivations(place, clear);
  structures(place, clear);
  nesting(place, clear);
  passwords(place, pfx);
  foreign(place);
  texts(place);
  jwks(place);
  unfit(place);
}

/** Cut short, or with a changed bit. */
function damaged(place, pfx) {
  place.openssl('pkcs8', '-topk8', '-nocrypt', '-in', 'p256.key', '-outform', 'DER', '-out', 'p256.der');
  place.openssl('x509', '-in', 'rsa2048.crt', '-outform', 'DER', '-out', 'rsa2048.cer');
  const files = { 'pfx.pfx': pfx, 'key.der': place.read('p256.der'), 'certificate.cer': place.read('rsa2048.cer') };
  for (const [name, file] of Object.entries(files)) {
    for (const share of [1, 10, 50, 90, 99]) {
      place.hostile(`cut-${share}-${name}`, file.subarray(0, Math.ceil((share * file.length) / 100)), [
        malformed,
        unknown,
      ]);
    }
    place.hostile(`tail-${name}`, Buffer.concat([file, Buffer.from('tail')]), malformed);
  }
  const { version, info, mac } = parts.apart(pfx);
  const [digestInfo, salt, iterations] = elements(elements(mac)[0].contents).map(({ raw }) => raw);
  const [algorithm, digest] = elements(elements(digestInfo)[0].contents).map(({ raw }) => raw);
  const withMac = (...contents) => sequence(version, info, sequence(...contents));
  const flipped = (octets, at) => Buffer.from(octets.map((octet, index) => (index === at ? octet ^ 1 : octet)));
  place.hostile('flip-mac.pfx', withMac(sequence(algorithm, flipped(digest, 10)), salt, iterations), wrong);
  place.hostile('flip-mac-salt.pfx', withMac(digestInfo, flipped(salt, 4), iterations), wrong);
  place.hostile('flip-mac-iterations.pfx', withMac(digestInfo, salt, integer(101)), wrong);
  place.hostile('flip-contents.pfx', sequence(version, flipped(info, info.length - 20), mac), wrong);
  const [certificates] = inside(parts.apart(pfx).authenticatedSafe);
  const last = info.indexOf(certificates.raw) + certificates.raw.length - 1;
  place.hostile('flip-ciphertext-without-mac.pfx', sequence(version, flipped(info, last)), [wrong, malformed]);
  place.hostile('mac-cut.pfx', withMac(sequence(algorithm, octetString(Buffer.alloc(1))), salt, iterations), malformed);
  place.hostile(
    'mac-empty.pfx',
    withMac(sequence(algorithm, octetString(Buffer.alloc(0))), salt, iterations),
    malformed,
  );
  place.hostile('mac-tail.pfx', withMac(digestInfo, salt, iterations, nothing), malformed);
  for (let at = 0; at < 12; at++) {
    place.hostile(`noise-at-${at}.pfx`, flipped(pfx, at), [malformed, unknown, unsupported, wrong]);
  }
}

const counted = {
  'two-to-31': 2 ** 31 - 1,
  'two-to-32': 2 ** 32,
  'two-to-63': 2n ** 63n - 1n,
  'two-to-200': 2n ** 200n,
  'million-and-one': 1_000_001,
  zero: 0,
  negative: -1,
  'negative-two-to-31': -(2 ** 31),
};

/** Counts of iterations in each place that has one. */
function counts(place, clear) {
  for (const [name, count] of Object.entries(counted)) {
    const codes = count > 2n ** 53n ? [costly, malformed] : count > 0 ? costly : malformed;
    place.hostile(`iterations-mac-${name}.pfx`, parts.pfx(clear, { mac: parts.wrongMac(count) }), codes);
    place.hostile(`iterations-pbes2-${name}.der`, parts.encryptedKey(parts.pbkdf2(count)), codes);
    place.hostile(`iterations-3des-${name}.der`, parts.oldEncryptedKey('1.2.840.113549.1.12.1.3', count), codes);
    place.hostile(`iterations-pbes1-${name}.der`, parts.oldEncryptedKey('1.2.840.113549.1.5.3', count), codes);
    const mac = parts.pbmac1({ password, iterations: count });
    place.hostile(`iterations-pbmac1-${name}.pfx`, parts.pfx(clear, { mac }), codes);
  }
  const empty = Buffer.from([2, 0]);
  place.hostile('iterations-empty.pfx', parts.pfx(clear, { mac: parts.wrongMac(empty) }), malformed);
  place.hostile('iterations-octets.pfx', parts.pfx(clear, { mac: parts.wrongMac(octetString(empty)) }), malformed);
  // Each of them honest, all of them not.
  const many = Array.from({ length: 40 }, () =>
    parts.shroudedBag(parts.encryptedKey(parts.pbkdf2(1_000_000, integer(32)))),
  );
  place.hostile('iterations-in-many-bags.pfx', parts.pfx([parts.safe(...many)]), [costly, wrong]);
}

/** Parameters of key derivations and ciphers. */
function derivations(place, clear) {
  const key = (name, file, codes) => place.hostile(`parameters-${name}.der`, file, codes);
  const lengths = { zero: 0, one: 1, negative: -32, long: 65, huge: 2 ** 31, other: 16 };
  for (const [name, length] of Object.entries(lengths)) {
    key(`key-length-${name}`, parts.encryptedKey(parts.pbkdf2(100, integer(length))), malformed);
  }
  const prf = (identifier) => sequence(oid(identifier), nothing);
  key('prf-unknown', parts.encryptedKey(parts.pbkdf2(100, prf('1.2.3.4'))), unsupported);
  key('kdf-unknown', parts.encryptedKey(sequence(oid('1.2.3.4'), sequence())), unsupported);
  key('cipher-unknown', parts.encryptedKey(parts.pbkdf2(100), sequence(oid('1.2.3.4'), nothing)), unsupported);
  const camellia = sequence(oid('1.2.392.200011.61.1.1.1.4'), octetString(Buffer.alloc(16)));
  key('cipher-camellia', parts.encryptedKey(parts.pbkdf2(100), camellia), unsupported);
  key('iv-short', parts.encryptedKey(parts.pbkdf2(100), parts.aes256(Buffer.alloc(8))), malformed);
  key('iv-empty', parts.encryptedKey(parts.pbkdf2(100), parts.aes256(Buffer.alloc(0))), malformed);
  key('ciphertext-empty', parts.encryptedKey(parts.pbkdf2(100), parts.aes256(), Buffer.alloc(0)), [wrong, malformed]);
  key('ciphertext-odd', parts.encryptedKey(parts.pbkdf2(100), parts.aes256(), Buffer.alloc(65)), [wrong, malformed]);
  const rc2 = (version) =>
    sequence(oid('1.2.840.113549.3.2'), sequence(integer(version), octetString(Buffer.alloc(8))));
  for (const version of [0, -1, 100_000]) {
    key(`rc2-version-${version}`, parts.encryptedKey(parts.pbkdf2(100), rc2(version)), [malformed, wrong]);
  }
  key('scheme-unknown', parts.oldEncryptedKey('1.2.3.4', 100), unsupported);
  key('salt-empty', parts.oldEncryptedKey('1.2.840.113549.1.12.1.3', 100, Buffer.alloc(0)), [wrong, malformed]);
  const memory = {
    gigabyte: [2 ** 20, 8, 1],
    exabyte: [2 ** 50, 8, 1],
    'block-size': [2, 2 ** 30, 1],
    lanes: [1024, 8, 2 ** 30],
  };
  for (const [name, numbers] of Object.entries(memory))
    key(`scrypt-${name}`, parts.encryptedKey(parts.scrypt(...numbers)), costly);
  const impossible = {
    'n-zero': [0, 8, 1],
    'n-one': [1, 8, 1],
    'n-odd': [1000, 8, 1],
    'n-negative': [-1024, 8, 1],
    'r-zero': [1024, 0, 1],
    'p-zero': [1024, 8, 0],
  };
  for (const [name, numbers] of Object.entries(impossible))
    key(`scrypt-${name}`, parts.encryptedKey(parts.scrypt(...numbers)), malformed);
  const pbmac1 = (name, options, codes) =>
    place.hostile(`pbmac1-${name}.pfx`, parts.pfx(clear, { mac: parts.pbmac1({ password, ...options }) }), codes);
  pbmac1('key-length-missing', { keyLength: null }, malformed);
  for (const keyLength of [0, 1, 19, -20, 65, 2 ** 40]) pbmac1(`key-length-${keyLength}`, { keyLength }, malformed);
  pbmac1('prf-unknown', { prfOid: '1.2.3.4' }, unsupported);
  pbmac1('mac-cut', { change: (mac) => mac.subarray(0, 8) }, malformed);
  pbmac1('mac-wrong', { change: (mac) => Buffer.alloc(mac.length) }, wrong);
  pbmac1('password-wrong', { password: 'another' }, wrong);
  place.hostile(
    'mac-hash-unknown.pfx',
    parts.pfx(clear, { mac: parts.wrongMac(100, { algorithm: '1.2.3.4' }) }),
    unsupported,
  );
}

/** Well-formed DER in the wrong places. */
function structures(place, clear) {
  const pfx = (name, file, codes) => place.hostile(`structure-${name}.pfx`, file, codes);
  for (const version of [0, 1, 2, 4, -3])
    pfx(`version-${version}`, parts.pfx(clear, { version }), [malformed, unsupported, unknown]);
  pfx('signed', parts.pfx(clear, { type: '1.2.840.113549.1.7.2' }), unsupported);
  pfx('content-unknown', parts.pfx(clear, { type: '1.2.3.4' }), malformed);
  pfx('content-missing', sequence(integer(3), sequence(oid(parts.data))), malformed);
  pfx('part-unknown', parts.pfx([parts.contentInfo('1.2.3.4', octetString(Buffer.alloc(4)))]), malformed);
  pfx('part-enveloped', parts.pfx([parts.contentInfo('1.2.840.113549.1.7.3', sequence())]), unsupported);
  pfx('bag-unknown', parts.pfx([parts.safe(parts.bag('1.2.3.4', sequence()))]), unsupported);
  pfx('bag-empty', parts.pfx([parts.safe(sequence())]), malformed);
  const keyType = '1.2.840.113549.1.12.10.1.1';
  pfx('key-is-nothing', parts.pfx([parts.safe(parts.bag(keyType, nothing))]), malformed);
  const algorithm = (identifier) => sequence(integer(0), sequence(oid(identifier), nothing), octetString(sequence()));
  pfx('key-algorithm-unknown', parts.pfx([parts.safe(parts.bag(keyType, algorithm('1.2.3.4')))]), unsupported);
  pfx('key-rsa-empty', parts.pfx([parts.safe(parts.bag(keyType, algorithm('1.2.840.113549.1.1.1')))]), malformed);
  pfx(
    'certificate-is-nothing',
    parts.pfx([
      parts.safe(
        parts.bag(
          '1.2.840.113549.1.12.10.1.3',
          sequence(oid('1.2.840.113549.1.9.22.1'), explicit(0, octetString(nothing))),
        ),
      ),
    ]),
    malformed,
  );
  const rsa = (numbers) => sequence(integer(0), ...numbers.map((number) => integer(number)));
  place.hostile('rsa-zeros.der', rsa([0, 0, 0, 0, 0, 0, 0, 0]), malformed);
  place.hostile('rsa-ones.der', rsa([1, 1, 1, 1, 1, 1, 1, 1]), malformed);
  place.hostile('rsa-negative.der', rsa([-15, 3, 3, 3, 5, 1, 3, 2]), malformed);
  place.hostile('rsa-small.der', rsa([15, 65537, 3, 3, 5, 1, 3, 2]), malformed);
  const long = (1n << 20_000n) + 1n;
  place.hostile('rsa-long.der', rsa([long, 3, long, 3, 5, 1, 3, 2]), [unsupported, malformed]);
  place.hostile('integer-only.der', integer(3), [malformed, unknown]);
  place.hostile('empty-sequence.der', sequence(), [malformed, unsupported, unknown]);
  const spki = inside(place.openssl('pkey', '-in', 'p256.key', '-pubout', '-outform', 'DER'));
  const ec = sequence(integer(1), octetString(Buffer.alloc(32)), explicit(1, Buffer.from([3, 0])));
  place.hostile('ec-point-empty.der', sequence(integer(0), spki[0].raw, octetString(ec)), malformed);
  const tooLong = sequence(integer(1), octetString(Buffer.alloc(40, 1)));
  place.hostile('ec-number-long.der', sequence(integer(0), spki[0].raw, octetString(tooLong)), malformed);
  place.hostile(
    'ec-number-zero.der',
    sequence(integer(0), spki[0].raw, octetString(sequence(integer(1), octetString(Buffer.alloc(32))))),
    [malformed, unsupported],
  );
  lengths(place);
}

/** Lengths that promise more than there is, or cannot be. */
function lengths(place) {
  const files = {
    'four-gigabytes': '3084ffffffff0201030500',
    'six-octets': '3086ffffffffffff020103',
    'seven-octets': '308700000000000003020103',
    '126-octets': `30fe${'00'.repeat(125)}0302010300`,
    reserved: '30ff020103',
    'longer-than-parent': '3005020a030405',
    'indefinite-without-end': '3080020103308006032a0304',
    'indefinite-primitive': '30800480020103000000',
    'tag-high': '3008bf8101040201030500',
    'tag-endless': '3fffffffffffffffffffff',
  };
  for (const [name, hex] of Object.entries(files)) {
    place.hostile(`length-${name}.der`, Buffer.from(hex, 'hex'), [malformed, unknown, unsupported]);
  }
}

/** Depth and number of elements. */
function nesting(place) {
  const nest = (levels, wrap, core) => Array.from({ length: levels }).reduce((inner) => wrap(inner), core);
  place.hostile('nested-sequences.der', nest(1000, sequence, nothing), [malformed, unknown, unsupported]);
  place.hostile('nested-indefinite.der', Buffer.alloc(20_000, '3080', 'hex'), [malformed, unknown]);
  const constructed = (inner) => indefinite(0x24, inner);
  const octets = nest(1000, constructed, octetString(Buffer.alloc(4)));
  place.hostile('nested-segments.pfx', sequence(integer(3), parts.contentInfo(parts.data, octets)), malformed);
  const empty = indefinite(0x24, Buffer.alloc(60_000, '0400', 'hex'));
  place.hostile('empty-segments.pfx', sequence(integer(3), parts.contentInfo(parts.data, empty)), malformed);
  const bags = nest(400, (inner) => parts.bag(parts.bagOfBags, sequence(inner)), parts.bag('1.2.3.4', nothing));
  place.hostile('nested-bags.pfx', parts.pfx([parts.safe(bags)]), malformed);
  const safes = nest(60, (inner) => parts.pfx([parts.safe(parts.bag('1.2.840.113549.1.12.10.1.1', inner))]), nothing);
  place.hostile('nested-files.pfx', safes, [malformed, unsupported]);
  place.hostile('many-nulls.der', sequence(Buffer.alloc(60_000, '0500', 'hex')), [malformed, unknown, unsupported]);
  place.hostile('many-empty-bags.pfx', parts.pfx([parts.safe(Buffer.alloc(50_000, '3000', 'hex'))]), malformed);
  place.hostile('many-empty-parts.pfx', parts.pfx([Buffer.alloc(50_000, '3000', 'hex')]), malformed);
}

function passwords(place, pfx) {
  place.hostile('password-wrong.pfx', pfx, wrong, 'another');
  place.hostile('password-empty.pfx', pfx, wrong, '');
  place.hostile('password-none.pfx', pfx, required, null);
  place.hostile('password-other-case.pfx', pfx, wrong, password.toUpperCase());
  const bare = ['pkcs12', '-export', '-nomac', '-inkey', 'p256.key', '-in', 'p256.crt', '-passout', `pass:${password}`];
  const legacy = place.made('openssl', ...bare, '-legacy', '-out', 'OUT');
  place.hostile('password-wrong-without-mac.pfx', place.made('openssl', ...bare, '-out', 'OUT'), wrong, 'another');
  place.hostile('password-wrong-without-mac-legacy.pfx', legacy, wrong, 'another');
  const key = place.made(
    'openssl',
    'pkcs8',
    '-topk8',
    '-in',
    'p256.key',
    '-passout',
    `pass:${password}`,
    '-out',
    'OUT',
  );
  place.hostile('password-wrong.pem', key, wrong, 'another');
  place.hostile('password-none.pem', key, required, null);
}

/** Files of other kinds that people take for key files. */
function foreign(place) {
  const other = (name, file, codes = unsupported) => place.hostile(`foreign-${name}`, file, codes);
  other('keystore.jks', place.read('old.jks'));
  other('keystore.jceks', place.read('old.jceks'));
  place.run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', 'ssh');
  other('openssh.key', place.read('ssh'));
  other('openssh.pub', place.read('ssh.pub'));
  other('page.html', '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>\n');
  other('document.xml', '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>\n');
  other('settings.json', '{"clientId": "00000000-0000-0000-0000-000000000000"}', unknown);
  other('json-cut.json', '{"kty":"RSA","n":', malformed);
  other('putty.ppk', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n');
  other('archive.zip', Buffer.from('504b030414000000080000002100', 'hex'));
  other('packed.gz', gzipSync('a key'));
  other('paper.pdf', '%PDF-1.7\n%âãÏÓ\n1 0 obj\n');
  other('database.db', 'SQLite format 3\0\x10\0\x01\x01');
  other('pgp.asc', '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----\n', [
    unsupported,
    malformed,
  ]);
  other('request.csr', place.read('daemon.csr'));
  other('public.pem', place.openssl('pkey', '-in', 'rsa2048.key', '-pubout'));
  other('public.der', place.openssl('pkey', '-in', 'rsa2048.key', '-pubout', '-outform', 'DER'));
  other('parameters.pem', place.openssl('ecparam', '-name', 'prime256v1'));
  place.openssl('genpkey', '-genparam', '-algorithm', 'DSA', '-pkeyopt', 'dsa_paramgen_bits:1024', '-out', 'dsa.pem');
  place.openssl('genpkey', '-paramfile', 'dsa.pem', '-out', 'dsa.key');
  other('dsa.key', place.read('dsa.key'));
  place.openssl('genpkey', '-algorithm', 'X25519', '-out', 'x25519.key');
  place.write('index', '');
  place.write('ca.conf', '[ca]\ndefault_ca=d\n[d]\ndatabase=index\ndefault_md=sha256\ndefault_crl_days=30\n');
  place.openssl('ca', '-config', 'ca.conf', '-gencrl', '-keyfile', 'root.key', '-cert', 'root.crt', '-out', 'list.crl');
  other('list.crl', place.read('list.crl'));
  other('list-der.crl', place.openssl('crl', '-in', 'list.crl', '-outform', 'DER'));
  other('empty', '', 'FILE_EMPTY');
  other('white-space', '   \r\n\t\n', unknown);
  other('zeros', Buffer.alloc(4096), unknown);
  other('text.txt', 'The key is in the other file.\n', unknown);
  for (const length of [1, 2, 100, 5000])
    other(`noise-${length}`, noise(length, 'noise'), [unknown, malformed, unsupported]);
  other('noise-base64.txt', noise(300, 'base64').toString('base64'), [unknown, malformed, unsupported]);
}

function texts(place) {
  const [key, certificate] = [place.text('rsa1024.key'), place.text('rsa1024.crt')];
  const pem = (name, file, codes = malformed) => place.hostile(`pem-${name}.pem`, file, codes);
  pem('without-end', key.slice(0, -30));
  pem('other-end', key.replace('END PRIVATE', 'END PUBLIC'));
  pem('begin-only', '-----BEGIN PRIVATE KEY-----\n');
  pem('begin-cut', '-----BEGIN PRIVATE', [malformed, unknown]);
  pem('empty-block', '-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n');
  pem('not-base64', key.replace('MII', 'M*I'));
  pem('line-missing', key.replace(/\n[^\n]{64}\n/, '\n'));
  pem(
    'character-changed',
    key.replace(/(\n[^\n]{64}\n[^\n]{10})(.)/, (_, before, digit) => before + (digit === 'A' ? 'B' : 'A')),
  );
  pem('lower-case', key.toLowerCase(), [malformed, unknown]);
  pem('certificate-damaged', certificate.replace(/\n[^\n]{64}\n/, '\n'));
  const headers = (type, info) =>
    `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: ${type}\nDEK-Info: ${info}\n\n${noise(128, 'pem').toString('base64')}\n-----END RSA PRIVATE KEY-----\n`;
  pem('cipher-unknown', headers('4,ENCRYPTED', 'CAMELLIA-128-CBC,00112233445566778899AABBCCDDEEFF'), unsupported);
  pem('iv-short', headers('4,ENCRYPTED', 'AES-128-CBC,0011'), malformed);
  pem('iv-odd', headers('4,ENCRYPTED', 'AES-128-CBC,001122334455667788990011223344556'), malformed);
  pem('wrong-password', headers('4,ENCRYPTED', 'AES-128-CBC,00112233445566778899AABBCCDDEEFF'), wrong);
  pem('without-iv', headers('4,ENCRYPTED', 'AES-128-CBC'), malformed);
  pem('label-strange', key.replaceAll('PRIVATE KEY', 'PRIVATE  KEY'), [
    malformed,
    unknown,
    unsupported,
    'CERTIFICATE_MISSING',
  ]);
}

function jwks(place) {
  const key = JSON.parse(place.text('rsa.jwk'));
  const ec = JSON.parse(place.text('ec.jwk'));
  const jwk = (name, value, codes = malformed) => place.hostile(`jwk-${name}.json`, JSON.stringify(value), codes);
  jwk('without-p', { ...key, p: undefined });
  jwk('p-empty', { ...key, p: '' });
  jwk('n-number', { ...key, n: 1 });
  jwk('n-not-base64', { ...key, n: '§' });
  jwk('n-changed', { ...key, n: `${key.n.slice(0, -4)}AAAA` });
  jwk('d-zero', { ...key, d: 'AA' });
  jwk('curve-unknown', { ...ec, crv: 'P-1024' }, unsupported);
  jwk('point-long', { ...ec, x: Buffer.alloc(64, 1).toString('base64url') });
  jwk('point-missing', { ...ec, y: undefined });
  jwk('x5c-not-base64', { ...ec, x5c: ['-----'] });
  jwk('x5c-not-certificate', { ...ec, x5c: ['MAMCAQM='] });
  jwk('symmetric', { kty: 'oct', k: 'AAAA' }, unsupported);
  jwk('public', { ...ec, d: undefined }, unsupported);
  jwk('type-unknown', { kty: 'LUNA', d: 'AAAA' }, unsupported);
  jwk('type-number', { kty: 7 }, unknown);
  jwk('nested-lists', [[[[]]]], unknown);
  jwk('empty-set', { keys: [] }, ['PRIVATE_KEY_MISSING', unknown, unsupported]);
  place.hostile('jwk-deep.json', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, [unknown, malformed]);
  place.hostile('jwk-prototype.json', '{"__proto__":{"kty":"RSA"},"constructor":1}', unknown);
  place.hostile('jwk-okp-short.json', JSON.stringify({ kty: 'OKP', crv: 'Ed25519', d: 'AAAA', x: 'AAAA' }), [
    malformed,
    unsupported,
  ]);
}

/** Whole files that are no credential. */
function unfit(place) {
  const file = (...names) => names.map((name) => place.text(name)).join('');
  place.hostile('unfit-key-of-another.pem', file('rsa1024.key', 'rsa2048.crt'), 'KEY_MISMATCH');
  place.hostile('unfit-key-of-another-type.pem', file('p256.key', 'rsa2048.crt'), 'KEY_MISMATCH');
  place.hostile('unfit-two-keys-no-match.pem', file('p256.key', 'p384.key', 'rsa2048.crt', 'p521.crt'), 'KEY_MISMATCH');
  place.hostile('unfit-certificate-alone.pem', file('rsa2048.crt'), 'PRIVATE_KEY_MISSING');
  place.hostile('unfit-certificates-alone.pem', file('root.crt', 'issuing.crt', 'daemon.crt'), 'PRIVATE_KEY_MISSING');
  place.hostile('unfit-key-alone.pem', file('rsa1024.key'), 'CERTIFICATE_MISSING');
  place.hostile('unfit-certificate-as-key.pem', file('rsa2048.crt', 'rsa2048.crt'), 'PRIVATE_KEY_MISSING');
  place.hostile('unfit-exchange-key.pem', file('x25519.key'), [unsupported, 'CERTIFICATE_MISSING']);
  const pair = ['-inkey', 'p256.key', '-in', 'p256.crt', '-passout', `pass:${password}`, '-iter', '100', '-out', 'OUT'];
  place.hostile(
    'unfit-nokeys.pfx',
    place.made('openssl', 'pkcs12', '-export', '-nokeys', ...pair),
    'PRIVATE_KEY_MISSING',
  );
  place.hostile(
    'unfit-nocerts.pfx',
    place.made('openssl', 'pkcs12', '-export', '-nocerts', ...pair),
    'CERTIFICATE_MISSING',
  );
  const mixed = [parts.safe(parts.keyBag(place.text('p384.key')), parts.certificateBag(place.text('p256.crt')))];
  place.hostile('unfit-mismatch.pfx', parts.pfx(mixed), 'KEY_MISMATCH');
}
