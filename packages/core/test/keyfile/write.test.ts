import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import {
  type Certificate,
  createSelfSignedCertificate,
  generateKeyPair,
  type KeyPair,
  readKeyFile,
  writePem,
  writePfx,
} from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { found, sha256, Workshop } from './support/workshop.ts';

const workshop = new Workshop();
afterAll(() => workshop.remove());

interface Pair {
  readonly keyPair: KeyPair;
  readonly certificate: Certificate;
}
const pairs = new Map<string, Pair>();
beforeAll(async () => {
  for (const algorithm of ['RSA-2048', 'P-256'] as const) {
    const keyPair = await generateKeyPair(algorithm);
    const certificate = await createSelfSignedCertificate({ keyPair, subject: 'CN=daemon', validityDays: 30 });
    pairs.set(algorithm, { keyPair, certificate });
  }
});
function pairOf(algorithm: string): Pair {
  const pair = pairs.get(algorithm);
  if (pair === undefined) throw new Error(algorithm);
  return pair;
}

/** What OpenSSL takes out of a file must be what went in. */
async function expectWhatWentIn(pem: string, { keyPair, certificate }: Pair): Promise<void> {
  const contents = await readKeyFile(Buffer.from(pem));
  expect(found(contents)).toEqual({ keys: [sha256(keyPair.spki)], certificates: [sha256(certificate.der)] });
}

const profiles = ['aes256-sha256', 'tripledes-sha1'] as const;
const everyPfx = ['RSA-2048', 'P-256'].flatMap((algorithm) =>
  profiles.flatMap((encryption) => ['Passw0rd!', 'é', ''].map((password) => ({ algorithm, encryption, password }))),
);

describe('writePfx', () => {
  it.each(everyPfx)(
    'writes what OpenSSL and certgrant open: $algorithm, $encryption, password "$password"',
    async (given) => {
      const { algorithm, encryption, password } = given;
      const pair = pairOf(algorithm);
      const { pkcs8 } = pair.keyPair;
      const pfx = await writePfx(
        { pkcs8, certificates: [pair.certificate], friendlyName: 'My daemon' },
        { password, encryption },
      );
      workshop.write('written.pfx', pfx);
      const pem = workshop.openssl('pkcs12', '-in', 'written.pfx', '-passin', `pass:${password}`, '-noenc');
      expect(pem.match(/friendlyName: My daemon/g)).toHaveLength(2);
      await expectWhatWentIn(pem, pair);
      const contents = await readKeyFile(pfx, { password });
      expect(contents.privateKeys[0]).toMatchObject({ friendlyName: 'My daemon', localKeyId: '01000000', pkcs8 });
      expect(contents.certificates[0]).toMatchObject({ friendlyName: 'My daemon', localKeyId: '01000000' });
    },
  );

  it.each([
    ['aes256-sha256', /MAC: sha256, Iteration 100000[\s\S]*AES-256-CBC, Iteration 100000, PRF hmacWithSHA256/],
    ['tripledes-sha1', /MAC: sha1, Iteration 2000[\s\S]*pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 2000/],
  ] as const)('seals and encrypts with %s as it says', async (encryption, expected) => {
    const { keyPair, certificate } = pairOf('P-256');
    workshop.write(
      'p.pfx',
      await writePfx({ pkcs8: keyPair.pkcs8, certificates: [certificate] }, { password: 'x', encryption }),
    );
    // The description goes to the error stream.
    const shell = 'openssl pkcs12 -in p.pfx -info -noout -passin pass:x 2>&1';
    expect(execFileSync('sh', ['-c', shell], { cwd: workshop.folder, encoding: 'utf8' })).toMatch(expected);
  });

  it('writes the chain behind the certificate', async () => {
    const [leaf, other] = [pairOf('RSA-2048'), pairOf('P-256')];
    const certificates = [leaf.certificate, other.certificate];
    const pfx = await writePfx({ pkcs8: leaf.keyPair.pkcs8, certificates }, { password: 'x' });
    const contents = await readKeyFile(pfx, { password: 'x' });
    expect(found(contents).certificates).toEqual(certificates.map(({ der }) => sha256(der)));
    expect(contents.certificates[1]?.localKeyId).toBeUndefined();
  });

  it('takes salts and initialization vectors from the platform', async () => {
    const { keyPair, certificate } = pairOf('P-256');
    const contents = { pkcs8: keyPair.pkcs8, certificates: [certificate] };
    const platform = { randomBytes: (length: number) => new Uint8Array(length).fill(7) };
    const [first, second] = [
      await writePfx(contents, { password: 'x', platform }),
      await writePfx(contents, { password: 'x', platform }),
    ];
    expect(first).toEqual(second);
    expect(await writePfx(contents, { password: 'x' })).not.toEqual(first);
  });

  it('refuses an unknown kind of encryption', async () => {
    const { keyPair, certificate } = pairOf('P-256');
    const options = { password: 'x', encryption: 'rot13' as never };
    await expect(writePfx({ pkcs8: keyPair.pkcs8, certificates: [certificate] }, options)).rejects.toThrow(RangeError);
  });

  it('writes what Java opens', async (context) => {
    if (!hasKeytool()) context.skip('there is no keytool on this machine');
    const files = [
      { algorithm: 'RSA-2048', encryption: 'aes256-sha256' },
      { algorithm: 'P-256', encryption: 'tripledes-sha1' },
    ] as const;
    for (const { algorithm, encryption } of files) {
      const { keyPair, certificate } = pairOf(algorithm);
      const contents = { pkcs8: keyPair.pkcs8, certificates: [certificate], friendlyName: 'daemon' };
      workshop.write('j.pfx', await writePfx(contents, { password: 'Passw0rd!', encryption }));
      const args = [
        '-list',
        '-v',
        '-keystore',
        workshop.path('j.pfx'),
        '-storetype',
        'PKCS12',
        '-storepass',
        'Passw0rd!',
      ];
      const listed = execFileSync('keytool', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      expect(listed.replaceAll(':', '')).toContain(sha256(certificate.der));
      expect(listed).toContain('PrivateKeyEntry');
    }
  }, 120_000);
});

it('readKeyFile opens what Java writes', async (context) => {
  if (!hasKeytool()) context.skip('there is no keytool on this machine');
  const args = ['-genkeypair', '-alias', 'daemon', '-keyalg', 'EC', '-dname', 'CN=java', '-storetype', 'PKCS12'];
  const store = ['-keystore', workshop.path('java.p12'), '-storepass', 'Passw0rd!'];
  for (const legacy of [[], ['-J-Dkeystore.pkcs12.legacy']]) {
    execFileSync('keytool', [...args, ...store, ...legacy, '-alias', `daemon${legacy.length}`], { stdio: 'ignore' });
    const contents = await readKeyFile(workshop.read('java.p12'), { password: 'Passw0rd!' });
    expect(contents.privateKeys[0]?.friendlyName).toBe('daemon0');
    expect(contents.certificates[0]?.certificate.subject).toBe('CN=java');
  }
}, 120_000);

/** Starting Java takes seconds on a busy machine; looking for it takes none. */
function hasKeytool(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'keytool')));
}

describe('writePem', () => {
  it.each(['RSA-2048', 'P-256'])('writes what OpenSSL and certgrant open: %s', async (algorithm) => {
    const pair = pairOf(algorithm);
    const contents = { pkcs8: pair.keyPair.pkcs8, certificates: [pair.certificate] };
    const plain = await writePem(contents);
    await expectWhatWentIn(plain, pair);
    expect(plain.split('\n').every((line) => line.length <= 64)).toBe(true);
    workshop.write('plain.pem', plain);
    workshop.write('locked.pem', await writePem(contents, { password: 'Größe' }));
    const unlocked = workshop.openssl('pkey', '-in', 'locked.pem', '-passin', 'pass:Größe');
    expect(unlocked).toBe(workshop.openssl('pkey', '-in', 'plain.pem'));
    expect(workshop.openssl('x509', '-in', 'locked.pem', '-noout', '-subject')).toContain('daemon');
    await expect(readKeyFile(workshop.read('locked.pem'))).rejects.toMatchObject({ code: 'PASSWORD_REQUIRED' });
    const reread = await readKeyFile(workshop.read('locked.pem'), { password: 'Größe' });
    expect(reread.privateKeys[0]?.pkcs8).toEqual(pair.keyPair.pkcs8);
  });

  it('writes certificates alone', async () => {
    const { certificate } = pairOf('P-256');
    const text = await writePem({ certificates: [certificate, certificate] });
    expect(text).toMatch(/^-----BEGIN CERTIFICATE-----\n[\s\S]+-----END CERTIFICATE-----\n$/);
    expect((await readKeyFile(Buffer.from(text))).certificates).toHaveLength(2);
  });

  it('refuses an empty password', async () => {
    const { keyPair } = pairOf('P-256');
    await expect(writePem({ pkcs8: keyPair.pkcs8, certificates: [] }, { password: '' })).rejects.toThrow(RangeError);
  });
});
