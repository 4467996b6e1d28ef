import { X509Certificate } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Authority, startAuthority } from '@certgrant/authority';
import { readCertificate } from '@certgrant/core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  buildFaultyModule,
  faultyModuleMissing,
  missing,
  pkcs11jsFolder,
  SoftHsm,
  softhsmModule,
  userPin,
} from '../../packages/core/test/node/support/softhsm.ts';
import { codeBlocks } from '../docs/code-blocks.ts';
import { root } from '../layout/sources.ts';
import { createDaemonIdentity, openssl } from './support/identities.ts';
import { type Ended, runProgram } from './support/program.ts';

/** The command line with keys on tokens of SoftHSM: the built bundle, with pkcs11js from beside it. */
const reason = missing();
const guide = 'docs/guides/hardware-keys.md';
const folder = mkdtempSync(join(tmpdir(), 'certgrant-hardware-'));
const bin = join(root, 'packages', 'cli', 'bin', 'certgrant.cjs');
const scope = 'https://graph.microsoft.com/.default';
let authority: Authority;
let variables: Readonly<Record<string, string>> = {};

beforeAll(async () => {
  if (reason !== undefined) return;
  authority = await startAuthority({ port: 0 });
  writeFileSync(join(folder, 'ca.pem'), authority.ca);
  writeFileSync(join(folder, 'admin-token'), authority.adminToken, { mode: 0o600 });
  variables = {
    PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
    NODE_PATH: pkcs11jsFolder,
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    AZURE_TENANT_ID: authority.tenantId,
    AZURE_AUTHORITY_HOST: authority.url,
    GRAPH_URL: authority.graphUrl,
    ADMIN_TOKEN_FILE: join(folder, 'admin-token'),
  };
});
beforeEach((context) => {
  if (reason !== undefined) context.skip(reason);
});
afterAll(async () => {
  await authority?.close();
  rmSync(folder, { recursive: true, force: true });
});

describe(guide, () => {
  const work = join(folder, 'guide');

  test('does what it says, block by block', { timeout: 60_000 }, async () => {
    const prepare = `mkdir -p bin guide && ln -s '${bin}' bin/certgrant`;
    expect((await shell(folder, prepare)).code).toBe(0);
    const blocks = codeBlocks(guide).filter(
      ({ language, norun }) => language === 'sh' && !norun?.startsWith('it would'),
    );
    expect(blocks).toHaveLength(5);
    for (const { place, norun, code } of blocks) {
      if (norun === 'it needs OpenSC') {
        putCertificate(work);
        continue;
      }
      const {
        code: exitCode,
        stdout,
        stderr,
      } = await shell(work, code.replaceAll(/\/usr\/lib\S*softhsm2\.so/g, softhsmModule));
      expect(exitCode, `${place}: ${stderr}`).toBe(0);
      if (code.includes('certgrant token') || code.includes('certgrant assertion')) {
        expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
        expect(stderr).toBe('');
      }
    }
  });
});

describe('certgrant with a key on a token', () => {
  let hsm: SoftHsm;
  let clientId = '';
  const uri = (path = 'token=prod;object=daemon'): string =>
    `pkcs11:${path}?module-path=${softhsmModule}&pin-source=file:pin`;

  beforeAll(async () => {
    if (reason !== undefined) return;
    hsm = new SoftHsm();
    hsm.makeToken('prod');
    const daemon = createDaemonIdentity(hsm.folder);
    const key = openssl(hsm.folder, 'pkcs8', '-topk8', '-nocrypt', '-in', daemon.keyFile);
    const certificate = readCertificate(derOf(daemon.certificateFile));
    hsm.importKey('prod', key, { label: 'daemon', id: 'a1' });
    hsm.addCertificate('prod', certificate, { label: 'daemon', id: 'a1' });
    hsm.importKey('prod', key, { label: 'alone', id: 'a1' });
    writeFileSync(join(hsm.folder, 'pin'), `${userPin}\n`, { mode: 0o600 });
    writeFileSync(join(hsm.folder, 'wrong'), 'not-the-pin', { mode: 0o600 });
    const registered = await authority.register({
      certificates: [readFileSync(daemon.certificateFile, 'utf8')],
      permissions: ['User.Read.All'],
    });
    clientId = registered.appId;
  });
  afterAll(() => hsm?.remove());

  const certgrant = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    shell(hsm.folder, `exec "$0" "$@"`, [process.execPath, bin, ...argv], env);

  test.each([
    ['RS256', ['-sigopt', 'rsa_padding_mode:pkcs1']],
    ['PS256', ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32']],
  ])('assertion signs %s, as openssl finds with the certificate', async (alg, padding) => {
    const { code, stdout, stderr } = await certgrant([
      'assertion',
      '--client-id',
      clientId,
      '--alg',
      alg,
      '--cert',
      uri(),
    ]);
    expect([code, stderr]).toEqual([0, '']);
    const [header = '', claims = '', signature = ''] = stdout.trim().split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ alg });
    writeFileSync(join(hsm.folder, 'signed'), `${header}.${claims}`);
    writeFileSync(join(hsm.folder, 'signature'), Buffer.from(signature, 'base64url'));
    const publicKey = openssl(hsm.folder, 'x509', '-in', 'daemon.crt', '-noout', '-pubkey');
    writeFileSync(join(hsm.folder, 'public.pem'), publicKey);
    const verify = ['dgst', '-sha256', ...padding, '-verify', 'public.pem', '-signature', 'signature', 'signed'];
    expect(openssl(hsm.folder, ...verify)).toBe('Verified OK\n');
  });

  test('token gets one, and again from the cache that only the token can open', async () => {
    const argv = ['token', '--client-id', clientId, '--scope', scope, '--json', '--cert'];
    const first = await certgrant([...argv, uri()]);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(JSON.parse(first.stdout)).toMatchObject({ token_type: 'Bearer', source: 'network' });
    const second = await certgrant([...argv, uri()]);
    expect(JSON.parse(second.stdout)).toMatchObject({
      access_token: JSON.parse(first.stdout).access_token,
      source: 'cache',
    });
  });

  test('assertion takes the certificate from a file, and the URI from the environment', async () => {
    const identity = ['assertion', '--client-id', clientId];
    const key = uri('token=prod;object=alone;type=private');
    const beside = await certgrant([...identity, '--cert', 'daemon.crt', '--key', key]);
    expect([beside.code, beside.stderr]).toEqual([0, '']);
    const fromEnvironment = await certgrant(identity, { AZURE_CLIENT_CERTIFICATE_PATH: uri() });
    expect([fromEnvironment.code, fromEnvironment.stderr]).toEqual([0, '']);
  });

  const withoutPin = `pkcs11:token=prod;object=daemon?module-path=${softhsmModule}`;
  test.each<[string, readonly string[], number, string]>([
    ['a wrong PIN', ['--cert', withoutPin, '--password-file', 'wrong'], 1, 'the PIN is not the one of the token'],
    ['no PIN', ['--cert', withoutPin], 1, 'it needs its PIN (token=prod;serial='],
    ['a PIN in the URI', ['--cert', `${withoutPin}&pin-value=${userPin}`], 2, 'pin-value would show the PIN'],
    ['a key beside it', ['--cert', withoutPin, '--key', 'daemon.crt'], 2, '--cert is a pkcs11: URI'],
    ['a key that is not there', ['--cert', uri('token=prod;object=demon')], 1, 'object=daemon;id=%A1'],
    ['two keys', ['--cert', uri('token=prod;id=%A1')], 1, '2 pairs of key and certificate fit'],
  ])('assertion says what is wrong with %s, and no PIN', async (_, argv, code, message) => {
    const ended = await certgrant(['assertion', '--client-id', clientId, ...argv]);
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(message) });
    expect(ended.stderr).toMatch(/^error: .*\nhint: .*\n$/);
    expect(ended.stderr).not.toMatch(new RegExp(`${userPin}|not-the-pin`));
  });

  test('assertion shuts the module down at its end, done or failed', async (context) => {
    const notHere = faultyModuleMissing();
    if (notHere !== undefined) context.skip(notHere);
    const module = buildFaultyModule(hsm.folder);
    const log = join(hsm.folder, 'log');
    const argv = ['assertion', '--client-id', clientId, '--cert', uri().replace(softhsmModule, module)];
    for (const [FAULTS, code] of [
      ['', 0],
      ['removed', 1],
    ] as const) {
      const ended = await certgrant(argv, { FAULTS, MODULE_LOG: log, REAL_MODULE: softhsmModule });
      expect(ended.code, ended.stderr).toBe(code);
      expect(readFileSync(log, 'utf8')).toBe('initialize\nlogin 1\nsign 0x43\nfinalize\n');
      rmSync(log);
    }
  });

  test('other commands take no such URI, and do not repeat it', async () => {
    const ended = await certgrant(['cert', 'inspect', `${withoutPin}&pin-value=${userPin}`]);
    expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('this command reads files') });
    expect(ended.stderr).not.toContain(userPin);
  });

  test('assertion says how to install pkcs11js, and how to compile it', async () => {
    const argv = ['assertion', '--client-id', clientId, '--cert', uri()];
    const notThere = await certgrant(argv, { NODE_PATH: '' });
    expect(notThere).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not installed\nhint: .*npm install pkcs11js/),
    });
    const sources = join(folder, 'uncompiled', 'pkcs11js');
    cpSync(join(pkcs11jsFolder, 'pkcs11js'), sources, { recursive: true, filter: (path) => !path.endsWith('build') });
    const notCompiled = await certgrant(argv, { NODE_PATH: join(folder, 'uncompiled') });
    expect(notCompiled).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/not been compiled\nhint: Run npm rebuild/),
    });
  });
});

/** Runs a script in bash as the guide's blocks run. */
function shell(
  cwd: string,
  script: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const prelude = 'set -euo pipefail; cd "$WORK"; ';
  return runProgram('bash', ['-c', prelude + script, ...args], { env: { ...variables, ...env, WORK: cwd } });
}

/** What the guide does with OpenSC's pkcs11-tool. */
function putCertificate(work: string): void {
  const hsm = new SoftHsm({ configuration: join(work, 'softhsm2.conf'), pin: '123456' });
  try {
    hsm.addCertificate('prod', readCertificate(derOf(join(work, 'my-daemon.cer'))), { label: 'my-daemon', id: 'a1' });
  } finally {
    hsm.remove();
  }
}

function derOf(file: string): Uint8Array {
  return new Uint8Array(new X509Certificate(readFileSync(file)).raw);
}
