import { readFileSync, writeFileSync } from 'node:fs';
import type { Registered, Registration } from '@certgrant/authority';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testAuthority } from '../support/authority.ts';
import { keyFiles } from '../support/credentials.ts';
import { fingerprint, openssl } from '../support/openssl.ts';
import { certgrant, type Outcome, type Surroundings } from '../support/run.ts';

const files = keyFiles();
const authority = testAuthority();
const next = { key: `${files.folder}/next.key`, cer: `${files.folder}/next.crt`, pem: `${files.folder}/next.pem` };

beforeAll(() => {
  const subject = ['-nodes', '-subj', '/CN=next', '-days', '90'];
  openssl(['req', '-x509', '-newkey', 'rsa:2048', '-keyout', next.key, '-out', next.cer, ...subject]);
  writeFileSync(next.pem, readFileSync(next.key, 'utf8') + readFileSync(next.cer, 'utf8'));
});

/** The checks after a write wait for other writers; there are none here. */
const impatient = {
  delay: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (ms <= 8000) resolve();
      else setTimeout(resolve, ms).unref();
    }),
};

let app: Registered;
beforeEach(async () => {
  app = await register();
});

/** With two certificates: `daemon`, and `other`, which is somebody else's. */
function register(registration: Registration = {}): Promise<Registered> {
  const certificates = [files.cer, files.otherCer].map((file) => readFileSync(file));
  return authority.running.register({ certificates, ...registration });
}

function keys(argv: readonly string[], surroundings: Surroundings = {}): Promise<Outcome> {
  const [word = '', ...rest] = argv;
  const server = ['--graph', authority.running.graphUrl, '--ca', authority.caFile];
  return certgrant(['app', 'keys', word, ...server, ...rest], { platform: impatient, ...surroundings });
}

const byAdmin = (): string[] => ['--app-id', app.appId, '--access-token-file', authority.adminTokenFile];
/** As the application itself, with what its administrator told it once. */
const byItself = (cert: string = files.pem, of: Registered = app): string[] => {
  const { url, tenantId } = authority.running;
  return ['--object-id', of.objectId, '--app-id', of.appId, '--cert', cert, '--tenant', tenantId, '--authority', url];
};

interface Listed {
  readonly objectId: string;
  readonly keys: readonly { readonly keyId: string; readonly thumbprint: string; readonly isCert: boolean | null }[];
}

async function listed(...extra: readonly string[]): Promise<Listed> {
  const { code, stdout, stderr } = await keys(['list', ...byAdmin(), '--json', ...extra]);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout);
}

const prints = async (): Promise<string[]> => (await listed()).keys.map(({ thumbprint }) => thumbprint);
const sha1 = (file: string): string => fingerprint(file, 'sha1');

describe('certgrant app keys list', () => {
  test('app keys list --json has every key, and which of them the file is', async () => {
    expect(await listed('--cert', files.otherCer)).toEqual({
      objectId: app.objectId,
      keys: [
        {
          keyId: app.keyId,
          displayName: expect.any(String),
          type: 'AsymmetricX509Cert',
          usage: 'Verify',
          startDateTime: expect.stringMatching(/Z$/),
          endDateTime: expect.stringMatching(/Z$/),
          thumbprint: sha1(files.cer),
          isCert: false,
        },
        expect.objectContaining({ thumbprint: sha1(files.otherCer), isCert: true }),
      ],
    });
    expect((await listed()).keys.map(({ isCert }) => isCert)).toEqual([null, null]);
  });

  test('app keys list shows them to people, and marks the one that the file is', async () => {
    const { code, stdout, stderr } = await keys(['list', ...byAdmin(), '--cert', files.cer]);
    expect([code, stderr]).toEqual([0, '']);
    const [first = '', second = ''] = stdout.split('\n\n');
    expect(first).toMatch(/^Key id +[0-9a-f-]{36}\nThumbprint +[0-9A-F]{40}\n.*Validity +\S+ .* valid, ends in /s);
    expect(first).toContain(`This is     ${files.cer}`);
    expect(second).not.toContain('This is');
  });

  test('app keys list says when the file is none of the keys, and when there are none', async () => {
    const other = await keys(['list', ...byAdmin(), '--cert', next.cer]);
    expect([other.code, other.stderr]).toEqual([0, expect.stringContaining('is none of these keys')]);
    app = await register({ certificates: [] });
    expect((await keys(['list', ...byAdmin()])).stdout).toBe('There are no keys.\n');
  });

  test('app keys list asks with a token of its own, which has to be permitted to read', async () => {
    const refused = await keys(['list', ...byItself()]);
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toMatch(/^error: read keys: Graph answered 403 .*\n.*\nhint: Grant Application\.Read\.All /);
    app = await register({ permissions: ['Application.Read.All'] });
    expect((await keys(['list', ...byItself()])).stdout).toContain(`This is     ${files.pem}`);
  });

  test('app keys list finds the Graph of an authority of no cloud below it', async () => {
    app = await register({ permissions: ['Application.Read.All'] });
    const { code, stdout } = await certgrant([
      'app',
      'keys',
      'list',
      ...byItself(),
      '--ca',
      authority.caFile,
      '--json',
    ]);
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ objectId: app.objectId })]);
  });

  test('app keys list --service-principal lists those of the service principal', async () => {
    const { stdout } = await keys(['list', ...byAdmin(), '--service-principal', '--json']);
    expect(JSON.parse(stdout)).toEqual({ objectId: app.servicePrincipalId, keys: [] });
  });
});

describe('certgrant app keys add and remove, by proof', () => {
  test('an application without permissions rolls its certificate, and the keys of others stay', async () => {
    const added = await keys(['add', '--add', next.cer, ...byItself(), '--json']);
    expect([added.code, added.stderr]).toEqual([0, '']);
    expect(JSON.parse(added.stdout)).toMatchObject({
      objectId: app.objectId,
      added: true,
      thumbprint: sha1(next.cer),
      keyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await prints()).toEqual([sha1(files.cer), sha1(files.otherCer), sha1(next.cer)]);

    const removed = await keys(['remove', '--remove', app.keyId ?? '', ...byItself(next.pem), '--force']);
    expect([removed.code, removed.stdout, removed.stderr]).toEqual([0, `Removed key ${app.keyId}\n`, '']);
    expect(await prints()).toEqual([sha1(files.otherCer), sha1(next.cer)]);
  });

  test('the new key may be added with its private key in the file, which stays here', async () => {
    const bodies: string[] = [];
    const { fetch } = await import('@certgrant/core/node').then(({ createFetch }) => ({
      fetch: createFetch({ ca: [readFileSync(authority.caFile)], env: {} }),
    }));
    const platform = {
      ...impatient,
      fetch: (url: string, init?: RequestInit) => {
        bodies.push(String(init?.body));
        return fetch(url, init);
      },
    };
    const argv = ['app', 'keys', 'add', '--add', next.pem, '--graph', authority.running.graphUrl, ...byItself()];
    expect((await certgrant(argv, { platform })).code).toBe(0);
    await fetch.close();
    const sent = bodies.join('\n');
    expect(sent.includes('keyCredential')).toBe(true);
    // Past the modulus, which is public.
    expect(sent.includes(readFileSync(next.key, 'utf8').split('\n')[14] ?? '')).toBe(false);
  });

  test('app keys add adds nothing twice where it may read', async () => {
    app = await register({ permissions: ['Application.Read.All'] });
    expect((await keys(['add', '--add', next.cer, ...byItself()])).stderr).toBe('');
    const again = await keys(['add', '--add', next.cer, ...byItself()]);
    expect([again.code, again.stderr]).toEqual([0, 'The certificate is registered already; nothing was changed.\n']);
    expect(await prints()).toHaveLength(3);
  });

  test('app keys remove takes a thumbprint, in any form, where it may read', async () => {
    app = await register({ permissions: ['Application.Read.All'] });
    const colons = sha1(files.otherCer)
      .toLowerCase()
      .replace(/..(?=.)/g, '$&:');
    const { code, stdout } = await keys(['remove', '--remove', colons, ...byItself()]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`with thumbprint ${sha1(files.otherCer)}`)]);
    expect(await prints()).toEqual([sha1(files.cer)]);
  });

  test('app keys add says when the certificate of --cert is not one of the keys', async () => {
    const { code, stdout, stderr } = await keys(['add', '--add', files.cer, ...byItself(next.pem)]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('AADSTS700027');
  });

  test('app keys add says when the object is of another application', async () => {
    const { objectId } = await register();
    const argv = ['add', '--add', next.cer, ...byItself(files.pem, { ...app, objectId })];
    const { code, stderr } = await keys(argv);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: add key: Graph answered 403 .*\n.*\nhint: Ask with an access token of the applicat/,
    );
    expect(await prints()).toHaveLength(2);
  });

  test('app keys add says when --add and --cert are the same', async () => {
    const { code, stderr } = await keys(['add', '--add', files.cer, ...byItself()]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: --add: this is the certificate of --cert itself/),
    ]);
  });

  test('app keys add warns of a certificate that Entra ID does not sign in with', async () => {
    const { code, stderr } = await keys(['add', '--add', files.ecPem, ...byItself()]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^warning: .*EC/)]);
  });
});

describe('certgrant app keys add and remove, by an access token', () => {
  test('they keep every other key as it was', async () => {
    const before = (await listed()).keys;
    const added = await keys(['add', '--add', next.cer, ...byAdmin(), '--json']);
    expect([added.code, added.stderr]).toEqual([0, '']);
    const { keyId } = JSON.parse(added.stdout);
    const between = (await listed()).keys;
    expect(between.slice(0, 2)).toEqual(before);
    expect(between[2]).toMatchObject({ keyId, thumbprint: sha1(next.cer) });
    const removed = await keys(['remove', '--remove', app.keyId ?? '', ...byAdmin(), '--json']);
    expect(JSON.parse(removed.stdout)).toEqual({
      objectId: app.objectId,
      keyId: app.keyId,
      thumbprint: sha1(files.cer),
    });
    expect((await listed()).keys).toEqual(between.slice(1));
  });

  test('app keys add needs no private key, and takes no --cert', async () => {
    const { code, stderr } = await keys(['add', '--add', next.cer, ...byAdmin(), '--cert', files.cer]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: --cert: .*no proof is made/)]);
  });
});

describe('certgrant app keys remove keeps what is needed', () => {
  test('the key of --cert, unless --force is given', async () => {
    const own = ['remove', '--remove', sha1(files.cer), ...byAdmin(), '--cert', files.cer];
    const { code, stderr } = await keys(own);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: --remove: this is the key of --cert itself/)]);
    expect(await prints()).toHaveLength(2);
    expect((await keys([...own, '--force'])).code).toBe(0);
    expect(await prints()).toEqual([sha1(files.otherCer)]);
  });

  test('the last valid key, unless --force is given', async () => {
    app = await register({ certificates: [readFileSync(files.cer)] });
    const last = ['remove', '--remove', sha1(files.cer), ...byAdmin()];
    const { code, stderr } = await keys(last);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: --remove: this is the last valid key/)]);
    expect(await prints()).toHaveLength(1);
    expect((await keys([...last, '--force'])).code).toBe(0);
    expect(await prints()).toEqual([]);
  });

  test('a key that has expired counts for nothing: it does not stand in for the last valid one, and may go', async () => {
    app = await register({ certificates: [files.cer, next.cer].map((file) => readFileSync(file)) });
    const platform = { ...impatient, now: () => Date.now() + 200 * 86_400_000 };
    const valid = await keys(['remove', '--remove', sha1(files.cer), ...byAdmin()], { platform });
    expect([valid.code, valid.stderr]).toEqual([2, expect.stringContaining('this is the last valid key')]);
    expect((await keys(['remove', '--remove', sha1(next.cer), ...byAdmin()], { platform })).code).toBe(0);
    const later = { ...impatient, now: () => Date.now() + 400 * 86_400_000 };
    expect((await keys(['remove', '--remove', sha1(files.cer), ...byAdmin()], { platform: later })).code).toBe(0);
    expect(await prints()).toEqual([]);
  });

  test('any key of which nobody can see whether it is needed, unless --force is given', async () => {
    const { code, stderr } = await keys(['remove', '--remove', app.keyId ?? '', ...byItself()]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/may not read the keys.*\nhint: Give --force/)]);
    const print = await keys(['remove', '--remove', sha1(files.otherCer), ...byItself(), '--force']);
    expect([print.code, print.stderr]).toEqual([2, expect.stringMatching(/whose thumbprint.*\nhint: Give its key id/)]);
    expect(await prints()).toHaveLength(2);
  });

  test('everything, when there is no such key or two are meant', async () => {
    const missing = await keys(['remove', '--remove', sha1(next.cer), ...byAdmin()]);
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/^error: find key: none .*\nhint: certgr/),
    ]);
    app = await register({ certificates: [files.cer, files.cer].map((file) => readFileSync(file)) });
    const two = await keys(['remove', '--remove', sha1(files.cer), ...byAdmin()]);
    expect([two.code, two.stderr]).toEqual([1, expect.stringMatching(/registered more than once, as .* and /)]);
    expect(await prints()).toHaveLength(2);
  });
});

describe('certgrant app keys refuses before it asks anybody', () => {
  test.each<[readonly string[], string]>([
    [['list'], 'application: neither its object id nor its application id is given'],
    [['list', '--app-id', 'my-daemon'], '--app-id: this is not a GUID'],
    [['add', '--app-id', 'x'], 'certificate to add: none is given'],
    [['remove', '--app-id', 'x'], 'key to remove: none is given'],
    [['remove', '--remove', 'my-daemon'], '--remove: this is neither a key id nor a thumbprint'],
    [['remove', '--remove', 'A'.repeat(39)], '--remove: this is neither a key id nor a thumbprint'],
  ])('%j is wrong usage', async (argv, message) => {
    const platform = { fetch: () => Promise.reject(new Error('nobody is to be asked')) };
    const { code, stderr } = await certgrant(['app', 'keys', ...argv], { platform });
    expect([code, stderr.split('\n')[0]]).toEqual([2, `error: ${message}`]);
  });

  test('an application id where the object id belongs', async () => {
    const { code, stderr } = await keys(['list', ...byAdmin(), '--object-id', app.appId]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: --object-id: this is the application \(client\) id/),
    ]);
  });

  test.each([
    [['app', 'keys'], 'app keys: a third word is missing', 'app keys list, app keys add, app keys remove'],
    [['app', 'keys', 'lst'], 'app keys: there is no such command', 'certgrant app keys list?'],
  ])('%j names the commands that there are', async (argv, message, hint) => {
    const { code, stderr } = await certgrant(argv);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`error: ${message}\n`)]);
    expect(stderr).toContain(hint);
  });

  test('help for app keys lists the three', async () => {
    const { stdout } = await certgrant(['help', 'app', 'keys']);
    for (const word of ['list', 'add', 'remove']) expect(stdout).toContain(`app keys ${word}`);
    expect((await certgrant(['help', 'app', 'keys', 'add'])).stdout).toContain('--add FILE');
  });
});
