import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyFiles, password } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { certgrant } from '../support/run.ts';

const files = keyFiles();
const traceId = '81beda46-f15d-4a3e-9d2c-3a5f6f1c0a00';
const thumbprint = 'AB'.repeat(20);
const message = `AADSTS700027: The key of the assertion is not registered on the application. [Reason - The key was not found., Thumbprint of key used by client: '${thumbprint}', Please visit the portal]`;
const body = JSON.stringify({
  error: 'invalid_client',
  error_description: `${message}\r\nTrace ID: ${traceId}`,
  error_codes: [700027],
});
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An assertion of which nothing but the header matters here. */
function assertion(header: object): string {
  const claims = { aud: 'https://login.microsoftonline.com/t/oauth2/v2.0/token', iss: 'a', sub: 'a', exp: 1 };
  return `${part({ alg: 'PS256', ...header })}.${part(claims)}.${'A'.repeat(342)}`;
}

describe('certgrant explain', () => {
  test('says what a code means, what it comes from in order, what to do, and where to read more', async () => {
    const { code, stdout, stderr } = await certgrant(['explain', 'AADSTS700027']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^AADSTS700027 {2}The signature/);
    expect(stdout).toMatch(/Causes\n {2}1\. likely: The certificate that signed/);
    expect(stdout).toMatch(/What to do: Compare the thumbprint/);
    expect(stdout).toMatch(/Read more\n {2}https:/);
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes('https:'))).toEqual([]);
  });

  test.each([
    ['an argument', [body], undefined],
    ['standard input', [], body],
    ['standard input by name', ['-'], body],
    ['a variable', ['env:E'], undefined],
  ])('finds it in %s, and shows what the text tells', async (_, argv, stdin) => {
    const outcome = await certgrant(['explain', ...argv], {
      env: { E: body },
      ...(stdin === undefined ? {} : { stdin }),
    });
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    expect(outcome.stdout).toContain(thumbprint);
    expect(outcome.stdout).toContain(traceId);
    expect(outcome.stdout).toContain('Seen: The server found no key for this thumbprint');
  });

  test('prints with --json one list that programs can rely on', async () => {
    const { code, stdout } = await certgrant(['explain', '--json'], {
      stdin: `${body}\n${body.replaceAll('700027', '700016')}`,
    });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual([
      {
        code: 'AADSTS700027',
        known: true,
        title: expect.any(String),
        meaning: expect.any(String),
        causes: expect.arrayContaining([
          {
            id: 'certificate-not-registered',
            likelihood: 'likely',
            why: expect.any(String),
            fix: expect.any(String),
            evidence: [expect.any(String)],
          },
        ]),
        facts: expect.objectContaining({ thumbprint, traceId, error: 'invalid_client' }),
        sources: expect.arrayContaining([expect.stringMatching(/^https:/)]),
      },
      expect.objectContaining({ code: 'AADSTS700016' }),
    ]);
  });

  test('lets the certificate and the assertion say which cause it is', async () => {
    const folder = temporaryFolder();
    const sent = join(folder, 'assertion.txt');
    writeFileSync(sent, `client_assertion=${assertion({ x5t: Buffer.from(thumbprint).toString('base64url') })}\n`);
    const first = async (stdin: string, ...argv: readonly string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await certgrant(['explain', '--json', ...argv], { stdin, env: { P: password } });
      expect([code, stderr]).toEqual([0, '']);
      return JSON.parse(stdout)[0].causes[0];
    };
    expect(await first('AADSTS700027', '--assertion', sent)).toMatchObject({
      id: 'thumbprint-is-hex-text',
      likelihood: 'certain',
    });
    expect(await first(body, '--cert', files.pem)).toMatchObject({
      id: 'another-certificate-used',
      likelihood: 'certain',
    });
    expect(await first(body, '--cert', files.pfx, '--password-env', 'P')).toMatchObject({
      id: 'another-certificate-used',
    });
    expect(await first(body, '--cert', files.ecPem)).toMatchObject({ likelihood: 'certain' });
  });

  test('says of a code that it does not know that it does not, shows the message, and ends with 1', async () => {
    const { code, stdout } = await certgrant(['explain', `AADSTS999999: Something new. Trace ID: ${traceId}`]);
    expect(code).toBe(1);
    expect(stdout).toContain('certgrant does not know this code');
    expect(stdout).toContain('Something new.');
    expect(stdout).toContain('https://login.microsoftonline.com/error?code=999999');
    const typed = await certgrant(['explain', '700072']);
    expect([typed.code, typed.stdout]).toEqual([1, expect.stringContaining('AADSTS700027')]);
  });

  test('ends with 0 when it explains one of several', async () => {
    const { code, stdout } = await certgrant(['explain'], { stdin: 'AADSTS999999: new\nAADSTS90002: no tenant' });
    expect(code).toBe(0);
    expect(stdout).toMatch(/AADSTS999999[\s\S]*AADSTS90002/);
  });

  test('says when there is no code, when it is given the name of a file, or no assertion', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'app.log'), body);
    writeFileSync(join(cwd, 'empty.txt'), 'nothing here');
    const [none, empty, file, assertionless, twice] = await Promise.all([
      certgrant(['explain', 'all is well'], { cwd }),
      certgrant(['explain'], { cwd, stdin: '' }),
      certgrant(['explain', 'app.log'], { cwd }),
      certgrant(['explain', '700027', '--assertion', 'empty.txt'], { cwd }),
      certgrant(['explain', '-', '--assertion', '-'], { cwd, stdin: body }),
    ]);
    expect([none, empty, file, assertionless].map(({ code, stdout }) => [code, stdout])).toEqual(
      Array(4).fill([1, '']),
    );
    expect(none.stderr).toContain('error: find error code: there is none in the text\nhint: Give it');
    expect(empty.stderr).toContain('there is none in the text');
    expect(file.stderr).toContain('put < before its name');
    expect(assertionless.stderr).toContain('error: find token:');
    expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('two options ask for it')]);
    expect(JSON.parse((await certgrant(['explain', '--json', 'x'])).stderr).error.code).toBe('CODE_NOT_FOUND');
  });

  test('repeats no token of a log, and nothing that steers the terminal', async () => {
    const secret = assertion({});
    const log = `\u001b[31mERROR\u001b[0m AADSTS999999: It failed \u202e\u0007 with ${secret} and client_secret=abc8Q~0123456789\n`;
    for (const argv of [['explain'], ['explain', '--json']]) {
      const { stdout } = await certgrant(argv, { stdin: log });
      expect(stdout).toContain('It failed');
      expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
      expect(stdout).not.toContain(secret.slice(0, 20));
      expect(stdout).not.toContain('abc8Q~');
    }
  });

  test('tells a person at a terminal what it waits for', async () => {
    expect((await certgrant(['explain'])).stderr).toMatch(/^Paste an error/);
  });
});
