import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeGeneralNames, readGeneralNames } from '../../src/certificate/subject-alternative-name.ts';
import { DerReader } from '../../src/lib/der/reader.ts';

const roundTrip = (names: readonly string[]): readonly string[] =>
  readGeneralNames(new DerReader(encodeGeneralNames(names)));

describe('encodeGeneralNames', () => {
  it('reads back whatever it writes', () => {
    const name = fc.oneof(
      fc.domain().map((domain) => `dns:${domain}`),
      fc.domain().map((domain) => `dns:*.${domain}`),
      fc.webUrl({ withQueryParameters: true, withFragments: true }).map((url) => `uri:${url}`),
      fc.emailAddress().map((address) => `email:${address}`),
      fc.ipV4().map((address) => `ip:${address}`),
    );
    fc.assert(
      fc.property(fc.array(name), (names) => {
        expect(roundTrip(names)).toEqual(names);
      }),
    );
  });

  it('writes every form of an IPv6 address as the same sixteen octets', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
        const full = groups.map((group) => group.toString(16).padStart(4, '0')).join(':');
        const [printed = ''] = roundTrip([`ip:${full}`]);
        expect(roundTrip([printed])).toEqual([printed]);
        expect(encodeGeneralNames([printed])).toEqual(encodeGeneralNames([`ip:${full}`]));
      }),
    );
    expect(roundTrip(['ip:2001:DB8:0:0:0:0:0:1', 'ip:::', 'ip:1::', 'ip:::ffff:192.0.2.1'])).toEqual([
      'ip:2001:db8::1',
      'ip:::',
      'ip:1::',
      'ip:::ffff:c000:201',
    ]);
  });

  it.each([
    ['DNS:A.example', 'dns:A.example'],
    ['dns:münchen.example', 'dns:xn--mnchen-3ya.example'],
    ['dns:_service.example', 'dns:_service.example'],
    ['URI:urn:contoso:daemon', 'uri:urn:contoso:daemon'],
  ])('takes %s', (written, expected) => {
    expect(roundTrip([written])).toEqual([expected]);
  });

  it.each([
    ['daemon.example', 'does not say its kind'],
    ['dns:', 'does not say its kind'],
    ['upn:user@contoso.example', 'does not say its kind'],
    ['dns:a b', 'is no host name'],
    ['dns:a..b', 'is no host name'],
    ['dns:-a', 'is no host name'],
    ['dns:a,dns:b', 'is no host name'],
    ['uri:no-scheme', 'is no absolute URI in ASCII'],
    ['uri:https://ü', 'is no absolute URI in ASCII'],
    ['email:nobody', 'is no e-mail address in ASCII'],
    ['email:a@b@c', 'is no e-mail address in ASCII'],
    ['ip:256.1.1.1', 'is no IP address'],
    ['ip:1.2.3', 'is no IP address'],
    ['ip::::', 'is no IP address'],
    ['ip:[::1]', 'is no IP address'],
  ])('refuses %s: it %s', (written, what) => {
    expect(() => encodeGeneralNames([written])).toThrow(
      expect.objectContaining({ code: 'USAGE', message: `read subject alternative name: "${written}" ${what}` }),
    );
  });
});
