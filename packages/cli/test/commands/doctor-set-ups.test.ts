import { join } from 'node:path';
import type { CheckResult } from '@certgrant/core/node';
import { describe, expect, test } from 'vitest';
import { httpServer, tcpServer } from '../support/bad-server.ts';
import { password } from '../support/credentials.ts';
import {
  answering,
  apps,
  at,
  behind,
  behindTls,
  busy,
  closedPort,
  daemon,
  expectReport,
  files,
  folder,
  hour,
  https,
  impatient,
  issuedBy,
  nobody,
  pemText,
  run,
  type SetUp,
  secured,
  server,
  shifted,
  throughWith,
  unreadable,
  withPassword,
  write,
} from '../support/doctor.ts';
import { refuseWith } from '../support/proxy.ts';

/** Set-ups that are broken in one place, real in every other: the first check that fails must name that place. */

type Row = readonly [name: string, check: CheckResult['id'], says: RegExp, setUp: () => SetUp | Promise<SetUp>];

/** People put the key itself into the variable. */
const inPlaceOfPath = (): SetUp => ({
  options: { cert: undefined },
  env: { AZURE_CLIENT_CERTIFICATE_PATH: pemText() },
});

const beforeTheWire: readonly Row[] = [
  ['no tenant', 'settings', /tenant: none is given/, () => ({ options: { tenant: undefined } })],
  ['a tenant that is none', 'settings', /neither a GUID/, () => ({ options: { tenant: 'not a tenant' } })],
  ['a name in place of the client id', 'settings', /not a GUID/, () => ({ options: { 'client-id': 'my-daemon' } })],
  ['a single permission as scope', 'settings', /\.default/, () => ({ options: { scope: 'User.Read.All' } })],
  ['a clock that was never set', 'clock', /1970-01-01/, () => ({ platform: { now: () => 0 } })],
  ['a path with nothing there', 'file', /no such file/, () => ({ options: { cert: join(folder, 'nowhere.pem') } })],
  ['a folder', 'file', /it is a folder/, () => ({ options: { cert: folder } })],
  ['a file of another user', 'file', /permission denied/, () => ({ ...unreadable(), asUser: true })],
  ['an empty file', 'file', /it is empty/, () => ({ options: { cert: write('empty.pem', '') } })],
  ['the key itself in place of a file', 'file', /PEM, masked/, () => inPlaceOfPath()],
  ['no file at all', 'file', /none is given/, () => ({ options: { cert: undefined } })],
  ['a variable that is not set', 'file', /KEY_PEM: it is not set/, () => ({ options: { cert: 'env:KEY_PEM' } })],
  ['a text', 'format', /read key file/, () => ({ options: { cert: write('notes.txt', 'remember the milk\n') } })],
  [
    'a PEM file that was cut',
    'format',
    /read PEM/,
    () => ({ options: { cert: write('cut.pem', pemText().slice(0, 900)) } }),
  ],
  ['a wrong password', 'password', /password/, () => withPassword('wrong password 1234')],
  ['a password that nobody gives', 'password', /none is given/, () => ({ options: { cert: files.pfx } })],
  [
    'a password file that is not there',
    'password',
    /no such file/,
    () => ({ options: { cert: files.pfx, 'password-file': join(folder, 'no-password') } }),
  ],
  ['a certificate without its key', 'key', /no private key/, () => ({ options: { cert: files.cer } })],
  ['a key without a certificate', 'key', /no certificate/, () => ({ options: { cert: files.key } })],
  [
    'the key of another certificate',
    'key',
    /not that of/,
    () => ({ options: { cert: files.cer, key: files.otherKey } }),
  ],
  ['a thumbprint that is not there', 'key', /thumbprint/, () => ({ options: { thumbprint: 'AB'.repeat(20) } })],
  [
    'an expired certificate',
    'validity',
    /expired/,
    async () => ({ options: { cert: await daemon('old', { until: -1 }) } }),
  ],
  [
    'a certificate of tomorrow',
    'validity',
    /valid only from/,
    async () => ({ options: { cert: await daemon('new', { from: 1 }) } }),
  ],
  ['an EC key', 'key-type', /EC P-256/, () => ({ options: { cert: files.ecPem } })],
  [
    'a key of 1024 bits',
    'key-type',
    /1024 bits/,
    async () => ({ options: { cert: await daemon('short', { key: 'RSA-1024' }) } }),
  ],
  [
    'a profile that excludes the algorithm',
    'header',
    /adfs signs with RS256/,
    () => ({ more: ['--profile', 'adfs', '--alg', 'PS256'] }),
  ],
];

const onTheWire: readonly Row[] = [
  [
    'a CA that is no certificate',
    'authorities',
    /no certificate of a CA in --ca ~\/ca\.txt/,
    () => ({ options: { ca: write('ca.txt', 'CA\n') } }),
  ],
  ['a CA that is not there', 'authorities', /no such file/, () => ({ options: { ca: join(folder, 'no-ca.pem') } })],
  [
    'a proxy without http:// in front',
    'proxy',
    /HTTPS_PROXY is not the URL/,
    () => ({ ...at('https://login.example'), env: { HTTPS_PROXY: 'proxy.corp:3128' } }),
  ],
  ['a host that there is not', 'dns', /login\.invalid was not found/, () => at('https://login.invalid')],
  [
    'a proxy that there is not',
    'dns',
    /the proxy proxy\.invalid was not found/,
    () => ({ ...at('https://login.example'), env: { HTTPS_PROXY: 'http://proxy.invalid:3128' } }),
  ],
  ['a port that is closed', 'tcp', /refuses connections/, () => at(closedPort)],
  [
    'a proxy whose port is closed',
    'tcp',
    /the proxy 127\.0\.0\.1:1 refuses/,
    () => ({ ...at('https://login.example'), env: { HTTPS_PROXY: 'http://127.0.0.1:1' } }),
  ],
  [
    'a proxy that refuses',
    'tunnel',
    /refuses to connect to login\.example:\d+ \(403\)/,
    () => behind(refuseWith('403 Forbidden')),
  ],
  ['a proxy that closes', 'tunnel', /closed the connection/, () => behind((client) => client.destroy())],
  [
    'a proxy that asks for a password',
    'tunnel',
    /asks for a user name and a password \(407: Negotiate\)/,
    () => behind(refuseWith('407 Proxy Authentication Required', 'Proxy-Authenticate: Negotiate\r\n')),
  ],
  [
    'a proxy whose certificate is not trusted',
    'tunnel',
    /the proxy 127\.0\.0\.1:\d+ is self-signed/,
    () => behindTls(false),
  ],
  [
    'a proxy whose password is not encoded',
    'proxy',
    /has a % that encodes nothing/,
    () => ({ ...at('https://login.example'), env: { HTTPS_PROXY: 'http://anna:let%mein@127.0.0.1:1' } }),
  ],
  ['a proxy that never answers', 'tunnel', /not done within 1 s/, async () => impatient(await behind(() => {}))],
  [
    'a server that never answers',
    'tls',
    /not done within 1 s/,
    async () => impatient(at(https(await tcpServer(() => {})))),
  ],
  ['a CA that is not trusted', 'tls', /CA that is not trusted/, () => ({ without: 'ca' })],
  [
    'NODE_EXTRA_CA_CERTS that is empty',
    'tls',
    /NODE_EXTRA_CA_CERTS names has no certificate/,
    () => ({ without: 'ca', env: { NODE_EXTRA_CA_CERTS: write('none.pem', '') } }),
  ],
  [
    'a server certificate that expired',
    'tls',
    /has expired/,
    async () => secured('expired', await server({ from: -9, until: -1 })),
  ],
  [
    'a server certificate of tomorrow',
    'tls',
    /not valid yet/,
    async () => secured('early', await server({ from: 1, until: 9 })),
  ],
  [
    'a server certificate for another name',
    'tls',
    /made for another host name; it shows .* for DNS:other\.example/,
    async () => secured('other', await server({ names: ['dns:other.example'] })),
  ],
  [
    'http on the port of https',
    'tls',
    /does not speak TLS/,
    async () => at(https(await httpServer(answering(200, 'text/plain', 'hello')))),
  ],
  [
    'a sign-in page in between',
    'discovery',
    /an HTML page/,
    async () => at(await httpServer(answering(200, 'text/html', '<html>'))),
  ],
  [
    'a redirect to a portal',
    'discovery',
    /redirects to https:\/\/portal\.example/,
    async () => at(await httpServer(answering(302, 'text/html', '', { location: 'https://portal.example/login' }))),
  ],
  [
    'a server that fails',
    'discovery',
    /answered 500/,
    async () => at(await httpServer(answering(500, 'text/plain', 'oops'))),
  ],
  [
    'a server that has enough',
    'discovery',
    /answered 429/,
    async () => at(await httpServer(answering(429, 'text/plain', ''))),
  ],
  ['a tenant that there is not', 'discovery', /AADSTS90002/, () => ({ options: { tenant: nobody } })],
  [
    'an issuer without a document',
    'discovery',
    /no configuration document/,
    async () => issuedBy(await httpServer(answering(404, 'text/plain', ''))),
  ],
  [
    'an issuer that names itself otherwise',
    'issuer',
    /names another issuer, https:\/\/as\.example/,
    async () => issuedBy(await httpServer(answering(200, 'application/json', '{"issuer":"https://as.example"}'))),
  ],
  [
    'an issuer without a token endpoint',
    'issuer',
    /names no token endpoint/,
    async () =>
      issuedBy(
        await httpServer((request, response) =>
          response.end(JSON.stringify({ issuer: `http://${request.headers.host}` })),
        ),
      ),
  ],
  ['a clock an hour ahead', 'server-clock', /60 minutes ahead of the server's/, () => shifted(hour)],
  [
    'a clock an hour behind',
    'server-clock',
    /60 minutes behind the server's/,
    async () => ({ ...shifted(-hour), options: { cert: await daemon('registered', {}) } }),
  ],
];

const ofTheRegistration: readonly Row[] = [
  ['a client id that nobody has', 'token', /AADSTS700016/, () => ({ options: { 'client-id': nobody } })],
  ['the id of the certificate as client id', 'token', /AADSTS700016/, () => ({ options: { 'client-id': apps.keyId } })],
  [
    'a certificate that is not registered',
    'token',
    /AADSTS700027.* was not found.*cause: /,
    () => ({ options: { 'client-id': apps.otherCertificate } }),
  ],
  ['an application that is disabled', 'token', /AADSTS7000112/, () => ({ options: { 'client-id': apps.disabled } })],
  [
    'an application without a service principal',
    'token',
    /AADSTS700016|AADSTS7000229/,
    () => ({ options: { 'client-id': apps.withoutPrincipal } }),
  ],
  ['an API that there is not', 'token', /AADSTS500011/, () => ({ options: { scope: 'api://nowhere/.default' } })],
  [
    'an audience of another server',
    'token',
    /AADSTS700023/,
    () => ({ more: ['--audience', 'https://as.example/token'] }),
  ],
  ['a token endpoint that fails', 'token', /answered 500/, async () => issuedBy(await busy(500))],
  ['a token endpoint that has enough', 'token', /answered 429/, async () => issuedBy(await busy(429))],
  [
    'a role that was not granted',
    'roles',
    /lacks Mail\.Send/,
    () => ({ more: ['--expect-role', 'User.Read.All', '--expect-role', 'Mail.Send'] }),
  ],
  ['a role in other letters', 'roles', /lacks user\.read\.all/, () => ({ more: ['--expect-role', 'user.read.all'] })],
];

describe.each([
  ['before the wire', beforeTheWire],
  ['on the wire', onTheWire],
  ['of the registration', ofTheRegistration],
])('the first failure %s', (_, rows) => {
  test.each(rows)('is %s', async (_name, check, says, setUp) => {
    const checks = expectReport(await run(await setUp()));
    const first = checks.find(({ status }) => status === 'failed');
    expect([first?.id, first?.detail, first?.fix]).toEqual([check, expect.stringMatching(says), expect.any(String)]);
  });
});

describe('a healthy set-up', () => {
  const passes: readonly (readonly [string, () => SetUp | Promise<SetUp>])[] = [
    ['as it is', () => ({})],
    ['with a PFX and its password', () => withPassword(password)],
    ['with a password that somebody types', () => ({ options: { cert: files.pfx }, answers: [password] })],
    ['with certificate and key apart', () => ({ options: { cert: files.cer, key: files.key } })],
    ['from standard input', () => ({ options: { cert: '-' }, stdin: pemText() })],
    ['with RS256', () => ({ more: ['--alg', 'RS256'] })],
    ['with the role that was granted', () => ({ more: ['--expect-role', 'User.Read.All'] })],
    ['with the tenant by its domain', () => ({ options: { tenant: 'local.example' } })],
    [
      'at the v1 endpoint',
      () => ({ options: { scope: undefined, resource: 'https://graph.microsoft.com' }, more: ['--v1'] }),
    ],
    ['through a proxy that wants a password', async () => behind(throughWith(), 'anna:letmein@')],
    ['through a proxy by TLS', () => behindTls(true)],
    ['with a clock that is two minutes ahead', () => shifted(120_000)],
  ];
  test.each(passes)('passes %s', async (_, setUp) => {
    const checks = expectReport(await run(await setUp()));
    expect(checks.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(checks.find(({ id }) => id === 'token')?.status).toBe('passed');
  });
});
