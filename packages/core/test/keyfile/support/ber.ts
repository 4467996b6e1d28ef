/**
 * Writes DER anew as BER: every SEQUENCE and tagged element with indefinite length, every OCTET STRING in segments, as
 * NSS, Java and macOS do.
 */
export function toBer(der: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let position = 0; position < der.length; ) {
    const tag = der[position] ?? 0;
    const { start, end } = contentsOf(der, position);
    const contents = der.subarray(start, end);
    if ((tag & 0x20) !== 0) parts.push(indefinite(tag, toBer(contents)));
    else if (tag === 0x04 || tag === 0x80) parts.push(indefinite(tag | 0x20, segments(contents)));
    else parts.push(der.subarray(position, end));
    position = end;
  }
  return Buffer.concat(parts);
}

function contentsOf(der: Uint8Array, position: number): { start: number; end: number } {
  const first = der[position + 1] ?? 0;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const start = position + 2 + octets;
  const length = octets === 0 ? first : Buffer.from(der).readUIntBE(position + 2, octets);
  return { start, end: start + length };
}

function indefinite(tag: number, contents: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([tag, 0x80]), contents, Buffer.alloc(2)]);
}

function segments(contents: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < contents.length; start += 100) {
    const segment = contents.subarray(start, start + 100);
    parts.push(Buffer.from([0x04, segment.length]), segment);
  }
  return Buffer.concat(parts);
}
