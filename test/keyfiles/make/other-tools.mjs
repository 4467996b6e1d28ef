import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { password } from './workplace.mjs';

/** PKCS#12 and PKCS#8 by GnuTLS. */
export function gnutlsFiles(place, material) {
  const certtool = (...args) => place.made('certtool', ...args, '--outfile', 'OUT');
  const pfx = (name, args, { pair = 'p256', pass = password, certificates } = {}) => {
    const input = ['--load-privkey', `${pair}.key`, '--load-certificate', `${pair}.crt`, '--outder', '--to-p12'];
    const secret = pass === null ? [] : ['--password', pass];
    const file = certtool(...input, '--p12-name', pair, ...secret, ...args);
    const { key, certificate } = material[pair];
    const expected = { keys: [key], certificates: certificates ?? [certificate] };
    place.valid({ name: `gnutls-${name}.p12`, maker: 'certtool', file, pass, ...expected });
  };
  for (const cipher of ['3des', '3des-pkcs12', 'aes-128', 'aes-192', 'aes-256', 'rc2-40', 'arcfour']) {
    pfx(`encryption-${cipher}`, ['--pkcs-cipher', cipher]);
  }
  for (const hash of ['sha1', 'sha384', 'sha512']) pfx(`mac-${hash}`, ['--hash', hash]);
  pfx('rsa', [], { pair: 'rsa2048' });
  pfx('ed25519', [], { pair: 'ed25519' });
  pfx('password-latin', [], { pass: 'Größe é' });
  pfx('password-empty', ['--empty-password'], { pass: '' });
  pfx('chain', ['--load-ca-certificate', 'root.crt'], {
    pair: 'daemon',
    certificates: [material.daemon.certificate, material.root.certificate],
  });
  for (const cipher of ['3des', '3des-pkcs12', 'aes-128', 'aes-256', 'rc2-40', 'arcfour']) {
    const args = ['--to-p8', '--load-privkey', 'p384.key', '--password', password, '--pkcs-cipher', cipher];
    const expected = { keys: [material.p384.key], certificates: [], pass: password };
    place.valid({ name: `gnutls-pkcs8-${cipher}.pem`, maker: 'certtool', file: certtool(...args), ...expected });
  }
  const file = certtool('--p7-generate', '--load-certificate', 'p256.crt', '--outder');
  place.valid({ name: 'gnutls.p7b', maker: 'certtool', file, keys: [], certificates: [material.p256.certificate] });
}

/** PKCS#12 in BER by NSS, from a database that the keys are imported into first. */
export function nssFiles(place, material) {
  mkdirSync(place.path('nss'));
  place.run('certutil', '-N', '-d', 'sql:nss', '--empty-password');
  const pairs = { rsa2048: [], p256: [], daemon: ['-certfile', 'authorities.pem'] };
  for (const [pair, more] of Object.entries(pairs)) {
    const names = ['-inkey', `${pair}.key`, '-in', `${pair}.crt`, '-name', pair, ...more];
    place.openssl('pkcs12', '-export', ...names, '-out', 'in.p12', '-passout', `pass:${password}`);
    place.run('pk12util', '-i', 'in.p12', '-d', 'sql:nss', '-W', password);
  }
  const pfx = (name, args, { pair = 'p256', pass = password, certificates } = {}) => {
    const file = place.made('pk12util', '-o', 'OUT', '-n', pair, '-d', 'sql:nss', '-W', pass, ...args);
    const { key, certificate } = material[pair];
    const expected = { keys: [key], certificates: certificates ?? [certificate] };
    place.valid({ name: `nss-${name}.p12`, maker: 'pk12util', file, pass, ...expected });
  };
  const both = (cipher) => ['-c', cipher, '-C', cipher];
  pfx('default', []);
  pfx('default-rsa', [], { pair: 'rsa2048' });
  const chain = ['daemon', 'issuing', 'root'].map((name) => material[name].certificate);
  pfx('chain', [], { pair: 'daemon', certificates: chain });
  pfx('aes-128', both('AES-128-CBC'));
  pfx('aes-192', both('AES-192-CBC'));
  pfx('3des', both('PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC'));
  pfx('rc2-40', both('PKCS #12 V2 PBE With SHA-1 And 40 Bit RC2 CBC'));
  pfx('rc4-128', both('PKCS #12 V2 PBE With SHA-1 And 128 Bit RC4'));
  pfx('certificate-clear', ['-C', 'none']);
  pfx('mac-sha512', ['-M', 'SHA-512']);
  pfx('password-latin', [], { pass: 'Größe é' });
  pfx('password-latin-3des', both('PKCS #12 V2 PBE With SHA-1 And 3KEY Triple DES-CBC'), { pass: 'Größe é' });
}

/** PKCS#12 by Java; the keys are made there, and OpenSSL says which they are. */
export function javaFiles(place, material) {
  const keytool = (...args) => place.run('keytool', ...args);
  const generate = (store, alias, algorithm, ...more) =>
    keytool(
      ...['-genkeypair', '-alias', alias, '-keyalg', algorithm, '-dname', `CN=${alias}`, '-validity', '3650'],
      ...['-keystore', store, '-storetype', 'PKCS12', '-storepass', password, ...more],
    );
  const valid = (name, store, expected = {}) =>
    place.valid({ name: `java-${name}.p12`, maker: 'keytool', file: place.read(store), pass: password, ...expected });
  generate('ec', 'ec', 'EC');
  valid('ec', 'ec');
  generate('legacy', 'old', 'RSA', '-J-Dkeystore.pkcs12.legacy');
  valid('legacy', 'legacy');
  generate('ec', 'second', 'RSA');
  valid('two-keys', 'ec');
  generate('ec', 'third', 'EC', '-groupname', 'secp384r1');
  valid('three-keys', 'ec');
  keytool(
    ...['-importcert', '-noprompt', '-alias', 'ca', '-file', 'root.crt', '-keystore', 'ec', '-storetype', 'PKCS12'],
    ...['-storepass', password],
  );
  valid('three-keys-and-trusted', 'ec');
  const trusted = ['-importcert', '-noprompt', '-alias', 'ca', '-file', 'root.crt', '-keystore', 'trust'];
  keytool(...trusted, '-storetype', 'PKCS12', '-storepass', password);
  valid('trusted-only', 'trust', { keys: [], certificates: [material.root.certificate] });
  // Entries of the old kinds, for the files that must be refused.
  const old = (type) => {
    const store = ['-keystore', `old.${type}`, '-storetype', type, '-storepass', password, '-keypass', password];
    keytool('-genkeypair', '-alias', 'old', '-keyalg', 'EC', '-dname', 'CN=old', ...store);
  };
  old('jks');
  old('jceks');
}

/** What the tools call themselves. */
export function versions(place) {
  const first = (program, ...args) => {
    const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    return `${stdout}${stderr}`.trim().split('\n')[0];
  };
  const packaged = (name) => place.run('dpkg-query', '-W', name).toString().trim().replace('\t', ' ');
  return {
    openssl: `${first('openssl', 'version')} (${packaged('openssl')})`,
    certtool: `${first('certtool', '--version')} (${packaged('gnutls-bin')})`,
    pk12util: packaged('libnss3-tools'),
    keytool: first('java', '-version'),
  };
}
