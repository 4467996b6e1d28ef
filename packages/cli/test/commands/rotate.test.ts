import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificateOf, type Daemon, hasty, keysOf, newDaemon, run, workshop } from '../support/rotation.ts';
import { makeAuthority, sign } from '../support/tools.ts';

const shop = workshop();
const rotated = { registered: ['CN=daemon-1', 'CN=daemon-2'], onDisk: 'CN=daemon-2' };
const untouched = { registered: ['CN=daemon-0', 'CN=daemon-1'], onDisk: 'CN=daemon-0' };

/** The command line with a new key instead of a given one. */
function generating({ argv }: Daemon): readonly string[] {
  return argv.slice(0, argv.indexOf('--new'));
}

function note({ cert }: Daemon): Readonly<Record<string, unknown>> {
  return JSON.parse(readFileSync(`${cert}.rotation.json`, 'utf8'));
}

describe('certgrant rotate', () => {
  test('rotate replaces the certificate, keeps the old file aside and leaves a report', async () => {
    const daemon = await newDaemon(shop);
    const before = readFileSync(daemon.cert, 'utf8');
    const { code, stdout } = await run(shop, [...daemon.argv, '--overlap', '0']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Done: /)]);
    expect(await keysOf(shop, daemon)).toEqual(rotated);
    expect(readdirSync(daemon.folder)).toEqual(['daemon.pem', 'daemon.pem.rotation.json', 'daemon.previous.pem']);
    expect(readFileSync(join(daemon.folder, 'daemon.previous.pem'), 'utf8')).toBe(before);
    const report = await run(shop, ['rotate', 'status', '--cert', daemon.cert, '--json']);
    expect([report.code, JSON.parse(report.stdout)]).toEqual([0, expect.objectContaining({ status: 'finished' })]);
  });

  test('rotate makes a key and a certificate like the current ones', async () => {
    const daemon = await newDaemon(shop);
    const before = await certificateOf(daemon.cert);
    expect((await run(shop, [...generating(daemon), '--overlap', '0'])).code).toBe(0);
    const after = await certificateOf(daemon.cert);
    expect(after).toMatchObject({ subject: before.subject, subjectAlternativeNames: before.subjectAlternativeNames });
    expect(after.publicKey).toMatchObject({ type: 'RSA', bits: before.publicKey.bits });
    expect(after.publicKey.spki).not.toEqual(before.publicKey.spki);
    const days = ({ notBefore, notAfter }: typeof after): number => (notAfter.getTime() - notBefore.getTime()) / 864e5;
    expect(days(after)).toBeCloseTo(days(before), 3);
  });

  test('rotate makes what it is told to make instead', async () => {
    const daemon = await newDaemon(shop);
    const wishes = ['--subject', 'CN=other', '--san', 'dns:d.example', '--days', '90', '--key-type', 'RSA-3072'];
    expect((await run(shop, [...generating(daemon), ...wishes, '--overlap', '0'])).code).toBe(0);
    const made = await certificateOf(daemon.cert);
    expect([made.subject, made.subjectAlternativeNames, made.publicKey.bits]).toEqual([
      'CN=other',
      ['dns:d.example'],
      3072,
    ]);
  });

  test('rotate keeps a PFX a PFX with the same password, and its permissions', async () => {
    const daemon = await newDaemon(shop);
    const pfx = join(daemon.folder, 'daemon.pfx');
    const env = { SECRET: 'correct horse' };
    await run(shop, ['cert', 'convert', daemon.cert, '--out', pfx, '--out-password-env', 'SECRET'], { env });
    chmodSync(pfx, 0o640);
    const argv = daemon.argv.map((word) => (word === daemon.cert ? pfx : word));
    const { code, stderr } = await run(shop, [...argv, '--password-env', 'SECRET', '--overlap', '0'], { env });
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect((await certificateOf(pfx, env.SECRET)).subject).toBe('CN=daemon-2');
    expect(statSync(pfx).mode & 0o777).toBe(0o640);
  });

  test('rotate follows a link to the file and leaves the link', async () => {
    const daemon = await newDaemon(shop);
    const link = join(daemon.folder, 'link.pem');
    symlinkSync('daemon.pem', link);
    const argv = daemon.argv.map((word) => (word === daemon.cert ? link : word));
    expect((await run(shop, [...argv, '--overlap', '0'])).code).toBe(0);
    expect(await keysOf(shop, daemon)).toEqual(rotated);
    expect(readFileSync(link, 'utf8')).toBe(readFileSync(daemon.cert, 'utf8'));
  });

  test('rotate --within does nothing before its time, and finishes what is under way at any time', async () => {
    const daemon = await newDaemon(shop);
    const early = await run(shop, [...daemon.argv, '--within', '30d']);
    expect([early.code, early.stdout]).toEqual([0, expect.stringMatching(/^Not due: the certificate ends in /)]);
    expect(existsSync(`${daemon.cert}.rotation.json`)).toBe(false);
    expect((await run(shop, [...daemon.argv, '--within', '400d'])).stdout).toMatch(/^Waiting: /);
    const late = await run(shop, [...daemon.argv, '--within', '30d', '--overlap', '0']);
    expect([late.code, late.stdout]).toEqual([0, expect.stringMatching(/^Done: /)]);
    expect(await keysOf(shop, daemon)).toEqual(rotated);
  });

  test('rotate --plan shows the steps and does nothing', async () => {
    const daemon = await newDaemon(shop);
    const { code, stdout } = await run(shop, [...daemon.argv, '--plan']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /check .*\n *make .*\n *add .*\n *wait .*\n *switch .*\n *hook .*\n *overlap .*\n *remove .*\n *tidy /,
    );
    expect(readdirSync(daemon.folder)).toEqual(['daemon.pem']);
    expect(await keysOf(shop, daemon)).toEqual(untouched);
  });

  test('rotate asks the Graph of the cloud that is named, where two clouds share an authority', async () => {
    const daemon = await newDaemon(shop);
    const at = daemon.argv.indexOf('--authority');
    const argv = daemon.argv.toSpliced(at, 2, '--cloud', 'usgov-dod', '--timeout', '1s');
    const asked: string[] = [];
    const fetch = async (url: string, init: { body?: unknown } = {}): Promise<Response> => {
      asked.push(`${url} ${new URLSearchParams(String(init.body)).get('scope')}`);
      throw new TypeError('fetch failed');
    };
    expect((await run(shop, argv, { platform: hasty(shop, { fetch }) })).code).toBe(1);
    expect(asked[0]).toMatch(
      /^https:\/\/login\.microsoftonline\.us\/.* https:\/\/dod-graph\.microsoft\.us\/\.default$/,
    );
    expect(note(daemon)).toMatchObject({ graphUrl: 'https://dod-graph.microsoft.us' });
  });

  test('rotate --rehearse goes through all steps with copies', async () => {
    const daemon = await newDaemon(shop);
    const { code, stdout, stderr } = await run(shop, [...generating(daemon), '--rehearse', '--hook', 'exit 1'], {
      platform: {},
    });
    expect([code, stderr]).toEqual([0, expect.stringContaining('warning: this is a rehearsal at https://localhost:')]);
    expect(stdout).toMatch(/AADSTS700027\n[\s\S]* granted\n[\s\S]*Rehearsed: every step went through\.\n$/);
    expect(readdirSync(daemon.folder)).toEqual(['daemon.pem']);
    expect(await keysOf(shop, daemon)).toEqual(untouched);
  });

  test('rotate keeps its note from others, and nothing secret in it', async () => {
    const daemon = await newDaemon(shop);
    await run(shop, daemon.argv);
    const path = `${daemon.cert}.rotation.json`;
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toMatch(/PRIVATE|eyJ|MII/);
    for (const name of ['daemon.next.pem', 'daemon.previous.pem']) {
      expect(statSync(join(daemon.folder, name)).mode & 0o777).toBe(0o600);
    }
  });

  test('rotate runs the hook once the file is there, and again when it failed', async () => {
    const daemon = await newDaemon(shop);
    const log = join(daemon.folder, 'log');
    const hook = `echo $CERTGRANT_EVENT $CERTGRANT_CERT $CERTGRANT_THUMBPRINT >> ${log}; test $(wc -l < ${log}) -gt 1`;
    const argv = [...daemon.argv, '--overlap', '0', '--hook', hook];
    const { code, stderr } = await run(shop, argv, { env: { PATH: process.env.PATH } });
    expect([code, stderr]).toEqual([1, expect.stringContaining('error: run hook: it ended with exit code 1')]);
    expect((await keysOf(shop, daemon)).registered).toContain('CN=daemon-0');
    expect((await run(shop, argv, { env: { PATH: process.env.PATH } })).code).toBe(0);
    const line = `rotate ${daemon.cert} ${(note(daemon).new as Record<string, string>).thumbprint}`;
    expect(readFileSync(log, 'utf8')).toBe(`${line}\n${line}\n`);
  });

  test('rotate --csr writes a request and goes on when the certificate is joined', async () => {
    const daemon = await newDaemon(shop);
    const { folder } = daemon;
    makeAuthority(folder);
    const argv = [...generating(daemon), '--csr', join(folder, 'next.csr'), '--overlap', '0'];
    for (const _ of [1, 2])
      expect((await run(shop, argv)).stdout).toMatch(/^Waiting: send .*certgrant cert join .*ANSWER/);
    expect(await keysOf(shop, daemon)).toEqual(untouched);
    sign(folder, 'next.csr', 'inter', 'answer.crt');
    const join_ = ['cert', 'join', join(folder, 'daemon.next.pem.key'), join(folder, 'answer.crt')];
    expect((await run(shop, [...join_, '--out', join(folder, 'daemon.next.pem')])).code).toBe(0);
    const { code, stderr } = await run(shop, argv);
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect((await certificateOf(daemon.cert)).issuer).toBe('CN=Inter');
    expect(readdirSync(folder).filter((name) => name.startsWith('daemon.next'))).toEqual([]);
  });

  test('rotate of two at once has one say that the other is at work', async () => {
    const daemon = await newDaemon(shop);
    const argv = [...daemon.argv, '--overlap', '0'];
    const outcomes = await Promise.all([run(shop, argv), run(shop, argv)]);
    expect(outcomes.map(({ code }) => code).sort()).toEqual([0, 1]);
    expect(outcomes.find(({ code }) => code === 1)?.stderr).toContain(
      `process ${process.pid} is at work on this key file`,
    );
    expect(await keysOf(shop, daemon)).toEqual(rotated);
  });

  test('rotate ends at Ctrl-C, and the same command goes on', async () => {
    const daemon = await newDaemon(shop);
    const stop = new AbortController();
    const onStderr = (text: string): void => {
      if (text.startsWith('wait ')) stop.abort();
    };
    const argv = [...daemon.argv, '--overlap', '0'];
    expect((await run(shop, argv, { signal: stop.signal, onStderr })).code).not.toBe(0);
    expect((await run(shop, argv)).code).toBe(0);
    expect(await keysOf(shop, daemon)).toEqual(rotated);
  });

  test('rotate refuses to overwrite a file where the new key would go', async () => {
    const daemon = await newDaemon(shop);
    writeFileSync(join(daemon.folder, 'daemon.next.pem'), 'somebody needs this');
    const { code, stderr } = await run(shop, daemon.argv);
    expect([code, stderr]).toEqual([1, expect.stringContaining('daemon.next.pem already')]);
    expect(await keysOf(shop, daemon)).toEqual(untouched);
  });

  test('rotate stops when somebody else has replaced the key file', async () => {
    const daemon = await newDaemon(shop);
    await run(shop, daemon.argv);
    copyFileSync(shop.pems[4] ?? '', daemon.cert);
    const { code, stderr } = await run(shop, [...daemon.argv, '--overlap', '0']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('holds neither the old certificate nor the new one')]);
  });

  test('rotate goes on with no rotation of another application', async () => {
    const [daemon, other] = [await newDaemon(shop), await newDaemon(shop)];
    await run(shop, daemon.argv);
    const argv = daemon.argv.map((word) => (word === daemon.registered.appId ? other.registered.appId : word));
    const { code, stderr } = await run(shop, argv);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`another client id: ${daemon.registered.appId}`)]);
  });

  test('rotate says which ids the application may not look up, and takes them the next time', async () => {
    const daemon = await newDaemon(shop);
    const { objectId, keyId = '' } = daemon.registered;
    const without = (...words: string[]): readonly string[] =>
      daemon.argv.filter((word, at) => !words.includes(word) && !words.includes(daemon.argv[at + 1] ?? ''));
    expect(await run(shop, without(objectId))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--object-id'),
    });
    expect(await run(shop, without(keyId))).toMatchObject({ code: 2, stderr: expect.stringContaining('--key-id') });
    expect((await run(shop, [...daemon.argv, '--overlap', '0'])).code).toBe(0);
    const again = [...generating({ ...daemon, argv: without(objectId, keyId) }), '--overlap', '0'];
    expect((await run(shop, [...again, '--new', shop.pems[3] ?? ''])).code).toBe(0);
    expect((await keysOf(shop, daemon)).registered).toEqual(['CN=daemon-1', 'CN=daemon-3']);
  });

  test('rotate looks the ids up itself where the application may', async () => {
    const daemon = await newDaemon(shop, { permissions: ['Application.Read.All'] });
    const { objectId, keyId = '' } = daemon.registered;
    const argv = daemon.argv.filter((word) => ![objectId, keyId, '--object-id', '--key-id'].includes(word));
    expect((await run(shop, [...argv, '--overlap', '0'])).code).toBe(0);
    expect(await keysOf(shop, daemon)).toEqual(rotated);
  });

  test.each([
    [['--cert', '-'], 'a rotation replaces a file'],
    [['--overlap', 'soon'], '--overlap: this is not a time'],
    [['--object-id', 'my-app'], '--object-id: this is not a GUID'],
    [['--new', 'a.pem', '--csr', 'b.csr'], '--new and --csr are both given'],
    [['--new', 'a.pem', '--days', '3'], '--days: it is for a certificate that is made here'],
    [['--rehearse', '--csr', 'b.csr'], '--csr: no certificate authority answers in a rehearsal'],
  ])('rotate %j is wrong usage', async (argv, message) => {
    const who = ['--tenant', 'contoso.com', '--client-id', '6731de76-14a6-49ae-97bc-6eba6914391e'];
    const cert = argv.includes('--cert') ? [] : ['--cert', shop.pems[0] ?? ''];
    const { code, stderr } = await run(shop, ['rotate', ...who, ...cert, ...argv]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('certgrant rotate undo', () => {
  test('rotate undo goes back to the old certificate from anywhere before its removal', async () => {
    const daemon = await newDaemon(shop);
    expect((await run(shop, daemon.argv)).stdout).toMatch(/^Waiting: /);
    expect((await run(shop, ['rotate', 'status', '--cert', daemon.cert])).code).toBe(3);
    const { code, stdout } = await run(shop, ['rotate', 'undo', '--cert', daemon.cert]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^Taken back: /)]);
    expect(await keysOf(shop, daemon)).toEqual(untouched);
    expect(existsSync(join(daemon.folder, 'daemon.next.pem'))).toBe(false);
    expect((await run(shop, [...daemon.argv, '--overlap', '0'])).code).toBe(0);
    expect(await keysOf(shop, daemon)).toEqual(rotated);
  });

  test('rotate undo takes back a key whose registration was never accepted', async () => {
    const daemon = await newDaemon(shop);
    const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
      if (url.endsWith('/addKey')) throw new TypeError('fetch failed');
      return shop.fetch(url, init);
    };
    expect((await run(shop, daemon.argv, { platform: hasty(shop, { fetch }) })).code).toBe(1);
    expect((await run(shop, ['rotate', 'undo', '--cert', daemon.cert])).code).toBe(0);
    expect(await keysOf(shop, daemon)).toEqual(untouched);
  });

  test('rotate undo of a finished rotation, and of none, says that there is nothing to take back', async () => {
    const daemon = await newDaemon(shop);
    const undo = ['rotate', 'undo', '--cert', daemon.cert];
    expect(await run(shop, undo)).toMatchObject({ code: 1, stderr: expect.stringContaining('no rotation under way') });
    await run(shop, [...daemon.argv, '--overlap', '0']);
    expect(await run(shop, undo)).toMatchObject({ code: 1, stderr: expect.stringContaining('no rotation under way') });
  });

  test('rotate status says of a damaged note that it is none', async () => {
    const daemon = await newDaemon(shop);
    mkdirSync(join(daemon.folder, 'x'));
    writeFileSync(`${daemon.cert}.rotation.json`, '{"version":1}');
    expect(await run(shop, ['rotate', 'status', '--cert', daemon.cert])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('it is not the state of a rotation'),
    });
    writeFileSync(`${daemon.cert}.rotation.json`, '{"version":2}');
    expect((await run(shop, daemon.argv)).stderr).toContain('another version of certgrant wrote it');
  });
});
