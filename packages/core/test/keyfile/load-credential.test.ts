import { loadCredential, readKeyFile, selectCredential, thumbprints, writePfx } from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Workshop } from './support/workshop.ts';

const workshop = new Workshop();
const password = 'Passw0rd!';
const text = (...names: readonly string[]): Uint8Array =>
  Buffer.from(names.map((name) => workshop.text(name)).join('\n'));

beforeAll(() => {
  workshop.makePair('root');
  workshop.makeIssuedPair('daemon', 'root');
  workshop.makePair('other');
  workshop.makePair('ec', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256');
});
afterAll(() => workshop.remove());

describe('loadCredential', () => {
  it.each<[string, string[]]>([
    ['key first', ['daemon.key', 'daemon.crt', 'root.crt']],
    ['key last', ['root.crt', 'daemon.crt', 'daemon.key']],
    ['the chain in the other order and a stranger between', ['root.crt', 'other.crt', 'daemon.key', 'daemon.crt']],
  ])('finds the certificate of the key and puts the chain in order: %s', async (_, names) => {
    const { certificate, chain } = await loadCredential(text(...names));
    expect(certificate.subject).toBe('CN=daemon');
    expect(chain.map(({ subject }) => subject)).toEqual(['CN=daemon', 'CN=root']);
  });

  it('takes the key from a file of its own, in either order of the two files', async () => {
    const [key, certificates] = [text('daemon.key'), text('root.crt', 'daemon.crt')];
    for (const [bytes, keyBytes] of [[certificates, key] as const, [key, certificates] as const]) {
      const { certificate, chain } = await loadCredential(bytes, { keyBytes });
      expect([certificate.subject, chain.length]).toEqual(['CN=daemon', 2]);
    }
  });

  it('takes the key from the key file although the other one has a key too', async () => {
    const { certificate } = await loadCredential(text('other.key', 'other.crt', 'daemon.crt'), {
      keyBytes: text('daemon.key'),
    });
    expect(certificate.subject).toBe('CN=daemon');
  });

  it('opens the key file with a password of its own', async () => {
    workshop.openssl('pkcs8', '-topk8', '-in', 'daemon.key', '-out', 'locked.key', '-passout', 'pass:secret');
    const pfx = workshop.pfx('daemon', password, '-nokeys');
    const { certificate } = await loadCredential(pfx, {
      password,
      keyBytes: text('locked.key'),
      keyPassword: 'secret',
    });
    expect(certificate.subject).toBe('CN=daemon');
  });

  it.each<[string, () => Uint8Array, () => Uint8Array | undefined, string, string]>([
    ['a certificate alone', () => text('daemon.crt'), () => undefined, 'PRIVATE_KEY_MISSING', '--key'],
    [
      'a PFX without a key',
      () => workshop.pfx('daemon', password, '-nokeys'),
      () => undefined,
      'PRIVATE_KEY_MISSING',
      'PFX',
    ],
    ['a key alone', () => text('daemon.key'), () => undefined, 'CERTIFICATE_MISSING', '--cert'],
    [
      'key and certificate of different pairs',
      () => text('daemon.crt', 'other.key'),
      () => undefined,
      'KEY_MISMATCH',
      'requested',
    ],
    ['a key file that does not match', () => text('daemon.crt'), () => text('other.key'), 'KEY_MISMATCH', 'requested'],
    ['two certificate files', () => text('daemon.crt'), () => text('other.crt'), 'PRIVATE_KEY_MISSING', '--key'],
  ])('refuses %s and says what to do', async (_, bytes, keyBytes, code, word) => {
    await expect(loadCredential(bytes(), { password, keyBytes: keyBytes() })).rejects.toMatchObject({
      code,
      fix: expect.stringContaining(word),
    });
  });

  it('says what else stands in a file without a private key', async () => {
    workshop.openssl('req', '-new', '-key', 'daemon.key', '-subj', '/CN=x', '-out', 'daemon.csr');
    await expect(loadCredential(text('daemon.crt', 'daemon.csr'))).rejects.toThrow('a certificate signing request');
  });

  it('gives a credential that matches a certificate with a compressed EC point', async () => {
    workshop.openssl('ec', '-in', 'ec.key', '-conv_form', 'compressed', '-out', 'compressed.key');
    const { certificate, privateKey } = await loadCredential(text('ec.crt', 'compressed.key'));
    expect(certificate.subject).toBe('CN=ec');
    expect((await (await privateKey.signer('ES256')).sign(new Uint8Array(1))).length).toBe(64);
  });
});

describe('selectCredential', () => {
  const all = ['root.key', 'root.crt', 'ec.key', 'ec.crt', 'daemon.crt', 'daemon.key'];

  it('prefers a certificate that is no authority, then RSA, then the one that is valid longest', async () => {
    const subject = async (...names: readonly string[]): Promise<string> => {
      const { certificate, reason } = await selectCredential(await readKeyFile(text(...names)));
      return `${certificate.certificate.subject}: ${reason}`;
    };
    expect(await subject('daemon.key', 'daemon.crt')).toBe(
      'CN=daemon: the only certificate whose private key is there',
    );
    expect(await subject(...all)).toMatch(/^CN=daemon: of 3 certificates with a private key/);
    expect(await subject('ec.key', 'ec.crt', 'other.key', 'other.crt')).toMatch(/^CN=other: .*RSA key$/);
    workshop.openssl(
      'req',
      '-x509',
      '-key',
      'daemon.key',
      '-subj',
      '/CN=renewed',
      '-days',
      '300',
      '-out',
      'renewed.crt',
      '-addext',
      'basicConstraints=critical,CA:FALSE',
    );
    expect(await subject('daemon.key', 'daemon.crt', 'renewed.crt')).toMatch(/^CN=renewed: .*valid longest$/);
    expect(await subject('daemon.key', 'renewed.crt', 'daemon.crt')).toMatch(/^CN=renewed: .*valid longest$/);
  });

  it('takes the certificate with the thumbprint, in any way of writing it', async () => {
    const contents = await readKeyFile(text(...all));
    const root = contents.certificates.find(({ certificate }) => certificate.subject === 'CN=root');
    const prints = await thumbprints(root?.certificate as never);
    const windows = `\u200e${prints.sha1.toLowerCase().replaceAll(/(..)(?=.)/g, '$1 ')}`;
    const colons = prints.sha256.replaceAll(/(..)(?=.)/g, '$1:');
    for (const thumbprint of [prints.sha1, prints.sha256, windows, colons, prints.x5t, prints['x5t#S256']]) {
      const { certificate, reason } = await selectCredential(contents, { thumbprint });
      expect([certificate.certificate.subject, reason]).toEqual(['CN=root', 'chosen by its thumbprint']);
    }
  });

  it('names the thumbprints that are there when the one asked for is not', async () => {
    const contents = await readKeyFile(text('daemon.key', 'daemon.crt', 'daemon.crt', 'root.crt'));
    const [daemon, , root] = await Promise.all(contents.certificates.map(({ certificate: it }) => thumbprints(it)));
    await expect(selectCredential(contents, { thumbprint: '00' })).rejects.toMatchObject({
      code: 'CERTIFICATE_MISSING',
      fix: `Choose one that is there: ${daemon?.sha1}, ${root?.sha1}`,
    });
  });

  it('refuses a certificate that was asked for and has no key there', async () => {
    const contents = await readKeyFile(text('daemon.key', 'daemon.crt', 'root.crt'));
    const root = contents.certificates[1]?.certificate as never;
    const { sha1 } = await thumbprints(root);
    await expect(selectCredential(contents, { thumbprint: sha1 })).rejects.toMatchObject({ code: 'KEY_MISMATCH' });
  });

  it('takes the certificate with the friendly name, whether key or certificate has it', async () => {
    const { privateKeys, certificates } = await readKeyFile(text('daemon.key', 'daemon.crt'));
    const [key, certificate] = [privateKeys[0], certificates[0]];
    if (key === undefined || certificate === undefined) throw new Error('nothing was read');
    const pfx = await writePfx(
      { pkcs8: key.pkcs8, certificates: [certificate.certificate], friendlyName: 'Größe' },
      { password },
    );
    const contents = await readKeyFile(pfx, { password });
    const named = await selectCredential(contents, { friendlyName: 'größe' });
    expect(named.reason).toBe('chosen by its friendly name');
    const keyOnly = {
      ...contents,
      certificates: contents.certificates.map((found) => ({ certificate: found.certificate })),
    };
    expect((await selectCredential(keyOnly, { friendlyName: 'Größe' })).certificate.certificate.subject).toBe(
      'CN=daemon',
    );
    await expect(selectCredential(contents, { friendlyName: 'x' })).rejects.toMatchObject({
      code: 'CERTIFICATE_MISSING',
      fix: expect.stringContaining('Größe'),
    });
  });
});
