import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { httpServer, httpsServer, tcpServer } from './support/bad-server.ts';
import { keyFiles, password } from './support/credentials.ts';
import { temporaryFolder } from './support/folder.ts';
import { asOrdinaryUser } from './support/ordinary-user.ts';
import { certgrant, type Outcome, type Surroundings } from './support/run.ts';

const files = keyFiles();
const tenant = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const clientId = '6731de76-14a6-49ae-97bc-6eba6914391e';
const identity = ['--tenant', tenant, '--client-id', clientId];
const scope = ['--scope', 'https://graph.microsoft.com/.default'];
const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const accessToken = `${encode({ alg: 'RS256', kid: 'k' })}.${encode({ iss: 'https://as.example', exp: 9e9 })}.${'c2ln'.repeat(80)}`;

/** What no output may hold, whatever went wrong. */
function secrets(): readonly string[] {
  return [files.keyText, password, 'wrong password 1234', accessToken, 'c2lnc2ln', 'BEGIN PRIVATE'];
}

/** One clear message with a next step, the right exit code, nothing on standard output, and no secret anywhere. */
function expectReport(
  { code, stdout, stderr }: Outcome,
  expected: { code: number; error: RegExp; hint?: RegExp },
): void {
  const [, error = '', hint = ''] = /^(?:warning: .*\n)*error: (.+)\n(?:cause: .+\n)?hint: (.+)\n$/.exec(stderr) ?? [];
  expect({ code, stdout, error, hint }, stderr).toEqual({
    code: expected.code,
    stdout: '',
    error: expect.stringMatching(expected.error),
    hint: expect.stringMatching(expected.hint ?? /./),
  });
  expect([error, hint].filter((sentence) => /[.!]$/.test(sentence))).toEqual([]);
  for (const secret of secrets()) expect(stderr).not.toContain(secret);
  expect(stderr).not.toMatch(/eyJ[\w-]{10,}\.eyJ/);
}

describe('files', () => {
  const folder = temporaryFolderForFile();
  const assertion = (argv: readonly string[], surroundings: Surroundings = {}) =>
    certgrant(['assertion', ...identity, ...argv], surroundings);

  test.each<[string, () => readonly string[], RegExp, RegExp?]>([
    ['a file that is not there', () => ['--cert', join(folder, 'nowhere.pem')], /no such file/, /path/],
    ['a folder', () => ['--cert', folder], /it is a folder/],
    ['an empty file', () => ['--cert', write('empty', '')], /it is empty/],
    ['a text that is no key file', () => ['--cert', write('text', 'hello\n')], /read key file: /],
    ['random bytes', () => ['--cert', write('random', '\u0001\u0002\u0003\u0004'.repeat(100))], /read key file: /],
    ['a damaged PEM file', () => ['--cert', write('cut', readFileSync(files.pem, 'utf8').slice(0, 900))], /read PEM: /],
    ['a certificate without a key', () => ['--cert', files.cer], /no private key/, /--key/],
    ['a key without a certificate', () => ['--cert', files.key], /no certificate/, /--cert/],
    [
      'a key that does not match',
      () => ['--cert', files.cer, '--key', files.otherKey],
      /private key is not that of the certificate/,
    ],
    ['a wrong password', () => ['--cert', files.pfx, '--password-file', write('p', 'wrong password 1234')], /password/],
    [
      'a wrong password of a PEM',
      () => ['--cert', files.encryptedPem, '--password-file', write('p', 'wrong password 1234')],
      /password/,
    ],
    ['no password', () => ['--cert', files.pfx], /password/, /--password-file/],
    [
      'a password file that is not there',
      () => ['--cert', files.pfx, '--password-file', join(folder, 'nope')],
      /no such file/,
    ],
    ['a variable that is not set', () => ['--cert', 'env:NOT_SET'], /environment variable NOT_SET: it is not set/],
    ['a profile that the key cannot serve', () => ['--cert', files.ecPem, '--alg', 'RS256'], /EC|P-256/],
    ['a file of 5 MB', () => ['--cert', write('large', 'x'.repeat(5 * 1024 * 1024))], /longer than 4 MB/],
  ])('assertion says so for %s', async (_, argv, error, hint) => {
    expectReport(await assertion(argv()), { code: 1, error, ...(hint === undefined ? {} : { hint }) });
  });

  const cannotBeRefused = process.platform === 'win32' ? 'Windows has no such permissions' : undefined;

  test.skipIf(cannotBeRefused)(
    `assertion says so for a file that it may not read ${cannotBeRefused ?? ''}`,
    async () => {
      const path = write('locked.pem', readFileSync(files.pem, 'utf8'));
      chmodSync(path, 0o000);
      // Everything that a second run needs is loaded then, whoever may read it.
      await assertion(['--cert', join(folder, 'nowhere.pem')]);
      const outcome = await asOrdinaryUser(() => assertion(['--cert', path]));
      expectReport(outcome, { code: 1, error: /locked\.pem: permission denied/, hint: /user/ });
    },
  );

  test.skipIf(cannotBeRefused)(
    `cert create says so for a folder that it may not write to ${cannotBeRefused ?? ''}`,
    async () => {
      const path = join(folder, 'locked');
      mkdirSync(path, { mode: 0o555 });
      const argv = ['cert', 'create', '--subject', 'x', '--key-type', 'P-256', '--to', 'cer', '--json'];
      await certgrant([...argv, '--out', join(folder, 'x')]);
      const { code, stderr } = await asOrdinaryUser(() => certgrant([...argv, '--out', path]));
      expect([code, JSON.parse(stderr).error.code]).toEqual([1, 'FILE_NOT_WRITABLE']);
    },
  );

  test('assertion says so for an empty standard input', async () => {
    expectReport(await assertion(['--cert', '-'], { stdin: '' }), { code: 1, error: /standard input: it is empty/ });
  });

  test.each([['assertion'], ['token'], ['cert inspect']])(
    '%s --json reports a wrong password as one JSON document',
    async (name) => {
      const argv = name === 'cert inspect' ? [files.pfx] : [...identity, '--cert', files.pfx];
      const all = [...name.split(' '), ...argv, ...(name === 'token' ? scope : []), '--password-env', 'P', '--json'];
      const { code, stdout, stderr } = await certgrant(all, { env: { P: 'wrong password 1234' } });
      expect([code, stdout]).toEqual([1, '']);
      expect(JSON.parse(stderr)).toEqual({
        error: { code: 'PASSWORD_WRONG', message: expect.any(String), fix: expect.any(String) },
      });
      for (const secret of secrets()) expect(stderr).not.toContain(secret);
    },
  );

  function write(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }
});

describe('servers', () => {
  const token = (authority: string, extra: readonly string[] = [], surroundings: Surroundings = {}) =>
    certgrant(
      ['token', ...identity, '--cert', files.pem, ...scope, '--no-cache', '--authority', authority, ...extra],
      surroundings,
    );
  const answering = (status: number, type: string, body: string, headers: Record<string, string> = {}) =>
    httpServer((_, response) => response.writeHead(status, { 'content-type': type, ...headers }).end(body));

  test.each<[string, () => Promise<string>, RegExp, RegExp?]>([
    ['closes early', () => tcpServer((socket) => socket.once('data', () => socket.destroy())), /closed the connection/],
    ['answers HTML', () => answering(200, 'text/html', '<html>Sign in</html>'), /HTML page/],
    ['answers HTML as an error', () => answering(502, 'text/html', '<html>Bad gateway</html>'), /502/],
    ['answers 403 without a body', () => answering(403, 'text/plain', ''), /403/],
    [
      'redirects',
      () => answering(302, 'text/plain', '', { location: 'https://elsewhere.example/login?x=1' }),
      /redirects to https:\/\/elsewhere\.example\/login,/,
    ],
    [
      'gives no access_token',
      () => answering(200, 'application/json', '{"token_type":"Bearer"}'),
      /without an access token/,
    ],
    ['answers with a list', () => answering(200, 'application/json', '[1]'), /not an object/],
    [
      'answers 10 MB',
      () => answering(200, 'application/json', `{"a":"${'x'.repeat(10 * 1024 * 1024)}"}`),
      /longer than 1 MB/,
    ],
    ['is no HTTP server', () => tcpServer((socket) => socket.end('220 smtp ready\r\n')), /not HTTP/],
    ['repeats the assertion in its refusal', () => echo(), /invalid_client|refused/],
    [
      'sends a token that is none',
      () => answering(200, 'application/json', '{"access_token":"a b\\nc","token_type":"Bearer","expires_in":3600}'),
      /token/,
    ],
  ])('token says so of one that %s', async (_, start, error, hint) => {
    expectReport(await token(await start(), ['--timeout', '3s']), {
      code: 1,
      error,
      ...(hint === undefined ? {} : { hint }),
    });
  });

  test('token says so of one that hangs, when the time is up', async () => {
    const url = await tcpServer(() => {});
    expectReport(await token(url, ['--timeout', '1s']), {
      code: 1,
      error: /did not answer within/,
      hint: /network|proxy/,
    });
  });

  test('token says so of one that refuses connections', async () => {
    expectReport(await token('http://127.0.0.1:9', ['--timeout', '1s']), { code: 1, error: /connect|port/i });
  });

  test('token says so of a host that is not there', async () => {
    expectReport(await token('https://no-such-host.invalid', ['--timeout', '5s']), {
      code: 1,
      error: /no-such-host\.invalid/,
    });
  });

  test('token says so of a certificate that is not trusted, and that --ca adds a CA', async () => {
    const url = await httpsServer({ key: readFileSync(files.key, 'utf8'), cert: readFileSync(files.cer, 'utf8') });
    expectReport(await token(url), { code: 1, error: /not trusted|self-signed/, hint: /--ca FILE/ });
  });

  test('token says so of a --ca that is no certificate', async () => {
    expectReport(await token('https://localhost:1', ['--ca', files.key]), { code: 1, error: /trust a CA/ });
  });

  test('token stops at Ctrl-C with 130', async () => {
    const ctrlC = new AbortController();
    const url = await tcpServer(() => ctrlC.abort());
    expectReport(await token(url, [], { signal: ctrlC.signal }), { code: 130, error: /cancelled|interrupted/ });
  });

  test('verify and app register say so of a server that answers HTML', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'admin'), accessToken);
    const url = await answering(200, 'text/html', '<html>');
    const verify = await certgrant(['verify', accessToken, '--issuer', url]);
    expectReport(verify, { code: 1, error: /publishes no configuration document/ });
    const argv = ['--name', 'x', '--cert', files.cer, '--access-token-file', join(folder, 'admin'), '--graph', url];
    expectReport(await certgrant(['app', 'register', ...argv]), { code: 1, error: /HTML page/ });
  });

  /** Servers in debug modes do that. */
  function echo(): Promise<string> {
    return httpServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const description = `bad request: ${decodeURIComponent(body)} \u001b[31m`;
        response
          .writeHead(401, { 'content-type': 'application/json' })
          .end(JSON.stringify({ error: 'invalid_client', error_description: description }));
      });
    });
  }
});

/** As temporaryFolder, for all tests of a file. */
function temporaryFolderForFile(): string {
  const folder = join(files.folder, 'bad');
  beforeAll(() => {
    mkdirSync(folder, { recursive: true });
    chmodSync(files.folder, 0o755);
  });
  return folder;
}
