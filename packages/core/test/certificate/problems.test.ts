import { type Certificate, certificateProblems, readCertificate } from '@certgrant/core';
import { afterAll, describe, expect, it } from 'vitest';
import { OpenSsl } from './openssl.ts';

const openssl = new OpenSsl();
afterAll(() => openssl.remove());

function certificateWith(...key: readonly string[]): Certificate {
  openssl.run(
    'req',
    '-x509',
    '-newkey',
    ...key,
    '-nodes',
    '-keyout',
    'k.pem',
    '-subj',
    '/CN=x',
    '-outform',
    'DER',
    '-out',
    'c.der',
  );
  return readCertificate(openssl.read('c.der'));
}

const rsa = certificateWith('rsa:2048');
const at = rsa.notBefore.getTime() + 1000;

describe('certificateProblems', () => {
  it('has nothing to say about an RSA certificate with its key, in its time', () => {
    expect(certificateProblems(rsa, { at, keyMatches: true })).toEqual([]);
    expect(certificateProblems(rsa, { at: rsa.notBefore.getTime(), keyMatches: true })).toEqual([]);
    expect(certificateProblems(rsa, { at: rsa.notAfter.getTime(), keyMatches: true })).toEqual([]);
  });

  it.each<[string, Certificate, { at?: number; keyMatches?: boolean | null }, RegExp]>([
    ['key-type', certificateWith('ec', '-pkeyopt', 'ec_paramgen_curve:P-256'), {}, /EC P-256.*AADSTS5002730/],
    ['key-type', certificateWith('ed25519'), {}, /Ed25519.*RSA/],
    ['key-size', certificateWith('rsa:1024'), {}, /1024 bits/],
    ['expired', rsa, { at: rsa.notAfter.getTime() + 1 }, /AADSTS700027/],
    ['not-yet-valid', rsa, { at: rsa.notBefore.getTime() - 1 }, /AADSTS700027/],
    ['no-private-key', rsa, { keyMatches: null }, /AADSTS7000218/],
    ['key-mismatch', rsa, { keyMatches: false }, /AADSTS700027/],
  ])('finds %s', (code, certificate, options, message) => {
    const problems = certificateProblems(certificate, {
      at: certificate.notBefore.getTime() + 1000,
      keyMatches: true,
      ...options,
    });
    expect(problems).toEqual([{ code, message: expect.stringMatching(message), fix: expect.stringMatching(/[^.]$/) }]);
  });
});
