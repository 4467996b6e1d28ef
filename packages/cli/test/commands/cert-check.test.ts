import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyFiles, password } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { openssl } from '../support/openssl.ts';
import { asOrdinaryUser } from '../support/ordinary-user.ts';
import { certgrant, type Surroundings } from '../support/run.ts';

const files = keyFiles();
const day = 86_400_000;

/** When a certificate ends, as openssl says. */
function ends(file: string): number {
  return Date.parse(openssl(['x509', '-in', file, '-noout', '-enddate']).replace('notAfter=', ''));
}

/** The command as it is so many days before (or, negative, after) the daemon's certificate ends. */
async function check(argv: readonly string[], daysBefore: number, surroundings: Surroundings = {}) {
  const now = ends(files.cer) - daysBefore * day;
  const outcome = await certgrant(['cert', 'check', ...argv], { platform: { now: () => now }, ...surroundings });
  const json = argv.includes('--json') && outcome.stdout !== '' ? JSON.parse(outcome.stdout) : undefined;
  return { ...outcome, json };
}

describe('certgrant cert check', () => {
  test.each([
    ['30d', 30.001, 0, 'fine'],
    ['30d', 30, 1, 'due'],
    ['30d', 0, 1, 'due'],
    ['30d', -0.001, 3, 'expired'],
    ['12h', 0.51, 0, 'fine'],
    ['12h', 0.5, 1, 'due'],
    ['4w', 28.1, 0, 'fine'],
    ['4w', 28, 1, 'due'],
    ['0d', 0.001, 0, 'fine'],
  ])('cert check --within %s with %d days left ends with %d (%s)', async (within, left, exitCode, status) => {
    const { code, json, stderr } = await check([files.pem, '--within', within, '--json'], left);
    expect([code, stderr, json.exitCode]).toEqual([exitCode, '', exitCode]);
    expect(json.files).toMatchObject([
      { file: files.pem, status, daysLeft: Math.floor(left), key: 'present', problem: null },
    ]);
    expect(json.files[0].certificate).toMatchObject({ subject: 'CN=daemon' });
    expect(json.skipped).toEqual([]);
  });

  test('cert check asks for thirty days by itself', async () => {
    expect((await check([files.pem], 29)).code).toBe(1);
    expect((await check([files.pem], 31)).code).toBe(0);
  });

  test('cert check needs no key: a certificate alone and a PEM with an encrypted key are checked', async () => {
    const { code, json, questions } = await check([files.cer, files.encryptedPem, '--json'], 40, { answers: [] });
    expect([code, questions]).toEqual([0, []]);
    expect(json.files.map(({ key }: { key: string }) => key)).toEqual(['absent', 'locked']);
  });

  test('cert check --require-key wants the key, and that it opens', async () => {
    const { code, json } = await check([files.cer, files.encryptedPem, files.pem, '--require-key', '--json'], 40);
    expect(code).toBe(4);
    expect(json.files.map(({ status }: { status: string }) => status)).toEqual(['unusable', 'unusable', 'fine']);
    const codes = json.files.map(({ problem }: { problem: { code: string } | null }) => problem?.code);
    expect(codes).toEqual(['no-private-key', 'PASSWORD_REQUIRED', undefined]);
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'p'), password);
    expect((await check([files.encryptedPem, '--require-key', '--password-file', 'p'], 40, { cwd })).code).toBe(0);
  });

  test.each([
    [
      'a key of another certificate',
      () => readFileSync(files.otherKey, 'utf8') + readFileSync(files.cer, 'utf8'),
      'key-mismatch',
    ],
    ['a key alone', () => readFileSync(files.key, 'utf8'), 'CERTIFICATE_MISSING'],
    ['a damaged PFX', () => readFileSync(files.pfx).subarray(0, 900), 'FORMAT_MALFORMED'],
    ['a text', () => 'nothing of the kind, only a note', 'FORMAT_UNKNOWN'],
    ['nothing', () => '', 'FILE_EMPTY'],
  ])('cert check ends with 4 for %s', async (_, contents, problem) => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'f'), contents());
    const { code, json } = await check(['f', '--json'], 40, { cwd });
    expect([code, json.files[0].status, json.files[0].problem.code]).toEqual([4, 'unusable', problem]);
    const { stdout } = await check(['f'], 40, { cwd });
    expect(stdout).toMatch(/^unusable .* f(\s.*)?\n {10}\S.*\n {10}[A-Z].*[^.]\n$/);
  });

  test('cert check ends with 4 for a file that is not there, and for a certificate that is not valid yet', async () => {
    expect((await check(['no-such-file', '--json'], 40)).json.files[0].problem.code).toBe('FILE_NOT_FOUND');
    const early = await check([files.cer, '--json'], 400);
    expect([early.code, early.json.files[0].problem.code]).toEqual([4, 'not-yet-valid']);
  });

  test('cert check ends with the worst of several files: not usable, then expired, then due', async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, 'bad.pem'), 'no key file at all, whatever its name');
    const later = join(cwd, 'later.crt');
    const key = ['-key', files.key, '-subj', '/CN=later', '-days', '455'];
    openssl(['req', '-x509', ...key, '-out', later]);
    const code = async (argv: readonly string[], left: number): Promise<number> =>
      (await check(argv, left, { cwd })).code;
    expect(await code([later, files.cer], 10)).toBe(1);
    expect(await code([files.cer, later], -1)).toBe(3);
    expect(await code([files.cer, later], -31)).toBe(3);
    expect(await code([files.cer, 'bad.pem', later], -1)).toBe(4);
    expect(await code([later], -1)).toBe(0);
  });

  describe('of a folder', () => {
    function folder(): string {
      const cwd = temporaryFolder();
      const keys = join(cwd, 'keys');
      mkdirSync(join(keys, 'deeper'), { recursive: true });
      const put = (name: string, contents: string | Uint8Array): void => writeFileSync(join(keys, name), contents);
      put('a.pfx', readFileSync(files.pfx));
      put('a.password', `${password}\n`);
      put('b.pem', readFileSync(files.pem));
      put('c', readFileSync(files.cer));
      put('d.key', readFileSync(files.key));
      put('e.key', openssl(['pkcs8', '-topk8', '-in', files.key, '-passout', 'pass:x']));
      put('f.csr', openssl(['req', '-new', '-key', files.key, '-subj', '/CN=f']));
      put('README.md', 'A note\n');
      put('settings.json', '{"a": 1}');
      put('broken.json', '{');
      put('empty', '');
      put('image', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2]));
      put('.hidden.pem', 'not for us');
      put('deeper/g.cer', readFileSync(files.otherCer));
      return cwd;
    }

    test('cert check looks at what holds a certificate and counts the rest', async () => {
      const cwd = folder();
      const { code, json, questions } = await check(['keys', '--json'], 40, { cwd, answers: [] });
      expect([code, questions]).toEqual([0, []]);
      expect(json.files.map(({ file }: { file: string }) => file)).toEqual(['keys/a.pfx', 'keys/b.pem', 'keys/c']);
      expect(json.skipped).toEqual([
        { file: 'keys/README.md', reason: 'no key file' },
        { file: 'keys/a.password', reason: 'no key file' },
        { file: 'keys/broken.json', reason: 'no key file' },
        { file: 'keys/d.key', reason: 'a private key alone' },
        { file: 'keys/e.key', reason: 'a private key alone' },
        { file: 'keys/empty', reason: 'no key file' },
        { file: 'keys/f.csr', reason: 'no key file' },
        { file: 'keys/image', reason: 'no key file' },
        { file: 'keys/settings.json', reason: 'no key file' },
      ]);
      const { stdout } = await check(['keys'], 40, { cwd });
      expect(stdout).toMatch(/^fine {6}\d{4}-\d\d-\d\d {2}in \d+ days {2}keys\/a\.pfx {2}CN=daemon$/m);
      expect(stdout).toMatch(/\n\n3 checked; passed over: 7 × no key file, 2 × a private key alone\n$/);
    });

    test('cert check --recursive goes on into its folders, and follows no link to one', async () => {
      const cwd = folder();
      symlinkSync('..', join(cwd, 'keys', 'deeper', 'up'));
      const { json } = await check(['keys', '--recursive', '--json'], 40, { cwd });
      const checked = json.files.map(({ file }: { file: string }) => file);
      expect(checked).toEqual(['keys/a.pfx', 'keys/b.pem', 'keys/c', 'keys/deeper/g.cer']);
    });

    test('cert check --require-key passes over certificates without their key', async () => {
      const { code, json } = await check(['keys', '--require-key', '--json'], 40, { cwd: folder() });
      expect(code).toBe(0);
      expect(json.files.map(({ file }: { file: string }) => file)).toEqual(['keys/a.pfx', 'keys/b.pem']);
    });

    test('cert check reports a damaged file that has the name of a key file', async () => {
      const cwd = folder();
      writeFileSync(join(cwd, 'keys', 'x.pem'), '-----BEGIN CERTIFICATE-----\nMIIB\n');
      writeFileSync(join(cwd, 'keys', 'y.cer'), '<html>');
      writeFileSync(join(cwd, 'keys', 'z.pfx'), readFileSync(files.pfx).subarray(0, 700));
      symlinkSync('nowhere', join(cwd, 'keys', 'zz.pem'));
      const { code, json } = await check(['keys', '--json'], 40, { cwd });
      const bad = json.files.filter(({ status }: { status: string }) => status === 'unusable');
      expect(code).toBe(4);
      expect(bad.map(({ file }: { file: string }) => file)).toEqual([
        'keys/x.pem',
        'keys/y.cer',
        'keys/z.pfx',
        'keys/zz.pem',
      ]);
    });

    test.skipIf(process.platform === 'win32')('cert check does not wait for pipes', async () => {
      const cwd = folder();
      execFileSync('mkfifo', [join(cwd, 'keys', 'pipe.pem')]);
      expect((await check(['keys'], 40, { cwd })).code).toBe(0);
    });

    test('cert check ends with 4 when there is nothing to check', async () => {
      const cwd = temporaryFolder();
      mkdirSync(join(cwd, 'none'));
      const { code, stdout } = await check(['none'], 40, { cwd });
      expect(code).toBe(4);
      expect(stdout).toContain('there is nothing to check among the 0 files of the folder');
    });

    test.skipIf(process.platform === 'win32')('cert check ends with 4 where it may not look', async () => {
      const cwd = folder();
      chmodSync(cwd, 0o755);
      chmodSync(join(cwd, 'keys'), 0o000);
      const { code, stdout } = await asOrdinaryUser(() => certgrant(['cert', 'check', 'keys'], { cwd }));
      expect(code).toBe(4);
      expect(stdout).toContain('look into keys: the system refuses');
      chmodSync(join(cwd, 'keys'), 0o700);
    });

    test('cert check --quiet prints nothing when all is fine, and else only what is not', async () => {
      const cwd = folder();
      expect(await check(['keys', '--quiet'], 40, { cwd })).toMatchObject({ code: 0, stdout: '', stderr: '' });
      writeFileSync(join(cwd, 'keys', 'x.pem'), 'damaged, whatever it was once upon a time');
      const { stdout, code } = await check(['keys', '--quiet'], 40, { cwd });
      expect(code).toBe(4);
      expect(stdout).toMatch(/^unusable .*x\.pem\n {10}.*\n {10}.*\n$/);
    });
  });

  test('cert check asks for the password of a PFX on a terminal, up to three times', async () => {
    const right = await check([files.pfx], 40, { answers: ['wrong', password] });
    expect([right.code, right.questions.length]).toEqual([0, 2]);
    const wrong = await check([files.pfx, '--json'], 40, { answers: ['1', '2', '3'] });
    expect([wrong.code, wrong.json.files[0].problem.code]).toEqual([4, 'PASSWORD_WRONG']);
    const nobody = await check([files.pfx, '--json'], 40);
    expect([nobody.code, nobody.json.files[0].problem.code]).toEqual([4, 'PASSWORD_REQUIRED']);
  });

  test.each([
    [['x.pem', '--within', '30'], '--within: this is not a number of hours, days or weeks up to a hundred years'],
    [['x.pem', '--within', '200y'], '--within: this is not a number of hours, days or weeks up to a hundred years'],
    [[], 'key file: none is given'],
    [['x.pem', '--password-file', 'no-such-file'], /^read .*no-such-file: there is no such file$/],
  ])('cert check %j is wrong usage, which is not to be taken for "due"', async (argv, message) => {
    const { code, stdout, stderr } = await check(argv, 40, { cwd: temporaryFolder() });
    expect([code, stdout]).toEqual([2, '']);
    expect(/^error: (.*)\n/.exec(stderr)?.[1]).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
  });
});
