import { describe, expect, test } from 'vitest';
import { safeToPaste } from '../../../src/node/doctor/safe-to-paste.ts';

const secret = { homes: ['/srv/anna'], names: ['contoso.com', 'my-client'] };

describe('safeToPaste', () => {
  test.each([
    ['a GUID', 'client 6731de76-14a6-49ae-97bc-6eba6914391e', 'client 6731de76…'],
    ['a domain', 'tenant contoso.com at x', 'tenant con… at x'],
    ['a domain in an address', 'https://login.example/contoso.com/v2.0', 'https://login.example/con…/v2.0'],
    ['a client that has a name', "application 'my-client' was", "application 'my-…' was"],
    ['the home folder', 'read /srv/anna/x.pem', 'read ~/x.pem'],
    ['a home folder on Linux', 'read /home/anna/x.pem', 'read ~/x.pem'],
    ['a home folder on macOS', 'read /Users/anna/x.pem', 'read ~/x.pem'],
    ['a home folder on Windows', String.raw`read C:\Users\anna\x.pem`, String.raw`read ~\x.pem`],
    ['credentials in a URL', 'http://anna:letmein@proxy:3128', 'http://***@proxy:3128'],
    ['a token', 'got eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln here', 'got [a JWT, masked] here'],
    ['a key in place of a file', 'read /x/-----BEGIN PRIVATE KEY-----\nMIIE', 'read /x/[PEM, masked]'],
    ['a PFX in place of a file', `read ${'MIIK'.repeat(40)}`, 'read [masked]'],
    ['what would steer a terminal', 'CN=a\u001b[2Jb', String.raw`CN=a\u001b[2Jb`],
    ['line breaks', 'one\r\ntwo', 'one two'],
  ])('takes out %s', (_, text, expected) => {
    expect(safeToPaste(text, secret)).toBe(expected);
  });

  test.each([
    'SHA-1 D2CA51EAF82E501CA5BE7E3C765E6774A731AB3F, x5t#S256 yqGs6sFsa8-PCp1yG54pjFU9mR6ZXbi8Fbt0e3ZgstE',
    'my-client-2 at sub.contoso.com.example',
    'AADSTS700027: see https://learn.microsoft.com/entra/identity-platform/certificate-credentials',
  ])('leaves %j as it is', (text) => {
    expect(safeToPaste(text, secret)).toBe(text);
  });
});
