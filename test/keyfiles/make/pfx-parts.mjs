import { createHmac, pbkdf2Sync } from 'node:crypto';
import { elements, explicit, inside, integer, nothing, octetString, oid, sequence, set } from './der.mjs';

/** PKCS#12 files from their parts, for what no tool of Debian 12 writes, and for what none should. */

export const data = '1.2.840.113549.1.7.1';
export const hash = { sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1', sha512: '2.16.840.1.101.3.4.2.3' };
const hmac = {
  sha1: '1.2.840.113549.2.7',
  sha256: '1.2.840.113549.2.9',
  sha512: '1.2.840.113549.2.11',
};
const outputLength = { sha1: 20, sha256: 32, sha512: 64 };
const bagType = { key: '1.2.840.113549.1.12.10.1.1', certificate: '1.2.840.113549.1.12.10.1.3' };
export const bagOfBags = '1.2.840.113549.1.12.10.1.6';

const derOf = (pem) => Buffer.from(pem.replaceAll(/-----.*?-----|\s/g, ''), 'base64');

export function keyBag(pem, attributes = []) {
  return bag(bagType.key, derOf(pem), attributes);
}

export function certificateBag(pem, attributes = []) {
  const x509 = sequence(oid('1.2.840.113549.1.9.22.1'), explicit(0, octetString(derOf(pem))));
  return bag(bagType.certificate, x509, attributes);
}

export function bag(type, value, attributes = []) {
  return sequence(oid(type), explicit(0, value), ...(attributes.length === 0 ? [] : [set(...attributes)]));
}

export function friendlyName(text) {
  const units = Buffer.from(text, 'utf16le').swap16();
  const value = Buffer.concat([Buffer.from([0x1e, units.length]), units]);
  return sequence(oid('1.2.840.113549.1.9.20'), set(value));
}

/** Bags without encryption. */
export const safe = (...bags) => contentInfo(data, octetString(sequence(...bags)));
export const contentInfo = (type, content) => sequence(oid(type), explicit(0, content));

/**
 * @param {readonly Buffer[]} safes the AuthenticatedSafe's contents: a list of ContentInfo
 * @param {{ version?: number, mac?: (contents: Buffer) => Buffer, type?: string }} [options]
 */
export function pfx(safes, { version = 3, mac, type = data } = {}) {
  const authenticatedSafe = sequence(...safes);
  const macData = mac === undefined ? [] : [mac(authenticatedSafe)];
  return sequence(integer(version), contentInfo(type, octetString(authenticatedSafe)), ...macData);
}

/** MacData with PBMAC1 (RFC 9579). */
export function pbmac1({ password, prf = 'sha256', digest = 'sha256', iterations = 100, keyLength, prfOid, change }) {
  const salt = Buffer.from('0123456789abcdef', 'hex');
  const length = keyLength === undefined ? outputLength[digest] : keyLength;
  const written = length === null ? [] : [integer(length)];
  const derivation = sequence(
    oid('1.2.840.113549.1.5.12'),
    sequence(octetString(salt), integer(iterations), ...written, sequence(oid(prfOid ?? hmac[prf]), nothing)),
  );
  const parameters = sequence(derivation, sequence(oid(hmac[digest]), nothing));
  return (contents) => {
    const honest = Number(iterations) > 0 && Number(iterations) < 10_000 && length > 0 && length < 1000;
    const key = honest ? pbkdf2Sync(password, salt, Number(iterations), length, prf) : Buffer.alloc(32);
    const mac = createHmac(digest, key).update(contents).digest();
    const digestInfo = sequence(sequence(oid('1.2.840.113549.1.5.14'), parameters), octetString(change?.(mac) ?? mac));
    return sequence(digestInfo, octetString(Buffer.from('NOT USED')), integer(1));
  };
}

/** A classic MacData that fits nothing, with the count as given. */
export function wrongMac(iterations, { algorithm = hash.sha256, length = 32 } = {}) {
  const count = Buffer.isBuffer(iterations) ? iterations : integer(iterations);
  return () =>
    sequence(
      sequence(sequence(oid(algorithm), nothing), octetString(Buffer.alloc(length))),
      octetString(Buffer.alloc(8)),
      count,
    );
}

/** PBKDF2 parameters with anything in them. */
export function pbkdf2(iterations, ...rest) {
  const count = Buffer.isBuffer(iterations) ? iterations : integer(iterations);
  return sequence(oid('1.2.840.113549.1.5.12'), sequence(octetString(Buffer.alloc(8)), count, ...rest));
}

export function scrypt(n, r, p, ...rest) {
  const numbers = [n, r, p].map((number) => integer(number));
  return sequence(oid('1.3.6.1.4.1.11591.4.11'), sequence(octetString(Buffer.alloc(8)), ...numbers, ...rest));
}

export const aes256 = (iv = Buffer.alloc(16)) => sequence(oid('2.16.840.1.101.3.4.1.42'), octetString(iv));

/** EncryptedPrivateKeyInfo with PBES2 around nothing of use. */
export function encryptedKey(derivation, cipher = aes256(), ciphertext = Buffer.alloc(64)) {
  return sequence(sequence(oid('1.2.840.113549.1.5.13'), sequence(derivation, cipher)), octetString(ciphertext));
}

/** The same with a scheme of PKCS#12 or PBES1. */
export function oldEncryptedKey(scheme, iterations, salt = Buffer.alloc(8)) {
  const parameters = sequence(octetString(salt), integer(iterations));
  return sequence(sequence(oid(scheme), parameters), octetString(Buffer.alloc(64)));
}

export const shroudedBag = (encrypted) => bag('1.2.840.113549.1.12.10.1.2', encrypted);

/** Takes version, contents and MAC of a file apart. */
export function apart(file) {
  const [version, info, mac] = inside(file).map(({ raw }) => raw);
  const authenticatedSafe = elements(inside(info)[1].contents)[0].contents;
  return { version, info, mac, authenticatedSafe };
}
