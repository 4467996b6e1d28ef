import { createPrivateKey, createPublicKey } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keyFiles, password } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { fingerprint, openssl } from '../support/openssl.ts';
import { certgrant, type Surroundings } from '../support/run.ts';

const files = keyFiles();
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi'];

function convert(argv: readonly string[], surroundings: Surroundings = {}) {
  return certgrant(['cert', 'convert', ...argv], surroundings);
}

/** A folder with the file that holds the password of the test's PFX. */
function workplace(): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'old'), `${password}\n`);
  writeFileSync(join(cwd, 'new'), 'new password\n');
  return cwd;
}

const opensPfx = (file: string, secret: string): string =>
  openssl(['pkcs12', '-in', file, '-passin', `pass:${secret}`, '-noenc']);
const publicKeyOf = (file: string, ...args: readonly string[]): string =>
  openssl(['pkey', '-in', file, '-pubout', ...args]);

describe('certgrant cert convert', () => {
  test('cert convert writes a private JWK and a public JWK Set of the same key', async () => {
    const cwd = workplace();
    for (const to of ['jwk', 'jwks']) {
      const line = [files.pfx, '--password-file', 'old', '--to', to, '--out', to];
      expect(await convert(line, { cwd })).toMatchObject({ code: 0, stderr: '' });
    }
    const jwk = JSON.parse(readFileSync(join(cwd, 'jwk'), 'utf8'));
    const { keys } = JSON.parse(readFileSync(join(cwd, 'jwks'), 'utf8'));
    const sha256 = Buffer.from(fingerprint(files.cer, 'sha256'), 'hex').toString('base64url');
    const sha1 = Buffer.from(fingerprint(files.cer, 'sha1'), 'hex').toString('base64url');
    const named = { use: 'sig', kid: sha256, x5t: sha1, 'x5t#S256': sha256, x5c: [jwk.x5c[0]] };
    const key = createPrivateKey(readFileSync(files.key));
    expect(jwk).toEqual({ ...key.export({ format: 'jwk' }), ...named });
    expect(keys).toEqual([{ ...createPublicKey(key).export({ format: 'jwk' }), ...named }]);
    writeFileSync(join(cwd, 'x5c.der'), Buffer.from(jwk.x5c[0], 'base64'));
    expect(fingerprint(join(cwd, 'x5c.der'), 'sha256', 'DER')).toBe(fingerprint(files.cer, 'sha256'));
  });

  test('cert convert --to jwks never writes a private member, whatever comes in', async () => {
    const cwd = workplace();
    await convert([files.pem, '--to', 'jwk', '--out', 'in.jwk'], { cwd });
    for (const input of [files.pem, files.ecPem, files.key, files.cer, 'in.jwk']) {
      const { code, stdoutBytes, stdout } = await convert([input, '--to', 'jwks', '--out', '-'], { cwd });
      expect([code, stdout]).toEqual([0, '']);
      const text = Buffer.from(stdoutBytes).toString();
      for (const key of JSON.parse(text).keys) {
        expect(Object.keys(key).filter((name) => privateMembers.includes(name))).toEqual([]);
      }
    }
  });

  test('cert convert --kid names the key in JWK and JWK Set', async () => {
    for (const to of ['jwk', 'jwks']) {
      const { stdoutBytes } = await convert([files.pem, '--to', to, '--out', '-', '--kid', 'mine']);
      const json = JSON.parse(Buffer.from(stdoutBytes).toString());
      expect((json.keys?.[0] ?? json).kid).toBe('mine');
    }
  });

  test.skipIf(process.platform === 'win32')('cert convert keeps what holds a secret from others', async () => {
    const cwd = workplace();
    const made: Record<string, number> = {};
    for (const to of ['pfx', 'pem', 'der', 'jwk', 'cer', 'jwks']) {
      expect((await convert([files.pem, '--to', to, '--out', `out.${to}`], { cwd })).code).toBe(0);
      made[to] = statSync(join(cwd, `out.${to}`)).mode & 0o777;
    }
    const [secret, open] = [0o600, 0o644];
    expect(made).toEqual({ pfx: secret, pem: secret, der: secret, jwk: secret, cer: open, jwks: open });
    expect(statSync(join(cwd, 'out.password')).mode & 0o777).toBe(secret);
    await convert([files.cer, '--to', 'pem', '--out', 'certificate.pem'], { cwd });
    expect(statSync(join(cwd, 'certificate.pem')).mode & 0o777).toBe(open);
  });

  describe('passwords', () => {
    test('cert convert keeps the password of a PFX for the next PFX', async () => {
      const cwd = workplace();
      await convert([files.pfx, '--password-file', 'old', '--out', 'out.pfx'], { cwd });
      opensPfx(join(cwd, 'out.pfx'), password);
      expect(readdirSync(cwd).sort()).toEqual(['new', 'old', 'out.pfx']);
    });

    test('cert convert gives the new file the password of --out-password-file', async () => {
      const cwd = workplace();
      const secrets = ['--password-file', 'old', '--out-password-file', 'new'];
      await convert([files.pfx, ...secrets, '--out', 'out.p12'], { cwd });
      opensPfx(join(cwd, 'out.p12'), 'new password');
      await convert([files.pfx, ...secrets, '--out', 'out.pem'], { cwd });
      expect(readFileSync(join(cwd, 'out.pem'), 'utf8')).toContain('ENCRYPTED PRIVATE KEY');
      expect(publicKeyOf(join(cwd, 'out.pem'), '-passin', 'pass:new password')).toBe(publicKeyOf(files.key));
    });

    test('cert convert takes --password-file for the new file when the old one needs none', async () => {
      const cwd = workplace();
      await convert([files.pem, '--password-file', 'new', '--out', 'out.pfx'], { cwd });
      opensPfx(join(cwd, 'out.pfx'), 'new password');
      await convert([files.pem, '--password-file', 'new', '--out', 'out.der'], { cwd });
      openssl(['pkcs8', '-inform', 'DER', '-in', join(cwd, 'out.der'), '-passin', 'pass:new password']);
    });

    test('cert convert opens an encrypted PFX or PEM into a PEM without a password, and says so', async () => {
      const cwd = workplace();
      for (const input of [files.pfx, files.encryptedPem]) {
        const line = [input, '--password-file', 'old', '--out', 'out.pem', '--force'];
        const { stdout } = await convert(line, { cwd });
        expect(stdout).toContain('private key and certificate, not encrypted');
        expect(publicKeyOf(join(cwd, 'out.pem'))).toBe(publicKeyOf(files.key));
      }
    });

    test('cert convert makes a password for a PFX where nobody gives one, and shows it nowhere', async () => {
      const cwd = workplace();
      const { stdout, stderr } = await convert([files.pem, '--out', 'out.pfx'], { cwd });
      const made = readFileSync(join(cwd, 'out.password'), 'utf8').trim();
      expect(made).toMatch(/^[\w-]{32}$/);
      opensPfx(join(cwd, 'out.pfx'), made);
      expect(stdout + stderr).not.toContain(made);
    });

    test('cert convert asks on a terminal for both passwords, again when one is wrong or the two differ', async () => {
      const cwd = workplace();
      const answers = ['wrong', password, 'one', 'two', 'typed', 'typed'];
      const { code, questions, stderr } = await convert([files.pfx, '--out', 'out.pfx'], { cwd, answers });
      expect([code, questions.length]).toEqual([0, 6]);
      expect(questions[2]).toContain('leave empty to keep the old one');
      expect(stderr).toBe('That is not the password.\nThe two are not the same.\n');
      opensPfx(join(cwd, 'out.pfx'), 'typed');
      await convert([files.pfx, '--out', 'same.pfx'], { cwd, answers: [password, ''] });
      opensPfx(join(cwd, 'same.pfx'), password);
    });

    test('cert convert asks nothing where an option gives a password', async () => {
      const cwd = workplace();
      const line = [files.pfx, '--password-file', 'old', '--out'];
      expect(await convert([...line, 'o.pem'], { cwd, answers: [] })).toMatchObject({ code: 0, questions: [] });
      expect(await convert([...line, 'o.pfx'], { cwd, answers: [] })).toMatchObject({ code: 0, questions: [] });
    });

    test('cert convert gives up after three wrong passwords on a terminal', async () => {
      const cwd = workplace();
      const { code, questions, stderr } = await convert([files.pfx, '--out', 'o.pem'], {
        cwd,
        answers: ['1', '2', '3'],
      });
      expect([code, questions.length, stderr.match(/That is not the password/g)?.length]).toEqual([1, 3, 2]);
      expect(stderr).toMatch(/\nerror: .*password.*\nhint: /);
      expect(readdirSync(cwd).sort()).toEqual(['new', 'old']);
    });

    test('cert convert warns of a PFX password that Java cannot take', async () => {
      const cwd = workplace();
      writeFileSync(join(cwd, 'rare'), 'Größe');
      const { stderr } = await convert([files.pem, '--out', 'o.pfx', '--out-password-file', 'rare'], { cwd });
      expect(stderr).toMatch(/^warning: the password has characters beyond ASCII; Java/);
      expect(stderr).not.toContain('Größe');
    });
  });

  describe('choice', () => {
    /** Two pairs and an unrelated certificate in one file. */
    function several(cwd: string): string {
      const parts = [files.otherCer, files.key, files.cer, files.otherKey, files.ecPem];
      const texts = parts.map((file) => readFileSync(file, 'utf8'));
      writeFileSync(join(cwd, 'several.pem'), texts.join(''));
      return join(cwd, 'several.pem');
    }

    test('cert convert says what it chose, from how many, and why', async () => {
      const cwd = workplace();
      const line = [several(cwd), '--to', 'cer', '--out', 'out.cer'];
      const { stdout } = await convert([...line, '--json'], { cwd });
      const { chosen, files: written, form } = JSON.parse(stdout);
      expect({ form, written }).toEqual({ form: 'cer', written: { cer: join(cwd, 'out.cer') } });
      expect(chosen).toMatchObject({ privateKeys: 3, certificates: 3 });
      expect(chosen.reason).toMatch(/^of 3 certificates with a private key/);
      const words = await convert([...line, '--force'], { cwd });
      expect(words.stdout).toMatch(/Chosen +private key \d of 3, certificate \d of 3: of 3 certificates/);
    });

    test.each([
      ['sha1', 'daemon', () => files.cer],
      ['sha256', 'other', () => files.otherCer],
    ] as const)('cert convert --thumbprint takes another one (%s)', async (algorithm, name, file) => {
      const cwd = workplace();
      const line = [several(cwd), '--to', 'pem', '--out', 'out.pem', '--thumbprint', fingerprint(file(), algorithm)];
      const { stdout } = await convert(line, { cwd });
      expect(stdout).toContain('chosen by its thumbprint');
      expect(fingerprint(join(cwd, 'out.pem'), 'sha256')).toBe(fingerprint(file(), 'sha256'));
      expect(stdout).toContain(`CN=${name}`);
    });

    test('cert convert --thumbprint chooses among certificates without a key as well', async () => {
      const cwd = workplace();
      writeFileSync(join(cwd, 'two.pem'), readFileSync(files.cer, 'utf8') + readFileSync(files.otherCer, 'utf8'));
      const print = fingerprint(files.otherCer, 'sha256');
      await convert(['two.pem', '--to', 'cer', '--out', 'o.cer', '--thumbprint', print], { cwd });
      expect(fingerprint(join(cwd, 'o.cer'), 'sha256', 'DER')).toBe(print);
      const missing = await convert(['two.pem', '--to', 'cer', '--out', '-', '--thumbprint', '00'.repeat(20)], { cwd });
      expect(missing.stderr).toContain('error: choose certificate: none has the thumbprint asked for\n');
    });

    test('cert convert joins a certificate and a key in a file of its own, in either order', async () => {
      for (const [file, key] of [
        [files.cer, files.key],
        [files.key, files.cer],
      ] as const) {
        const cwd = workplace();
        expect(
          (await convert([file, '--key', key, '--out', 'o.pfx', '--out-password-file', 'new'], { cwd })).code,
        ).toBe(0);
        expect(opensPfx(join(cwd, 'o.pfx'), 'new password')).toContain('friendlyName: o');
      }
    });

    test('cert convert keeps the friendly name of a PFX, and --name gives another', async () => {
      const cwd = workplace();
      const secret = ['--password-file', 'old'];
      const export_ = ['pkcs12', '-export', '-in', files.pem, '-name', 'My daemon', '-out', join(cwd, 'n.pfx')];
      openssl([...export_, '-passout', `pass:${password}`]);
      await convert(['n.pfx', ...secret, '--out', 'kept.pfx'], { cwd });
      expect(opensPfx(join(cwd, 'kept.pfx'), password)).toContain('friendlyName: My daemon');
      await convert(['n.pfx', ...secret, '--out', 'named.pfx', '--name', 'Other'], { cwd });
      expect(opensPfx(join(cwd, 'named.pfx'), password)).toContain('friendlyName: Other');
      const inspected = await certgrant(['cert', 'inspect', 'kept.pfx', ...secret, '--json'], { cwd });
      expect(JSON.parse(inspected.stdout).friendlyName).toBe('My daemon');
    });
  });

  test('cert convert reads standard input and environment variables, and writes into a folder', async () => {
    const cwd = workplace();
    mkdirSync(join(cwd, 'keys'));
    const stdin = readFileSync(files.pem);
    expect((await convert(['-', '--to', 'cer', '--out', 'keys'], { cwd, stdin })).code).toBe(0);
    const env = { DAEMON: readFileSync(files.pem).toString('base64') };
    expect((await convert(['env:DAEMON', '--to', 'jwks', '--out', 'keys/'], { cwd, env })).code).toBe(0);
    expect((await convert([files.pem, '--to', 'cer', '--out', 'keys'], { cwd })).code).toBe(0);
    expect(readdirSync(join(cwd, 'keys')).sort()).toEqual([
      'certificate.cer',
      'certificate.jwks',
      basename(files.pem).replace('.pem', '.cer'),
    ]);
  });

  test('cert convert --out - writes the file and nothing else to standard output', async () => {
    const { code, stdout, stdoutBytes, stderr } = await convert([files.pem, '--to', 'cer', '--out', '-']);
    expect([code, stdout]).toEqual([0, '']);
    expect(openssl(['x509', '-inform', 'DER', '-noout', '-subject'], stdoutBytes)).toContain('daemon');
    expect(stderr).toContain('standard output  the certificate alone');
  });

  test('cert convert overwrites nothing without --force', async () => {
    const cwd = workplace();
    writeFileSync(join(cwd, 'o.pem'), 'precious');
    const refused = await convert([files.pem, '--out', 'o.pem'], { cwd });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/o\.pem: there is such a file already\nhint: .*--force/);
    expect(readFileSync(join(cwd, 'o.pem'), 'utf8')).toBe('precious');
    writeFileSync(join(cwd, 'o.password'), 'precious');
    const password = await convert([files.pem, '--out', 'o.pfx'], { cwd });
    expect(password.stderr).toContain('o.password: there is such a file already');
    expect(readdirSync(cwd).sort()).toEqual(['new', 'o.password', 'o.pem', 'old']);
    copyFileSync(files.pem, join(cwd, 'o.pem'));
    expect((await convert(['o.pem', '--out', 'o.pem', '--force', '--password-file', 'new'], { cwd })).code).toBe(0);
    expect(readFileSync(join(cwd, 'o.pem'), 'utf8')).toContain('ENCRYPTED');
  });

  test.each([
    [() => [files.cer, '--to', 'pfx'], 'write key file: there is no private key', /--key FILE/],
    [() => [files.cer, '--to', 'der'], 'write key file: there is no private key', /--to cer writes the certificate/],
    [
      () => [files.key, '--to', 'pfx'],
      'write key file: there is no certificate',
      /certgrant cert join KEY CERTIFICATE/,
    ],
    [() => [files.key, '--to', 'cer'], 'write key file: there is no certificate', /--key/],
    [
      () => [files.cer, '--key', files.otherKey, '--to', 'pfx'],
      'convert key file: no certificate belongs to a private key there',
      /Give the key/,
    ],
  ])('cert convert refuses what is not there (case %#)', async (argv, message, fix) => {
    const cwd = workplace();
    const { code, stderr } = await convert([...argv(), '--out', 'out'], { cwd });
    expect(code).toBe(1);
    expect(stderr.split('\n')[0]).toBe(`error: ${message}`);
    expect(stderr.split('\n')[1]).toMatch(fix);
    expect(readdirSync(cwd).sort()).toEqual(['new', 'old']);
  });

  test.each([
    [['--to', 'pem'], '--out: it is missing'],
    [['--out', 'file'], '--to: it is missing, and the name of --out does not say the form'],
    [['--to', 'jwk', '--out', 'o', '--out-password-file', 'new'], '--to jwk: such a file has no password'],
    [['--to', 'pem', '--out', 'o', '--legacy'], '--legacy: it is for a PFX, not for pem'],
    [['--to', 'pfx', '--out', 'o', '--pem'], '--pem: it is for --to cer, not for pfx'],
    [['--to', 'pfx', '--out', 'o', '--kid', 'x'], '--kid: it is for --to jwk and jwks, not for pfx'],
    [['--to', 'der', '--out', 'o.cer'], '--to der writes the private key, and --out has the name of a certificate'],
    [['--to', 'cer', '--out', '-', '--json'], '--json: --out - takes standard output for the file'],
    [['--to', 'pfx', '--out', '-'], 'password: a PFX on standard output needs one'],
  ])('cert convert %j is wrong usage', async (argv, message) => {
    const cwd = workplace();
    const { code, stdoutBytes, stderr } = await convert([files.pem, ...argv], { cwd });
    expect([code, stdoutBytes.length]).toEqual([2, 0]);
    const line = argv.includes('--json')
      ? JSON.parse(stderr).error.message
      : /^error: (.*)\nhint: .+\n$/.exec(stderr)?.[1];
    expect(line).toBe(message);
  });

  test('cert convert writes no octets to a terminal', async () => {
    const { code, stderr } = await convert([files.pem, '--to', 'cer', '--out', '-'], { isTerminal: true });
    expect(code).toBe(2);
    expect(stderr).toContain('standard output is a terminal');
    expect((await convert([files.pem, '--to', 'cer', '--pem', '--out', '-'], { isTerminal: true })).code).toBe(0);
  });
});
