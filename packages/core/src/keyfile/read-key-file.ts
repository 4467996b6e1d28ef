import { CertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';
import { DerReader } from '../lib/der/reader.ts';
import { type Bytes, fromBase64, utf8 } from '../lib/text-encoding.ts';
import { type CollectedContents, Collector } from './collector.ts';
import { derShape } from './der-shape.ts';
import { DerivationCost } from './derivation-cost.ts';
import { foreignBinary, foreignFormat, foreignLabel, foreignText } from './foreign-format.ts';
import type { KeyFileContents } from './key-file-contents.ts';
import { malformed } from './malformed.ts';
import type { Opening, Unwrap } from './opening.ts';
import { passwordForms } from './passwords.ts';
import { type PemBlock, readPem } from './pem.ts';
import { decodeText } from './text.ts';

/** How to open a key file. */
export interface ReadKeyFileOptions {
  /** Not needed for a file without encryption. */
  readonly password?: string | undefined;
  /** Go beyond a million iterations of a key derivation, which may take minutes. */
  readonly allowCostly?: boolean | undefined;
}

/** Honest key files stay far under it. */
const longestFile = 4 * 1024 * 1024;

/**
 * Reads a key file of any kind, recognised by its contents: PKCS#12 (PFX), PEM, DER, JWK, each also as base64 text.
 *
 * @param bytes the file as it is
 * @returns all private keys and certificates in it
 * @throws {CertgrantError} `FORMAT_UNKNOWN`, `FORMAT_UNSUPPORTED`, `FORMAT_MALFORMED`, `PASSWORD_REQUIRED`,
 * `PASSWORD_WRONG`, `KEY_DERIVATION_TOO_COSTLY`, `FILE_EMPTY`, `FILE_TOO_LARGE`
 * @example
 * const { privateKeys, certificates } = await readKeyFile(await readFile('daemon.pfx'), { password });
 */
export async function readKeyFile(bytes: Uint8Array, options: ReadKeyFileOptions = {}): Promise<KeyFileContents> {
  const { unwrappedKeys: _, ...contents } = await readContents(bytes, options);
  return contents;
}

/** The same; with `unwrap`, private keys go into the runtime undecrypted as far as it takes them so. */
export async function readContents(
  bytes: Uint8Array,
  options: ReadKeyFileOptions,
  unwrap?: Unwrap,
): Promise<CollectedContents> {
  requireReasonableSize(bytes);
  const opening: Opening = {
    passwords: passwordForms(options.password),
    cost: new DerivationCost(options.allowCostly ?? false),
    unwrap,
  };
  try {
    // A copy: a Buffer may lie in memory that others use.
    return await readAny(new Uint8Array(bytes), opening, 2);
  } catch (thrown) {
    throw malformed('read key file', 'the file', thrown);
  }
}

function requireReasonableSize({ length }: Uint8Array): void {
  if (length === 0) {
    throw new CertgrantError('FILE_EMPTY', 'read key file: the file is empty', {
      fix: 'Export or download the file again',
    });
  }
  if (length > longestFile) {
    throw new CertgrantError('FILE_TOO_LARGE', 'read key file: the file has more than 4 MB', {
      fix: 'Give a PFX, PEM, DER or JWK file; those have some kilobytes',
    });
  }
}

/** @param wrappings how many layers of base64 may be around the file */
async function readAny(file: Bytes, opening: Opening, wrappings: number): Promise<CollectedContents> {
  if (derShape(file) !== 'unknown') return readDer(file, opening);
  const foreignOctets = foreignBinary(file);
  if (foreignOctets !== undefined) throw foreignFormat(foreignOctets);
  const text = decodeText(file);
  if (text === undefined) throw unknownBinary(file);
  if (text.includes('-----BEGIN ')) return readPemText(text, opening);
  const json = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  if (json !== undefined) {
    const secret = wrappings > 0 ? secretValue(json) : undefined;
    if (secret !== undefined) return readAny(utf8(secret), opening, wrappings - 1);
    const collector = new Collector();
    const { readJwks } = await import('./jwk.ts');
    await readJwks(json, collector);
    return collector.contents('jwk');
  }
  const foreign = foreignText(text);
  if (foreign !== undefined) throw foreignFormat(foreign);
  const unwrapped = wrappings > 0 ? unwrapBase64(text) : undefined;
  if (unwrapped !== undefined) return readAny(unwrapped, opening, wrappings - 1);
  throw unknown('it is a text, but neither PEM nor JWK nor base64');
}

/** Base64 as it comes out of secret stores: in lines or not, quoted or not. */
function unwrapBase64(text: string): Bytes | undefined {
  const digits = text.replaceAll(/\\[nr]|["'\s\ufeff]/g, '');
  return digits.length < 24 ? undefined : fromBase64(digits);
}

/** Azure Key Vault's answer for a secret: a PEM, or a PFX in base64, is its `value`. */
function secretValue(json: unknown): string | undefined {
  const isObject = typeof json === 'object' && json !== null;
  return isObject && 'value' in json && typeof json.value === 'string' ? json.value : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CertgrantError('FORMAT_MALFORMED', 'read key file: it begins like JSON and is not', {
      fix: 'Copy the whole file again',
    });
  }
}

function unknownBinary(file: Bytes): CertgrantError {
  // What begins like DER and is cut short is a damaged key file: let the reader say where.
  if (file[0] === 0x30) new DerReader(file).sequence();
  return unknown('its contents are those of no key file');
}

function unknown(what: string): CertgrantError {
  return new CertgrantError('FORMAT_UNKNOWN', `read key file: ${what}`, {
    fix: 'Give a PFX, PEM, DER or JWK file with a private key or a certificate',
  });
}

async function readDer(file: Bytes, opening: Opening): Promise<CollectedContents> {
  const reader = new DerReader(file);
  const { raw } = reader.element();
  // Copies through text editors and blob stores gain a line break or are filled up with zeros.
  if (reader.rest.some((octet) => octet !== 0 && octet !== 0x0a && octet !== 0x0d)) {
    throw new DerError('unexpected data after its end');
  }
  const collector = new Collector();
  await readStructure(raw, opening, collector);
  return collector.contents(derShape(raw) === 'pfx' ? 'pfx' : 'der');
}

/** One structure, recognised by itself: labels of PEM blocks and names of files are often wrong. */
async function readStructure(
  der: Bytes,
  opening: Opening,
  collector: Collector,
  labels: { friendlyName?: string | undefined } = {},
): Promise<void> {
  switch (derShape(der)) {
    case 'pfx':
      return (await import('./pfx.ts')).readPfx(der, opening, collector);
    case 'private-key':
      return collector.addPrivateKey(der, labels);
    case 'encrypted-private-key': {
      const { readEncryptedPrivateKey } = await import('./encrypted-private-key.ts');
      return readEncryptedPrivateKey(der, opening, collector, labels);
    }
    case 'certificate':
      return collector.addCertificate(der, labels);
    case 'certificates':
      return (await import('./pkcs7.ts')).readCertificateBundle(der, collector);
    case 'public-key':
      return collector.skip('a public key');
    case 'certificate-request':
      return collector.skip('a certificate signing request');
    case 'revocation-list':
      return collector.skip('a certificate revocation list');
    case 'unknown':
      new DerReader(der).sequence();
      return collector.skip('a structure that is neither a key nor a certificate');
  }
}

async function readPemText(text: string, opening: Opening): Promise<CollectedContents> {
  const collector = new Collector();
  let pfx = false;
  const blocks = readPem(text);
  if (blocks.length === 0) throw unknown('it has a line "-----BEGIN" and no PEM block');
  for (const block of blocks) {
    if (derShape(block.der) === 'pfx') pfx = true;
    await readPemBlock(block, opening, collector);
  }
  return collector.contents(pfx ? 'pfx' : 'pem');
}

async function readPemBlock(block: PemBlock, opening: Opening, collector: Collector): Promise<void> {
  const { label, der, friendlyName } = block;
  const foreign = foreignLabel(label);
  if (foreign !== undefined) return collector.skip(foreign.what, foreign.fix);
  const labels = friendlyName === undefined ? {} : { friendlyName };
  if (block.encryption !== undefined) {
    const { decryptPem } = await import('./pem-encryption.ts');
    return decryptPem(der, block.encryption, opening, (key) => collector.addPrivateKey(key, labels));
  }
  // OpenSSL writes its trust settings after the certificate (openssl-x509(1), -trustout).
  const contents = label === 'TRUSTED CERTIFICATE' ? new DerReader(der).element().raw : der;
  return readStructure(contents, opening, collector, labels);
}
