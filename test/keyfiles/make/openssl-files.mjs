import { password } from './workplace.mjs';

const legacy = ['-legacy'];
const few = ['-iter', '100'];

/** The encryptions that `openssl pkcs12` offers, as -certpbe and -keypbe. */
const schemes = [
  ...['AES-128-CBC', 'AES-192-CBC', 'AES-256-CBC', 'DES-EDE3-CBC', 'DES-CBC', 'RC2-CBC'],
  ...['PBE-SHA1-3DES', 'PBE-SHA1-2DES', 'PBE-SHA1-RC2-128', 'PBE-SHA1-RC2-40', 'PBE-SHA1-RC4-128', 'PBE-SHA1-RC4-40'],
  ...['PBE-MD5-DES', 'PBE-SHA1-DES', 'PBE-MD5-RC2-64', 'PBE-SHA1-RC2-64'],
];

const macs = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'sha512-256', 'sha3-256', 'sha3-512'];

const passwords = {
  empty: '',
  space: ' with spaces  ',
  quotes: `"'\\$\`%`,
  long: 'long'.repeat(40),
  latin: 'Größe é',
  cyrillic: 'пароль',
  chinese: '密码',
  emoji: '🔑 key',
};

/** PKCS#12 by OpenSSL. */
export function opensslPfx(place, material) {
  const pfx = (name, args, { pair = 'p256', pass = password, keys, certificates } = {}) => {
    const { key, certificate } = material[pair];
    const file = place.made(
      ...['openssl', 'pkcs12', '-export', '-inkey', `${pair}.key`, '-in', `${pair}.crt`, '-out', 'OUT'],
      ...['-passout', `pass:${pass}`, ...args],
    );
    const expected = { keys: keys ?? [key], certificates: certificates ?? [certificate] };
    place.valid({ name: `openssl-${name}.pfx`, maker: 'openssl', file, pass, ...expected });
  };
  for (const scheme of schemes) {
    pfx(`encryption-${scheme.toLowerCase()}`, ['-certpbe', scheme, '-keypbe', scheme, ...few, ...legacy]);
  }
  pfx('encryption-none', ['-certpbe', 'NONE', '-keypbe', 'NONE', ...few]);
  pfx('encryption-key-only', ['-certpbe', 'NONE', ...few]);
  pfx('encryption-certificate-only', ['-keypbe', 'NONE', ...few]);
  pfx('legacy-rsa', legacy, { pair: 'rsa2048' });
  pfx('legacy-ec', legacy);
  for (const mac of macs) pfx(`mac-${mac}`, ['-macalg', mac, ...few]);
  pfx('mac-none', ['-nomac', ...few]);
  pfx('mac-none-legacy', ['-nomac', ...few, ...legacy]);
  pfx('mac-none-encryption-none', ['-nomac', '-certpbe', 'NONE', '-keypbe', 'NONE']);
  pfx('iterations-default', []);
  pfx('iterations-1', ['-iter', '1']);
  pfx('iterations-none', ['-noiter', '-nomaciter']);
  pfx('iterations-100000', ['-iter', '100000']);
  pfx('iterations-1000000-mac', ['-iter', '1000000', '-certpbe', 'NONE', '-keypbe', 'NONE']);
  pfx('iterations-1000000-key', ['-iter', '1000000', '-nomac', '-certpbe', 'NONE']);
  pfx('iterations-1000000-legacy', ['-iter', '1000000', '-nomac', '-certpbe', 'NONE', '-keypbe', 'PBE-SHA1-3DES']);
  for (const [name, pass] of Object.entries(passwords)) {
    pfx(`password-${name}`, few, { pass });
    pfx(`password-${name}-legacy`, [...few, ...legacy], { pass });
  }
  for (const pair of Object.keys(material).filter((each) => !/^(root|issuing|daemon|p256$)/.test(each))) {
    pfx(`key-${pair}`, few, { pair });
  }
  chains(place, material, pfx);
}

function chains(place, material, pfx) {
  const prints = (...names) => names.map((name) => material[name].certificate);
  place.write('authorities.pem', place.text('issuing.crt') + place.text('root.crt'));
  place.write('authorities-reversed.pem', place.text('root.crt') + place.text('issuing.crt'));
  place.write('everything.pem', place.text('root.crt') + place.text('p256.crt') + place.text('daemon.crt'));
  const chain = { pair: 'daemon', certificates: prints('daemon', 'issuing', 'root') };
  pfx('chain', ['-certfile', 'authorities.pem', ...few], chain);
  pfx('chain-reversed', ['-certfile', 'authorities-reversed.pem', ...few], chain);
  pfx(
    'chain-named',
    ['-certfile', 'authorities.pem', '-name', 'Daemon', '-caname', 'Issuing', '-caname', 'Root'],
    chain,
  );
  pfx('chain-rsa', ['-certfile', 'authorities.pem', ...few, ...legacy], {
    pair: 'daemonrsa',
    certificates: prints('daemonrsa', 'issuing', 'root'),
  });
  pfx('chain-strangers', ['-in', 'everything.pem', ...few], {
    pair: 'daemon',
    certificates: prints('root', 'p256', 'daemon'),
  });
  pfx('name', ['-name', 'My daemon', ...few]);
  pfx('name-unicode', ['-name', 'Größe 密码', ...few]);
  pfx('name-csp', ['-CSP', 'Microsoft Enhanced RSA and AES Cryptographic Provider', '-LMK', ...few], {
    pair: 'rsa2048',
  });
  pfx('key-without-certificate', ['-nocerts', ...few], { certificates: [] });
  pfx('certificate-without-key', ['-nokeys', ...few], { keys: [] });
}

/** Keys and certificates alone by OpenSSL: PKCS#8, PKCS#1, SEC 1, encrypted ones, PKCS#7. */
export function opensslKeys(place, material) {
  const key = (name, pair, args, { pass = null, kind = 'pkcs8', ending = 'pem' } = {}) => {
    const passing = pass === null ? [] : ['-passout', `pass:${pass}`];
    const command = kind === 'pkcs8' ? ['pkcs8', '-topk8', ...(pass === null ? ['-nocrypt'] : [])] : [kind];
    const file = place.made('openssl', ...command, '-in', `${pair}.key`, '-out', 'OUT', ...passing, ...args);
    const expected = { keys: [material[pair].key], certificates: [] };
    place.valid({ name: `openssl-${name}.${ending}`, maker: 'openssl', file, pass, ...expected });
  };
  for (const pair of ['rsa2048', 'p256', 'p384', 'p521', 'k256', 'ed25519', 'ed448', 'pss2048']) {
    key(`pkcs8-${pair}`, pair, []);
    key(`pkcs8-${pair}`, pair, ['-outform', 'DER'], { ending: 'der' });
  }
  key('pkcs1', 'rsa2048', ['-traditional'], { kind: 'rsa' });
  key('pkcs1', 'rsa2048', ['-traditional', '-outform', 'DER'], { kind: 'rsa', ending: 'der' });
  key('sec1', 'p256', [], { kind: 'ec' });
  key('sec1', 'p384', ['-outform', 'DER'], { kind: 'ec', ending: 'der' });
  key('sec1-without-point', 'p256', ['-no_public'], { kind: 'ec' });
  for (const cipher of ['aes128', 'aes192', 'aes256', 'des3', 'des']) {
    const provider = cipher === 'des' ? ['-provider', 'legacy', '-provider', 'default'] : [];
    key(`traditional-${cipher}`, 'rsa1024', ['-traditional', `-${cipher}`, ...provider], {
      kind: 'rsa',
      pass: password,
    });
  }
  const encrypted = (name, args, ending) => key(`pkcs8-encrypted-${name}`, 'p256', args, { pass: password, ending });
  for (const cipher of ['aes-128-cbc', 'aes-192-cbc', 'aes-256-cbc', 'des3'])
    encrypted(cipher, ['-v2', cipher, ...few]);
  for (const prf of ['SHA1', 'SHA224', 'SHA384', 'SHA512']) {
    encrypted(`hmac-${prf.toLowerCase()}`, ['-v2prf', `hmacWith${prf}`, ...few]);
  }
  for (const scheme of ['PBE-SHA1-3DES', 'PBE-MD5-DES', 'PBE-SHA1-DES', 'PBE-SHA1-RC2-40', 'PBE-SHA1-RC4-128']) {
    const provider = scheme === 'PBE-SHA1-3DES' ? [] : ['-provider', 'legacy', '-provider', 'default'];
    encrypted(scheme.toLowerCase(), ['-v1', scheme, ...few, ...provider]);
  }
  encrypted('scrypt', ['-scrypt', '-scrypt_N', '1024', '-scrypt_r', '8', '-scrypt_p', '1']);
  encrypted('default', [], 'der');
  key('pkcs8-encrypted-unicode', 'p256', few, { pass: 'Größe 密码' });
  certificates(place, material);
}

function certificates(place, material) {
  const print = (...names) => ({ keys: [], certificates: names.map((name) => material[name].certificate) });
  const made = (...args) => place.made('openssl', ...args, '-out', 'OUT');
  const valid = (name, file, expected) => place.valid({ name: `openssl-${name}`, maker: 'openssl', file, ...expected });
  valid('certificate.cer', made('x509', '-in', 'rsa2048.crt', '-outform', 'DER'), print('rsa2048'));
  valid('certificate.crt', place.read('p256.crt'), print('p256'));
  valid('trusted.crt', made('x509', '-in', 'p256.crt', '-trustout', '-setalias', 'mine'), print('p256'));
  const bundle = [
    'crl2pkcs7',
    '-nocrl',
    '-certfile',
    'daemon.crt',
    '-certfile',
    'issuing.crt',
    '-certfile',
    'root.crt',
  ];
  valid('bundle.p7b', made(...bundle), print('daemon', 'issuing', 'root'));
  valid('bundle-der.p7b', made(...bundle, '-outform', 'DER'), print('daemon', 'issuing', 'root'));
}
