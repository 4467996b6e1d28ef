import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBase64, fromHex, toBase64, toBase64Url, toBigInt, toHex } from '../../src/lib/text-encoding.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

it('toBase64, toBase64Url and toHex write what Buffer writes, for any bytes', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const buffer = Buffer.from(value);
      expect(toBase64(value)).toBe(buffer.toString('base64'));
      expect(toBase64Url(value)).toBe(buffer.toString('base64url'));
      expect(toHex(value)).toBe(buffer.toString('hex').toUpperCase());
    }),
  );
});

it('fromBase64 reads both alphabets, padded or not, and fromHex either case', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const padded = toBase64(value);
      const forms = [
        padded,
        padded.replaceAll('=', ''),
        toBase64Url(value),
        toBase64Url(value).padEnd(padded.length, '='),
      ];
      for (const form of forms) expect(fromBase64(form)).toEqual(value);
      for (const hex of [toHex(value), toHex(value).toLowerCase()]) expect(fromHex(hex)).toEqual(value);
    }),
  );
});

it.each(['a', 'ab=c', 'a b=', 'ab===', 'äö', 'ab!d'])('fromBase64 refuses %j', (text) => {
  expect(fromBase64(text)).toBeUndefined();
});

it('toBigInt reads an unsigned number of any length, also in a window on a larger buffer', () => {
  fc.assert(
    fc.property(bytes, (value) => {
      const window = new Uint8Array([255, ...value, 255]).subarray(1, value.length + 1);
      expect(toBigInt(window)).toBe(value.length === 0 ? 0n : BigInt(`0x${toHex(value)}`));
    }),
  );
});
