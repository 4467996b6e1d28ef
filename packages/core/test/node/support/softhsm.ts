import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Certificate } from '@certgrant/core';
import type { Pkcs11Js } from '@certgrant/core/node';
import { pkcs11js } from '../../../../../scripts/lib/pkcs11js.mjs';

/** Where Debian, Fedora and Homebrew put SoftHSM. */
const modulePaths = [
  '/usr/lib/softhsm/libsofthsm2.so',
  '/usr/lib64/libsofthsm2.so',
  '/usr/local/lib/softhsm/libsofthsm2.so',
  '/opt/homebrew/lib/softhsm/libsofthsm2.so',
];

/** The path of SoftHSM's module; empty where {@link missing} has a reason. */
export const softhsmModule: string = modulePaths.find((path) => existsSync(path)) ?? '';

/** Why tests with a real token cannot run here; `undefined` where they can. */
export function missing(): string | undefined {
  if (softhsmModule === '' || !isOnPath('softhsm2-util'))
    return 'there is no SoftHSM on this machine (Debian: softhsm2)';
  return pkcs11js().reason;
}

/** Where the package pkcs11js is, for NODE_PATH. */
export const pkcs11jsFolder: string = pkcs11js().folder;

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

/** pkcs11js from where the set-up of the tests has compiled it. */
export function loadedPkcs11js(): Pkcs11Js {
  const { path, reason } = pkcs11js();
  if (path === undefined) throw new Error(reason);
  return createRequire(import.meta.url)(path) as Pkcs11Js;
}

/** Why the faulty module cannot be built here; `undefined` where it can. */
export function faultyModuleMissing(): string | undefined {
  if (process.platform !== 'linux') return 'the faulty module is built for Linux only';
  return isOnPath('cc') ? missing() : 'there is no C compiler to build the faulty module with';
}

/** SoftHSM behind a module that goes wrong on demand; see the source for its environment variables. */
export function buildFaultyModule(folder: string): string {
  const module = join(folder, 'faulty.so');
  const source = join(import.meta.dirname, 'faulty-module.c');
  const includes = join(pkcs11js().path ?? '', 'includes', 'pkcs11');
  execFileSync('cc', ['-shared', '-fPIC', '-w', '-I', includes, '-o', module, source, '-ldl']);
  return module;
}

interface WritableCryptoki extends InstanceType<Pkcs11Js['PKCS11']> {
  C_CreateObject(session: Buffer, template: { type: number; value: number | boolean | Buffer }[]): Buffer;
  C_SetAttributeValue(session: Buffer, object: Buffer, template: { type: number; value: Buffer }[]): void;
}

interface ImportedKey {
  readonly label: string;
  /** Hexadecimal. */
  readonly id: string;
  readonly publicKey?: boolean;
}

export const userPin = '4711-user';

/** SoftHSM with its tokens in a folder of its own; this process and its children use it while it is there. */
export class SoftHsm {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'certgrant-softhsm-'));
  readonly #before = process.env.SOFTHSM2_CONF;
  readonly #pin: string;

  /** @param made the settings and the PIN of tokens that somebody else has made */
  constructor(made?: { readonly configuration: string; readonly pin: string }) {
    const configuration = made?.configuration ?? join(this.folder, 'softhsm2.conf');
    this.#pin = made?.pin ?? userPin;
    process.env.SOFTHSM2_CONF = configuration;
    if (made !== undefined) return;
    mkdirSync(join(this.folder, 'tokens'));
    writeFileSync(configuration, `directories.tokendir = ${join(this.folder, 'tokens')}\nlog.level = ERROR\n`);
  }

  remove(): void {
    if (this.#before === undefined) delete process.env.SOFTHSM2_CONF;
    else process.env.SOFTHSM2_CONF = this.#before;
    rmSync(this.folder, { recursive: true, force: true });
  }

  makeToken(label: string): void {
    this.#util('--init-token', '--free', '--label', label, '--so-pin', '4711-officer', '--pin', this.#pin);
  }

  /**
   * Imports a private key and, unless it is told not to, its public half.
   *
   * @param key PKCS#8 in PEM
   */
  importKey(token: string, key: string, { label, id, publicKey = true }: ImportedKey): void {
    const file = join(this.folder, 'key.pem');
    const without = publicKey ? [] : ['--no-public-key'];
    writeFileSync(file, key, { mode: 0o600 });
    this.#util(
      '--import',
      file,
      '--token',
      token,
      '--label',
      label,
      '--id',
      id,
      '--pin',
      userPin,
      '--force',
      ...without,
    );
    rmSync(file);
  }

  /** Does something in a session that may write, which softhsm2-util has no command for. */
  write<T>(token: string, act: (cryptoki: WritableCryptoki, session: Buffer) => T): T {
    const cryptoki = new (loadedPkcs11js().PKCS11)() as WritableCryptoki;
    cryptoki.load(softhsmModule);
    cryptoki.C_Initialize();
    try {
      const slot = cryptoki.C_GetSlotList(true).find((one) => cryptoki.C_GetTokenInfo(one).label.trimEnd() === token);
      if (slot === undefined) throw new Error(`there is no token ${token}`);
      const session = cryptoki.C_OpenSession(slot, 4 | 2);
      cryptoki.C_Login(session, 1, this.#pin);
      return act(cryptoki, session);
    } finally {
      cryptoki.C_Finalize();
    }
  }

  addCertificate(token: string, certificate: Certificate, name: { label: string; id: string }): void {
    this.addCertificates(token, [certificate], name);
  }

  /** Several of the same name. */
  addCertificates(
    token: string,
    certificates: readonly Certificate[],
    { label, id }: { label: string; id: string },
  ): void {
    this.write(token, (cryptoki, session) => {
      for (const { subjectDer, der } of certificates) {
        cryptoki.C_CreateObject(session, [
          { type: 0x0, value: 1 },
          { type: 0x1, value: true },
          { type: 0x2, value: false },
          { type: 0x80, value: 0 },
          { type: 0x3, value: Buffer.from(label) },
          { type: 0x102, value: Buffer.from(id, 'hex') },
          { type: 0x101, value: Buffer.from(subjectDer) },
          { type: 0x11, value: Buffer.from(der) },
        ]);
      }
    });
  }

  #util(...args: readonly string[]): void {
    execFileSync('softhsm2-util', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
