import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { misreadThumbprint } from '../../src/checks/misread-thumbprint.ts';

const sha1 = createHash('sha1').update('certificate').digest();
const sha256 = createHash('sha256').update('certificate').digest();
const base64Url = (text: string): string => Buffer.from(text).toString('base64url');
const withColons = (bytes: Buffer): string =>
  bytes
    .toString('hex')
    .toUpperCase()
    .replace(/(..)(?!$)/g, '$1:');

it.each([
  [{ x5t: sha1.toString('base64url') }, undefined],
  [{ 'x5t#S256': sha256.toString('base64') }, undefined],
  [{ kid: 'anything' }, undefined],
  [{ x5t: sha1.toString('hex') }, 'x5t is a SHA-1 thumbprint in hexadecimal, not the base64url of its bytes'],
  [{ x5t: withColons(sha1) }, 'x5t is a SHA-1 thumbprint in hexadecimal, not the base64url of its bytes'],
  [
    { 'x5t#S256': withColons(sha256) },
    'x5t#S256 is a SHA-256 thumbprint in hexadecimal, not the base64url of its bytes',
  ],
  [{ x5t: base64Url(sha1.toString('hex')) }, 'x5t encodes the hexadecimal text of a SHA-1 thumbprint, not its bytes'],
  [
    { 'x5t#S256': base64Url(sha256.toString('hex')) },
    'x5t#S256 encodes the hexadecimal text of a SHA-256 thumbprint, not its bytes',
  ],
  [
    { x5t: sha256.toString('base64url') },
    'x5t has 32 bytes instead of 20: a SHA-256 thumbprint, which belongs under x5t#S256',
  ],
  [
    { 'x5t#S256': sha1.toString('base64url') },
    'x5t#S256 has 20 bytes instead of 32: a SHA-1 thumbprint, which belongs under x5t',
  ],
  [{ x5t: 'AAAA' }, 'x5t has 3 bytes instead of 20'],
  [{ x5t: '?' }, 'x5t is not base64url'],
  [{ x5t: 7 }, 'x5t is not a text'],
])('misreadThumbprint says of %o: %s', (header, said) => {
  expect(misreadThumbprint(header)).toBe(said);
});
