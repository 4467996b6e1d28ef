import { DerReader } from '../lib/der/reader.ts';
import { contextTag, Tag } from '../lib/der/tag.ts';
import type { Bytes } from '../lib/text-encoding.ts';
import type { Collector } from './collector.ts';

/** The certificates of a `.p7b` file: SignedData (RFC 5652 §5.1) that signs nothing. */
export function readCertificateBundle(der: Bytes, collector: Collector): void {
  const outer = new DerReader(der);
  const info = outer.sequence();
  outer.end();
  info.oid();
  const content = info.explicit(0);
  const signedData = content.sequence();
  signedData.smallInteger();
  signedData.set();
  signedData.sequence();
  const certificates = signedData.optionalExplicit(0);
  while (certificates !== undefined && !certificates.atEnd) {
    const { tag, raw } = certificates.element();
    // [1] and above are attribute certificates and other formats of old.
    if (tag === Tag.sequence) collector.addCertificate(raw);
    else collector.skip('a certificate of another kind than X.509');
  }
  if (signedData.optional(contextTag(1, true)) !== undefined) collector.skip('a certificate revocation list');
}
