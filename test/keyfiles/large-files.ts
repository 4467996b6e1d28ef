import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { element, explicit, indefinite, integer, nothing, octetString, oid, sequence } from './make/der.mjs';
import {
  aes256,
  certificateBag,
  contentInfo,
  data,
  encryptedKey,
  hash,
  keyBag,
  pbkdf2,
  pfx,
  safe,
  scrypt,
  wrongMac,
} from './make/pfx-parts.mjs';

/** As large as readKeyFile takes them. */
const full = 4 * 1024 * 1024 - 4000;

/** As many copies as there is room for. */
function filled(text: string | Buffer): Buffer {
  const part = Buffer.from(text);
  return Buffer.alloc(part.length * Math.floor(full / part.length), part);
}

function nest(levels: number, wrap: (inner: Buffer) => Buffer, core: Buffer): Buffer {
  let nested = core;
  for (let level = 0; level < levels; level++) nested = wrap(nested);
  return nested;
}

const block = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`;

/** A key and its certificate as PEM, as short as they come. */
function shortPair(): { key: string; certificate: string } {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-large-'));
  try {
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-subj', '/CN=e'];
    execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', 'key', '-out', 'crt'], {
      cwd: folder,
      stdio: 'ignore',
    });
    return { key: readFileSync(join(folder, 'key'), 'utf8'), certificate: readFileSync(join(folder, 'crt'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A private key without its public point, which the reader has to compute. */
function pointlessKey(): Buffer {
  const { d = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
  const curve = explicit(0, oid('1.2.840.10045.3.1.7'));
  return sequence(integer(1), octetString(Buffer.from(d, 'base64url')), curve);
}

const rsaOfOnes = (bits: bigint): Buffer => sequence(integer(0), ...Array<Buffer>(8).fill(integer((1n << bits) + 1n)));
const costlyHash = '2.16.840.1.101.3.4.2.10';

/**
 * Hostile files that are too large to keep, or whose cost is all there is to them: each by its name, made when it is
 * wanted.
 */
export function largeFiles(): Readonly<Record<string, () => Buffer>> {
  const { key, certificate } = shortPair();
  const base64 = certificate.replaceAll(/-----.*?-----|\s/g, '');
  const clear = [safe(keyBag(key), certificateBag(certificate))];
  const inPfx = (content: Buffer): Buffer => sequence(integer(3), contentInfo(data, content));
  const pair = Buffer.concat([keyBag(key), certificateBag(certificate)]);
  return {
    'segments in segments, of indefinite length': () =>
      inPfx(nest(190, (inner) => indefinite(0x24, inner), octetString(Buffer.alloc(full)))),
    'segments in segments, of definite length': () =>
      inPfx(nest(190, (inner) => element(0x24, inner), octetString(Buffer.alloc(full - 2000)))),
    'segments of one octet': () => inPfx(indefinite(0x24, filled(octetString(Buffer.alloc(1))))),
    'elements without contents': () => sequence(filled(nothing)),
    'lengths without an end': () => filled(Buffer.from([0x30, 0x80])),
    'PEM blocks without contents': () => filled('-----BEGIN X-----\nMAA=\n-----END X-----\n'),
    'BEGIN lines alone': () => filled('-----BEGIN X-----\n'),
    'BEGIN lines with names of their own': () =>
      Buffer.from(Array.from({ length: 150_000 }, (_, index) => `-----BEGIN X${index}-----\n`).join('')),
    'a PEM header of spaces': () => Buffer.from(`-----BEGIN X-----\nProc-Type:${' '.repeat(full)}-----END X-----`),
    'PEM headers without values': () => Buffer.concat([Buffer.from('-----BEGIN X-----\n'), filled('A:\n')]),
    'half a PEM encryption header': () =>
      Buffer.concat([
        Buffer.from('-----BEGIN X-----\n'),
        filled('Proc-Type:4,ENCRYPTED '),
        Buffer.from('-----END X-----'),
      ]),
    'friendly names before a block': () =>
      Buffer.concat([filled('friendlyName:'), Buffer.from('\n-----BEGIN X-----\nMAA=\n-----END X-----\n')]),
    'EC keys without their public points': () => filled(block('EC PRIVATE KEY', pointlessKey())),
    'RSA keys of the largest numbers': () => filled(block('RSA PRIVATE KEY', rsaOfOnes(16_000n))),
    'copies of a key and its certificate in PEM': () => filled(key + certificate),
    'copies of a key and its certificate in PKCS#12': () =>
      pfx(Array<Buffer>(Math.floor(full / (pair.length + 100))).fill(safe(pair))),
    'copies of a certificate in a JWK': () =>
      Buffer.from(
        JSON.stringify({ kty: 'EC', x5c: Array<string>(Math.floor(full / (base64.length + 3))).fill(base64) }),
      ),
    'JSON of nested lists': () => Buffer.concat([filled('[').subarray(full / 2), filled(']').subarray(full / 2)]),
    'spaces before JSON': () => Buffer.concat([filled(' '), Buffer.from('[')]),
    'spaces alone': () => filled(' '),
    'base64 of nothing': () => filled('A'),
    'words alone': () => filled('lorem ipsum '),
    'a MAC with a slow hash': () => pfx(clear, { mac: wrongMac(1_000_000, { algorithm: costlyHash, length: 64 }) }),
    'a key from a slow hash': () =>
      encryptedKey(pbkdf2(1_000_000, sequence(oid('2.16.840.1.101.3.4.2.16'), nothing)), aes256()),
    'a MAC of a million iterations over as much as there is': () =>
      pfx([contentInfo(data, octetString(filled('A')))], {
        mac: wrongMac(1_000_000, { algorithm: hash.sha1, length: 20 }),
      }),
    'scrypt of large blocks': () => encryptedKey(scrypt(2, 2 ** 19, 1)),
    'scrypt of many lanes': () => encryptedKey(scrypt(2, 1, 2 ** 19)),
    'scrypt of much memory, many times': () => encryptedKey(scrypt(2 ** 17, 8, 11)),
  };
}
