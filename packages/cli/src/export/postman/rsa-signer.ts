/**
 * RSA signatures for a sandbox that has no cryptography but crypto-js and BigInt: newman 6's. Where there is Web Crypto it
 * makes the signature. Either way the signature is checked with the public exponent before it is handed out, so a damaged
 * key or a fault in the arithmetic ends the run instead of sending something wrong.
 *
 * It is part of the pre-request script, and a function body of its own for the tests: `readPrivateKey(pem)`,
 * `sign(key, alg, text)`. Bytes are hexadecimal texts in it. Sources: RFC 8017 (RSA), RFC 5958 and RFC 8017 A.1.2 (the key),
 * X.690 (DER).
 */
export const rsaSigner = String.raw`// ---- RSA. Bytes are hexadecimal texts here; what fails throws an Error that says what to do.

const cryptoJs = require('crypto-js');
const fromHex = (hex) => cryptoJs.enc.Hex.parse(hex);
const sha256 = (hex) => cryptoJs.SHA256(fromHex(hex)).toString();
const sha1 = (hex) => cryptoJs.SHA1(fromHex(hex)).toString();
const utf8 = (text) => cryptoJs.enc.Utf8.parse(text).toString();
const number = (hex) => BigInt('0x' + (hex || '0'));
const hexOf = (value, bytes) => value.toString(16).padStart(2 * bytes, '0');
const base64url = (hex) =>
  cryptoJs.enc.Base64.stringify(fromHex(hex)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/** The DER elements that stand one after the other in a text of hexadecimal digits. */
function elements(hex) {
  const found = [];
  for (let at = 0; at < hex.length; ) {
    let start = at + 4;
    let length = parseInt(hex.slice(at + 2, start), 16);
    if (length > 127) {
      const digits = 2 * (length - 128);
      length = parseInt(hex.slice(start, start + digits), 16);
      start += digits;
    }
    const end = start + 2 * length;
    if (!(end <= hex.length)) throw new Error('it is damaged or cut off: copy it again, from BEGIN to END');
    found.push({ tag: hex.slice(at, at + 2), contents: hex.slice(start, end), whole: hex.slice(at, end) });
    at = end;
  }
  return found;
}

/** The bytes of the first PEM block with one of these labels. Line breaks may be missing or written as \n. */
function readPem(text, labels) {
  const blocks = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;
  const clean = String(text).replace(/\\r/g, '').replace(/\\n/g, '\n');
  const seen = [];
  for (let block = blocks.exec(clean); block !== null; block = blocks.exec(clean)) {
    const [, label, body] = block;
    if (label.includes('ENCRYPTED') || /Proc-Type:.*ENCRYPTED/.test(body)) {
      throw new Error('it is encrypted, and this script asks for no password: certgrant cert convert KEY --to pem --out FILE writes it without one');
    }
    seen.push(label);
    if (!labels.includes(label)) continue;
    const base64 = body.replace(/\s+/g, '');
    if (base64 === '' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
      throw new Error('its base64 is damaged or cut off: copy it again, from BEGIN to END');
    }
    return { label, der: cryptoJs.enc.Base64.parse(base64).toString() };
  }
  if (seen.some((label) => label.startsWith('EC '))) throw new Error('it is an EC key, and Entra ID takes RSA keys only');
  throw new Error('there is no PEM block -----BEGIN ' + labels[0] + '----- that ends as it begins');
}

/** The numbers of an RSA key in PKCS#8 (PRIVATE KEY) or PKCS#1 (RSA PRIVATE KEY). */
function readPrivateKey(pem) {
  const { label, der } = readPem(pem, ['PRIVATE KEY', 'RSA PRIVATE KEY']);
  const damaged = () => new Error('it is damaged: copy it again, from BEGIN to END');
  const sequence = (hex) => {
    const [outer, ...rest] = elements(hex);
    if (outer === undefined || outer.tag !== '30' || rest.length > 0) throw damaged();
    return elements(outer.contents);
  };
  let pkcs1 = der;
  if (label === 'PRIVATE KEY') {
    const [, algorithm, key] = sequence(der);
    if (algorithm === undefined || key === undefined || key.tag !== '04') throw damaged();
    const [identifier] = elements(algorithm.contents);
    // 1.2.840.113549.1.1.1 is rsaEncryption, 1.2.840.10045.2.1 is an EC key.
    if (identifier !== undefined && identifier.contents === '2a8648ce3d0201') {
      throw new Error('it is an EC key, and Entra ID takes RSA keys only');
    }
    if (identifier === undefined || identifier.contents !== '2a864886f70d010101') throw new Error('it is not an RSA key');
    pkcs1 = key.contents;
  }
  const parts = sequence(pkcs1);
  if (parts.length !== 9 || parts.some(({ tag }) => tag !== '02')) throw damaged();
  const [, n, e, d, p, q, dp, dq, qInverse] = parts.map(({ contents }) => number(contents));
  if (p * q !== n || n < 2n ** 2047n || e < 3n || e >= 2n ** 64n) {
    throw p * q === n && e >= 3n && n < 2n ** 2047n ? new Error('it has less than 2048 bits') : damaged();
  }
  return { n, e, d, p, q, dp, dq, qInverse, pkcs1, publicKey: parts[1].whole + parts[2].whole, bits: n.toString(2).length };
}

function power(base, exponent, modulus) {
  let result = 1n;
  let square = base % modulus;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** EMSA-PKCS1-v1_5 with SHA-256 (RFC 8017 section 9.2). */
function pkcs1Encoding(hash, bits) {
  const info = '3031300d060960864801650304020105000420' + hash;
  return '0001' + 'ff'.repeat(Math.ceil(bits / 8) - 3 - info.length / 2) + '00' + info;
}

/** EMSA-PSS with SHA-256, MGF1 and a salt of 32 bytes (RFC 8017 section 9.1.1). */
function pssEncoding(hash, salt, bits) {
  const length = Math.ceil((bits - 1) / 8);
  const h = sha256('00'.repeat(8) + hash + salt);
  let mask = '';
  for (let counter = 0; mask.length < 2 * (length - 33); counter++) mask += sha256(h + hexOf(BigInt(counter), 4));
  const masked = number('01' + salt) ^ number(mask.slice(0, 2 * (length - 33)));
  return hexOf(masked & ((1n << BigInt(bits - 1 - 8 * 33)) - 1n), length - 33) + h + 'bc';
}

/** By the Chinese remainder theorem (RFC 8017 section 5.1.2). Not in constant time: for one's own machine or CI agent. */
function rsaByBigInt(key, alg, input) {
  const hash = sha256(input);
  // No secure random numbers here. A salt derived from the key and the input is as good (RFC 8017 section 9.1, note 4).
  const salt = cryptoJs.HmacSHA256(fromHex(hash), fromHex(hexOf(key.d, 512))).toString();
  const message = number(alg === 'PS256' ? pssEncoding(hash, salt, key.bits) : pkcs1Encoding(hash, key.bits));
  const [m1, m2] = [power(message, key.dp, key.p), power(message, key.dq, key.q)];
  const h = (((m1 - m2) * key.qInverse) % key.p + key.p) % key.p;
  return hexOf(m2 + h * key.q, Math.ceil(key.bits / 8));
}

async function rsaByWebCrypto(key, alg, input) {
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
  const der = (tag, contents) => {
    const length = contents.length / 2;
    const size = length.toString(16).padStart(length > 255 ? 4 : 2, '0');
    return tag + (length < 128 ? '' : hexOf(BigInt(128 + size.length / 2), 1)) + size + contents;
  };
  const pkcs8 = der('30', '020100' + '300d06092a864886f70d0101010500' + der('04', key.pkcs1));
  const algorithm = { name: alg === 'PS256' ? 'RSA-PSS' : 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', saltLength: 32 };
  const imported = await crypto.subtle.importKey('pkcs8', bytes(pkcs8), algorithm, false, ['sign']);
  const signature = new Uint8Array(await crypto.subtle.sign(algorithm, imported, bytes(input)));
  return Array.from(signature, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether the public key finds in the signature what was to be signed. */
function isRight(key, alg, input, signature) {
  const bytes = Math.ceil(key.bits / 8);
  const value = number(signature);
  if (signature.length !== 2 * bytes || value >= key.n) return false;
  const encoded = hexOf(power(value, key.e, key.n), bytes);
  if (alg === 'RS256') return encoded === pkcs1Encoding(sha256(input), key.bits);
  const length = Math.ceil((key.bits - 1) / 8);
  const [masked, h] = [encoded.slice(-2 * length, -66), encoded.slice(-66, -2)];
  let mask = '';
  for (let counter = 0; mask.length < masked.length; counter++) mask += sha256(h + hexOf(BigInt(counter), 4));
  const salt = hexOf(number(masked) ^ number(mask.slice(0, masked.length)), masked.length / 2).slice(-64);
  return number(encoded) === number(pssEncoding(sha256(input), salt, key.bits));
}

/** The signature of a text in base64url. It is checked before anybody gets it. */
async function sign(key, alg, text) {
  const input = utf8(text);
  const hasWebCrypto = typeof crypto !== 'undefined' && crypto.subtle !== undefined;
  let signature = '';
  try {
    signature = await (hasWebCrypto ? rsaByWebCrypto : rsaByBigInt)(key, alg, input);
  } catch (thrown) {
    // The reason of the engine says no more; it is told below.
  }
  if (!isRight(key, alg, input, signature)) throw new Error('it is damaged: its signature does not fit its public key');
  return base64url(signature);
}
`;
