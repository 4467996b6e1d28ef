import { createPrivateKey } from 'node:crypto';
import { readCertificate, readKeyFile, writeJwk } from '@certgrant/core';
import { element, explicit, octetString, oid, sequence, toBer } from './der.mjs';
import { certificateBag, friendlyName, keyBag, pbmac1, pfx, safe } from './pfx-parts.mjs';
import { blocks, password } from './workplace.mjs';

/** What editors, consoles, mail and secret stores make of a file. */
export function textFiles(place, material) {
  const pair = (name = 'p256') => ({ keys: [material[name].key], certificates: [material[name].certificate] });
  const valid = (name, file, more = pair()) => place.valid({ name: `text-${name}`, maker: 'script', file, ...more });
  const [key, certificate] = [place.text('p256.key'), place.text('p256.crt')];
  const both = key + certificate;
  valid('key-first.pem', both);
  valid('certificate-first.pem', certificate + key);
  const chain = ['root.crt', 'daemon.key', 'issuing.crt', 'daemon.crt'].map((name) => place.text(name)).join('');
  const certificates = ['root', 'issuing', 'daemon'].map((name) => material[name].certificate);
  valid('chain-mixed.pem', chain, { keys: [material.daemon.key], certificates });
  valid('crlf.pem', both.replaceAll('\n', '\r\n'));
  valid('cr.pem', both.replaceAll('\n', '\r'));
  valid('bom.pem', `\ufeff${both}`);
  valid('no-final-newline.pem', both.trimEnd());
  valid('trailing-spaces.pem', both.replaceAll('\n', '  \n'));
  valid('blank-lines.pem', both.replaceAll('\n', '\n\n'));
  valid('indented.pem', both.replaceAll(/^/gm, '    '));
  valid('text-around.pem', `A key:\n${key}\nand its certificate, with: a colon\n${certificate}the end`);
  valid('escaped.pem', both.replaceAll('\n', '\\n'));
  valid('escaped-json.pem', JSON.stringify(both));
  valid('spaces.pem', both.replaceAll('\n', ' '));
  valid('one-line.pem', both.replaceAll('\n', ''));
  valid('base64.pem', Buffer.from(both).toString('base64'));
  valid('utf16le.pem', Buffer.from(both, 'utf16le'));
  valid('utf16le-bom.pem', Buffer.from(`\ufeff${both}`, 'utf16le'));
  valid('utf16be.pem', Buffer.from(both, 'utf16le').swap16());
  valid('utf16be-bom.pem', Buffer.from(`\ufeff${both}`, 'utf16le').swap16());
  valid('x509-label.pem', key + certificate.replaceAll(' CERTIFICATE-', ' X509 CERTIFICATE-'));
  valid('wrong-label.pem', key.replaceAll('PRIVATE KEY', 'RSA PRIVATE KEY') + certificate);
  valid('wide-lines.pem', both.replaceAll(/([A-Za-z0-9+/=]{64})\n/g, '$1'));
  place.openssl('ecparam', '-name', 'prime256v1', '-out', 'curve.pem');
  place.openssl('ec', '-in', 'p256.key', '-out', 'sec1.pem');
  valid('ec-parameters.pem', place.text('curve.pem') + place.text('sec1.pem') + certificate);
  place.openssl(
    'pkcs12',
    '-export',
    '-inkey',
    'p256.key',
    '-in',
    'p256.crt',
    '-name',
    'My key',
    '-out',
    'a.pfx',
    '-passout',
    'pass:',
  );
  valid('bag-attributes.pem', place.openssl('pkcs12', '-in', 'a.pfx', '-noenc', '-passin', 'pass:'));
  valid('two-keys.pem', both + place.text('rsa2048.key') + place.text('rsa2048.crt'), {
    keys: [material.p256.key, material.rsa2048.key],
    certificates: [material.p256.certificate, material.rsa2048.certificate],
  });
  const locked = place.made(
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
  valid('encrypted-key-and-certificate.pem', locked + certificate, { ...pair(), pass: password });
  wrappings(place, (name, file) => valid(name, file, { ...pair(), pass: password }));
}

/** A PFX file inside of text. */
function wrappings(place, valid) {
  const args = ['-inkey', 'p256.key', '-in', 'p256.crt', '-iter', '100', '-passout', `pass:${password}`, '-out', 'OUT'];
  const file = place.made('openssl', 'pkcs12', '-export', ...args);
  const base64 = file.toString('base64');
  const lines = base64.replaceAll(/.{64}/g, '$&\n');
  valid('pfx-base64.txt', base64);
  valid('pfx-base64-lines.txt', `${lines}\n`);
  valid('pfx-base64-crlf.txt', lines.replaceAll('\n', '\r\n'));
  valid('pfx-base64-quoted.txt', `"${base64}"`);
  valid('pfx-base64-bom.txt', `\ufeff${base64}`);
  valid('pfx-base64-utf16.txt', Buffer.from(`\ufeff${base64}`, 'utf16le'));
  valid('pfx-base64url.txt', file.toString('base64url'));
  valid('pfx-base64-twice.txt', Buffer.from(base64).toString('base64'));
  valid('pfx-pem.txt', `-----BEGIN PKCS12-----\n${lines}\n-----END PKCS12-----\n`);
  valid('pfx-final-newline.bin', Buffer.concat([file, Buffer.from('\r\n')]));
  valid('pfx-final-zeros.bin', Buffer.concat([file, Buffer.alloc(16)]));
}

/** JWK by certgrant and by Node. */
export async function jwkFiles(place, material) {
  for (const name of ['rsa2048', 'p256', 'p384', 'p521', 'ed25519']) {
    const { key, certificate } = material[name];
    const { privateKeys, certificates } = await readKeyFile(
      Buffer.from(place.text(`${name}.key`) + place.text(`${name}.crt`)),
    );
    const contents = {
      pkcs8: privateKeys[0].pkcs8,
      certificates: certificates.map((found) => readCertificate(found.certificate.der)),
    };
    const own = await writeJwk(contents);
    // OpenSSL, inside of Node, must find the same key in it.
    const print = place.keyPrint(
      createPrivateKey({ key: own, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }),
    );
    if (print !== key) throw new Error(`${name}: the JWK is that of another key`);
    const file = JSON.stringify(own, undefined, 2);
    place.valid({ name: `certgrant-${name}.jwk`, maker: 'certgrant', file, keys: [key], certificates: [certificate] });
    const bare = JSON.stringify(createPrivateKey(place.text(`${name}.key`)).export({ format: 'jwk' }));
    place.valid({ name: `node-${name}.jwk`, maker: 'node:crypto', file: bare, keys: [key], certificates: [] });
  }
  const jwk = (name) => createPrivateKey(place.text(`${name}.key`)).export({ format: 'jwk' });
  const keys = [material.p256.key, material.rsa1024.key];
  const list = [{ ...jwk('p256'), kid: 'one' }, jwk('rsa1024')];
  place.valid({
    name: 'node-set.jwk',
    maker: 'node:crypto',
    file: JSON.stringify({ keys: list }),
    keys,
    certificates: [],
  });
  place.valid({ name: 'node-list.jwk', maker: 'node:crypto', file: JSON.stringify(list), keys, certificates: [] });
}

/** What no tool of Debian 12 writes and other tools do: PBMAC1, several keys without a Java, BER throughout. */
export function assembledPfx(place, material) {
  const [key, certificate] = [place.text('p256.key'), place.text('p256.crt')];
  const [otherKey, otherCertificate] = [place.text('p384.key'), place.text('p384.crt')];
  const one = [material.p256];
  const valid = (name, file, pairs = one, pass = null) =>
    place.valid({
      ...{ name: `assembled-${name}.pfx`, maker: 'script', file, pass },
      ...{ keys: pairs.map((pair) => pair.key), certificates: pairs.map((pair) => pair.certificate) },
    });
  const safes = [safe(keyBag(key)), safe(certificateBag(certificate))];
  for (const [prf, digest] of [
    ['sha1', 'sha256'],
    ['sha256', 'sha256'],
    ['sha512', 'sha512'],
    ['sha256', 'sha512'],
  ]) {
    valid(`pbmac1-${prf}-${digest}`, pfx(safes, { mac: pbmac1({ password, prf, digest }) }), one, password);
  }
  valid('pbmac1-unicode', pfx(safes, { mac: pbmac1({ password: 'Größe 密码' }) }), one, 'Größe 密码');
  const two = [material.p256, material.p384];
  valid(
    'two-keys-one-safe',
    pfx([safe(keyBag(key), keyBag(otherKey), certificateBag(otherCertificate), certificateBag(certificate))]),
    two,
  );
  const named = (text) => [friendlyName(text)];
  valid(
    'two-keys-named',
    pfx([
      safe(certificateBag(certificate, named('one')), certificateBag(otherCertificate, named('two'))),
      safe(keyBag(otherKey, named('two')), keyBag(key, named('one'))),
    ]),
    two,
  );
  const nested = sequence(
    oid('1.2.840.113549.1.12.10.1.6'),
    explicit(0, sequence(keyBag(key), certificateBag(certificate))),
  );
  valid('bags-in-a-bag', pfx([safe(nested)]));
  valid('ber', toBer(pfx(safes)));
  valid('ber-small-segments', toBer(pfx(safes), 7));
  const encrypted = blocks(
    place.openssl('pkcs8', '-topk8', '-in', 'p256.key', '-iter', '100', '-passout', `pass:${password}`).toString(),
    'ENCRYPTED PRIVATE KEY',
  );
  const shrouded = sequence(
    oid('1.2.840.113549.1.12.10.1.2'),
    explicit(0, Buffer.from(encrypted[0].replaceAll(/-----.*?-----|\s/g, ''), 'base64')),
  );
  valid('shrouded-without-mac', pfx([safe(shrouded), safe(certificateBag(certificate))]), one, password);
  valid(
    'secret-besides',
    pfx([
      ...safes,
      safe(
        sequence(
          oid('1.2.840.113549.1.12.10.1.5'),
          explicit(0, sequence(oid('1.2.3'), explicit(0, octetString(Buffer.from('x'))))),
        ),
      ),
    ]),
  );
  valid(
    'attribute-unknown',
    pfx([
      safe(
        keyBag(key, [sequence(oid('1.3.6.1.4.1.311.17.1'), element(0x31, element(0x1e, Buffer.from('\0C\0S\0P'))))]),
      ),
      safe(certificateBag(certificate)),
    ]),
  );
  valid('empty-safe-first', pfx([safe(), ...safes]));
  valid('length-in-four-octets', longLengths(pfx(safes)));
}

/** A length in more octets than it needs, which BER allows. */
function longLengths(der) {
  const header = der[1] < 0x80 ? 2 : 2 + (der[1] & 0x7f);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(der.length - header);
  return Buffer.concat([Buffer.from([0x30, 0x84]), length, der.subarray(header)]);
}
