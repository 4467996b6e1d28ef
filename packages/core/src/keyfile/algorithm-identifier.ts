import type { DerReader } from '../lib/der/reader.ts';
import { oid, sequence } from '../lib/der/writer.ts';
import type { Bytes } from '../lib/text-encoding.ts';

/** Object identifier and parameters (RFC 5280 §4.1.1.2). */
export interface AlgorithmIdentifier {
  readonly algorithm: string;
  /** The encoded parameters; empty where there are none. */
  readonly parameters: Bytes;
}

/** Reads the AlgorithmIdentifier that comes next. */
export function readAlgorithmIdentifier(reader: DerReader): AlgorithmIdentifier {
  const inner = reader.sequence();
  const algorithm = inner.oid();
  const parameters = inner.atEnd ? (new Uint8Array() as Bytes) : inner.element().raw;
  inner.end();
  return { algorithm, parameters };
}

export function writeAlgorithmIdentifier(algorithm: string, parameters: Uint8Array): Bytes {
  return sequence(oid(algorithm), parameters);
}
