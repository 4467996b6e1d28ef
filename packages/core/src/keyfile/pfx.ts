import { CertgrantError } from '../errors.ts';
import { DerError } from '../lib/der/der-error.ts';
import { DerReader } from '../lib/der/reader.ts';
import { contextTag } from '../lib/der/tag.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import { readAlgorithmIdentifier } from './algorithm-identifier.ts';
import type { Collector } from './collector.ts';
import { Oid } from './object-identifiers.ts';
import type { Opening } from './opening.ts';
import { decryptWithPassword } from './password-encryption.ts';
import { readSafeContents } from './pfx-bags.ts';
import { verifyMac } from './pfx-mac.ts';

/**
 * Reads a PKCS#12 file (RFC 7292 §4): DER, or the BER that NSS, Java and macOS write.
 *
 * The MAC is checked before anything inside is looked at: it tells a wrong password from a damaged file.
 *
 * @throws {DerError} when it is damaged
 */
export async function readPfx(file: Bytes, opening: Opening, collector: Collector): Promise<void> {
  const outer = new DerReader(file);
  const pfx = outer.sequence();
  outer.end();
  const version = pfx.smallInteger();
  if (version !== 3) throw new DerError(`a PFX of version ${version}, where only version 3 exists`);
  const { type, content } = readContentInfo(pfx);
  if (type === Oid.signedData) throw publicKeyMode('it is sealed with a signature');
  if (type !== Oid.data || content === undefined) throw new DerError('no contents where a PFX has them');
  const authenticatedSafe = content.octetString();
  content.end();
  const passwords = pfx.atEnd ? opening.passwords : await verifyMac(pfx.sequence(), authenticatedSafe, opening);
  pfx.end();

  await readSafes(new DerReader(authenticatedSafe).sequence(), { ...opening, passwords }, collector);
}

/**
 * The parts of the file, all of them at once: keys and certificates stand in different ones as a rule, each encrypted with
 * a key of its own, and to derive those keys is most of the work.
 */
async function readSafes(safes: DerReader, opening: Opening, collector: Collector): Promise<void> {
  const parts: ContentInfo[] = [];
  while (!safes.atEnd) parts.push(readContentInfo(safes));
  const outcomes = await Promise.allSettled(parts.map((part) => readSafe(part, opening, collector.another())));
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') throw outcome.reason;
    collector.addAll(outcome.value);
  }
}

interface ContentInfo {
  readonly type: string;
  readonly content: DerReader | undefined;
}

function readContentInfo(reader: DerReader): ContentInfo {
  const info = reader.sequence();
  const type = info.oid();
  const content = info.optionalExplicit(0);
  info.end();
  return { type, content };
}

/** @returns what was given, with what was found in it */
async function readSafe({ type, content }: ContentInfo, opening: Opening, collector: Collector): Promise<Collector> {
  if (type === Oid.envelopedData) throw publicKeyMode('it is encrypted to a public key');
  if (content === undefined) throw new DerError('a part of the file has no contents');
  if (type === Oid.data) {
    const safe = content.octetString();
    content.end();
    await readSafeContents(new DerReader(safe), opening, collector);
  } else if (type === Oid.encryptedData) {
    await readEncryptedData(content, opening, collector);
  } else {
    throw new DerError(`a part of the file is of the unknown type ${type}`);
  }
  return collector;
}

/** EncryptedData (RFC 5652 §8) with SafeContents inside. */
async function readEncryptedData(content: DerReader, opening: Opening, collector: Collector): Promise<void> {
  const encryptedData = content.sequence();
  content.end();
  encryptedData.smallInteger();
  const info = encryptedData.sequence();
  if (info.oid() !== Oid.data) throw new DerError('an encrypted part holds something other than data');
  const identifier = readAlgorithmIdentifier(info);
  const ciphertext = info.octets(contextTag(0, false));
  info.end();
  const plaintext = await decryptWithPassword(
    { identifier, ciphertext },
    opening.passwords,
    opening.cost,
    wholeSequence,
  );
  await readSafeContents(new DerReader(plaintext), opening, collector);
}

/** A single SEQUENCE and nothing after it: what a right password brings to light. */
function wholeSequence(plaintext: Bytes): Bytes {
  const reader = new DerReader(plaintext);
  const elements = reader.sequence();
  reader.end();
  while (!elements.atEnd) elements.element();
  return plaintext;
}

function publicKeyMode(what: string): CertgrantError {
  return new CertgrantError('FORMAT_UNSUPPORTED', `open PKCS#12 file: ${what}, not with a password`, {
    fix: 'Export the file again, protected by a password',
  });
}
