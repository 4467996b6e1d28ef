import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { certgrant } from '../support/run.ts';

const encode = (value: object | string): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const at = Date.UTC(2026, 5, 1, 12);
const claims = {
  aud: 'https://graph.microsoft.com',
  iss: 'https://sts.windows.net/3f2504e0-4f89-41d3-9a0c-0305e82c3301/',
  exp: at / 1000 + 1800,
  nbf: at / 1000 - 300,
  appid: '6731de76-14a6-49ae-97bc-6eba6914391e',
  appidacr: '2',
  idtyp: 'app',
  roles: ['User.Read.All'],
  tid: '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  ver: '1.0',
};
const token = `${encode({ typ: 'JWT', alg: 'RS256', kid: 'k' })}.${encode(claims)}.${'A'.repeat(342)}`;
const platform = { now: () => at };

describe('certgrant decode', () => {
  test.each([
    ['an argument', [token], undefined],
    ['a Bearer line', [], `Authorization: Bearer ${token}\n`],
    ['a JSON answer', ['-'], JSON.stringify({ token_type: 'Bearer', access_token: token })],
    ['a URL fragment', [], `https://app.example/#state=1&access_token=${token}&token_type=Bearer`],
    ['wrapped text', [], token.replaceAll(/.{60}/g, '$&\n')],
    ['a variable', ['env:T'], undefined],
  ])('decode --json finds the token in %s', async (_, argv, stdin) => {
    const { code, stdout, stderr } = await certgrant(['decode', '--json', ...argv], {
      platform,
      env: { T: token },
      ...(stdin === undefined ? {} : { stdin }),
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'access-token', header: { alg: 'RS256' }, claims, faults: [] });
  });

  test('decode says what each claim means, the times three ways, and that nothing was verified', async () => {
    const { code, stdout, stderr } = await certgrant(['decode', token], { platform });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Nothing is verified');
    expect(stdout).toContain('a certificate (client assertion)');
    expect(stdout).toMatch(/exp {2}\d+\n {6}in 30 minutes: .*2026-06-01 \d\d:30:00.*, 2026-06-01T12:30:00Z/);
    expect(stdout).toContain('treat it as a password');
  });

  test('decode shows a damaged token as far as it goes, points at the fault and ends with 1', async () => {
    const damaged = `${token.slice(0, 120)}!${token.slice(121, 200)}`;
    const { code, stdout } = await certgrant(['decode'], { platform, stdin: `Bearer ${damaged}` });
    expect(code).toBe(1);
    expect(stdout).toContain('RS256');
    expect(stdout).toContain('https://graph.microsoft.com');
    const [, excerpt = '', pointer = ''] = /at character \d+\n {4}(.*)\n {4}( *\^)/.exec(stdout) ?? [];
    expect(excerpt[pointer.length - 1]).toBe('!');
  });

  test('decode shows claims without letting them steer the terminal', async () => {
    const evil = `${encode({ alg: 'RS256' })}.${encode('{"name":"\\u001b[2J\\u202e"}')}.${'A'.repeat(342)}`;
    const { stdout } = await certgrant(['decode', evil], { platform });
    expect(stdout).toContain('name');
    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });

  test('decode is of its own opinion about an unsigned token: whole, and worth nothing', async () => {
    const { code, stdout } = await certgrant(['decode', `${encode({ alg: 'none' })}.${encode({ sub: 'x' })}.`]);
    expect(code).toBe(0);
    expect(stdout).toContain('not signed');
  });

  test('decode says when the text is empty, no token, or the name of a file', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'token.txt'), token);
    const outcomes = await Promise.all([
      certgrant(['decode'], { stdin: '' }),
      certgrant(['decode', 'hello'], { cwd }),
      certgrant(['decode', 'token.txt'], { cwd }),
    ]);
    expect(outcomes.map(({ code, stdout }) => [code, stdout])).toEqual([
      [1, ''],
      [1, ''],
      [1, ''],
    ]);
    const [empty, none, file] = outcomes.map(({ stderr }) => stderr);
    expect(empty).toContain('error: read standard input: it is empty');
    expect(none).toContain('error: find token: there is no JWT in the text');
    expect(file).toContain('error: find token: this is the name of a file, not a token\nhint: Have the file read');
  });

  test('decode tells a person at a terminal what it waits for', async () => {
    const { stderr } = await certgrant(['decode']);
    expect(stderr).toMatch(/^Paste a token/);
  });
});
