import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Codec } from '../../src/lib/codec.ts';
import { codec as webCodec } from '../../src/lib/web-codec.ts';
import { codec as nodeCodec } from '../../src/node/codec.ts';

const codecs: Record<string, Codec> = { 'web codec': webCodec, 'node codec': nodeCodec };

/** Of any length, as windows on larger buffers, which must not show. */
const bytes = fc
  .uint8Array({ maxLength: 300 })
  .map((value) => new Uint8Array([255, ...value, 255]).subarray(1, value.length + 1));

describe.each(Object.entries(codecs))('%s', (_, codec) => {
  it('writes hexadecimal, base64 and base64url as OpenSSL and Buffer do', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const buffer = Buffer.from(value);
        expect(codec.toHex(value)).toBe(buffer.toString('hex').toUpperCase());
        expect(codec.toBase64(value)).toBe(buffer.toString('base64'));
        expect(codec.toBase64Url(value)).toBe(buffer.toString('base64url'));
      }),
    );
  });

  it('reads base64 and base64url without padding, into memory that nobody else has', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        for (const digits of [codec.toBase64(value).replaceAll('=', ''), codec.toBase64Url(value)]) {
          const read = codec.fromBase64(digits);
          expect(read).toEqual(new Uint8Array(value));
          expect(read.buffer.byteLength).toBe(read.length);
        }
      }),
    );
  });

  it('reads UTF-8 as the Encoding Standard does, whatever the bytes are', () => {
    const lead = fc.constantFrom([], [0xef, 0xbb, 0xbf], [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf]);
    const text = fc.string({ unit: 'binary' }).map((value) => new TextEncoder().encode(value));
    fc.assert(
      fc.property(lead, fc.oneof(bytes, text), (mark, value) => {
        const all = new Uint8Array([...mark, ...value]);
        expect(codec.fromUtf8(all)).toBe(new TextDecoder().decode(all));
      }),
      { numRuns: 500 },
    );
  });
});

it('the node codec leaves nothing of what it decodes in the memory that small Buffers share', () => {
  const secret = crypto.getRandomValues(new Uint8Array(64));
  const decoded = nodeCodec.fromBase64(nodeCodec.toBase64Url(secret));
  expect(decoded).toEqual(secret);
  const shared = Buffer.from(Buffer.from('a small text').buffer);
  expect(shared.length).toBeGreaterThan(secret.length);
  expect(shared.includes(Buffer.from(secret.buffer))).toBe(false);
});
