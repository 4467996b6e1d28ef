import type { DerReader } from '../lib/der/reader.ts';
import { Tag } from '../lib/der/tag.ts';
import { type Bytes, toHex } from '../lib/text-encoding.ts';
import type { Collector } from './collector.ts';
import { readEncryptedPrivateKey } from './encrypted-private-key.ts';
import type { FoundLabels } from './key-file-contents.ts';
import { Oid } from './object-identifiers.ts';
import type { Opening } from './opening.ts';

/** Reads SafeContents (RFC 7292 §4.2): keys and certificates in bags, each with its attributes. */
export async function readSafeContents(reader: DerReader, opening: Opening, collector: Collector): Promise<void> {
  const bags = reader.sequence();
  reader.end();
  while (!bags.atEnd) await readBag(bags.sequence(), opening, collector);
}

async function readBag(bag: DerReader, opening: Opening, collector: Collector): Promise<void> {
  const type = bag.oid();
  const value = bag.explicit(0);
  const labels = bag.atEnd ? {} : readAttributes(bag.set());
  bag.end();
  switch (type) {
    case Oid.keyBag:
      return collector.addPrivateKey(value.element().raw, labels);
    case Oid.shroudedKeyBag:
      return readEncryptedPrivateKey(value.element().raw, opening, collector, labels);
    case Oid.certificateBag:
      return readCertificateBag(value.sequence(), labels, collector);
    case Oid.safeContentsBag:
      return readSafeContents(value, opening, collector);
    default:
      collector.skip(otherBags[type] ?? `a bag of the unknown type ${type}`);
  }
}

const otherBags: Readonly<Record<string, string>> = {
  [Oid.revocationListBag]: 'a certificate revocation list',
  [Oid.secretBag]: 'a secret',
};

function readCertificateBag(bag: DerReader, labels: FoundLabels, collector: Collector): void {
  if (bag.oid() !== Oid.x509Certificate) {
    collector.skip('a certificate of another kind than X.509');
    return;
  }
  const value = bag.explicit(0);
  collector.addCertificate(value.octetString(), labels);
  value.end();
  bag.end();
}

/** The two attributes of RFC 2985 §5.5 that matter; Windows and Java add their own. */
function readAttributes(attributes: DerReader): FoundLabels {
  let friendlyName: string | undefined;
  let localKeyId: string | undefined;
  while (!attributes.atEnd) {
    const attribute = attributes.sequence();
    const type = attribute.oid();
    const values = attribute.set();
    if (values.atEnd) continue;
    if (type === Oid.friendlyName) friendlyName = readName(values);
    else if (type === Oid.localKeyId && values.nextTag === Tag.octetString) localKeyId = toHex(values.octetString());
  }
  return { friendlyName, localKeyId };
}

/** A BMPString; some tools write UTF-8. A name that is no text is no reason to refuse the file. */
function readName(reader: DerReader): string | undefined {
  const { tag, contents } = reader.element();
  if (tag === Tag.bmpString) return bmpText(contents);
  if (tag === Tag.utf8String || tag === Tag.printableString || tag === Tag.ia5String) {
    return new TextDecoder().decode(contents);
  }
  return undefined;
}

function bmpText(octets: Bytes): string {
  let text = '';
  for (let i = 0; i + 1 < octets.length; i += 2) {
    text += String.fromCharCode(((octets[i] as number) << 8) | (octets[i + 1] as number));
  }
  return text.replace(/\0+$/, '');
}
