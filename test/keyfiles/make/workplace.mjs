import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of all files with encryption unless the file's name says otherwise. */
export const password = 'Passw0rd!';

/** The folder in which the tools work, and the manifest of what they have made so far. */
export class Workplace {
  entries = [];
  #folder;
  #output;
  #number = 0;

  constructor(folder, output) {
    this.#folder = folder;
    this.#output = output;
  }

  path = (name) => join(this.#folder, name);
  read = (name) => readFileSync(this.path(name));
  text = (name) => readFileSync(this.path(name), 'utf8');
  write = (name, contents) => writeFileSync(this.path(name), contents);

  run(program, ...args) {
    return execFileSync(program, args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  openssl = (...args) => this.run('openssl', ...args);

  /** Runs a tool that writes a file, and returns the file. */
  made(program, ...args) {
    const name = `made-${++this.#number}`;
    this.run(program, ...args.map((arg) => (arg === 'OUT' ? name : arg)));
    return this.read(name);
  }

  /** What OpenSSL says: SHA-256 of the SubjectPublicKeyInfo of a private key in PEM. */
  keyPrint(pem) {
    this.write('print.key', pem);
    return sha256(this.openssl('pkey', '-in', 'print.key', '-pubout', '-outform', 'DER'));
  }

  certificatePrint(pem) {
    this.write('print.crt', pem);
    return sha256(this.openssl('x509', '-in', 'print.crt', '-outform', 'DER'));
  }

  /** All keys and certificates that OpenSSL takes out of a PKCS#12 file, or `undefined` when it cannot open it. */
  openedByOpenssl(file, pass) {
    this.write('judged.pfx', file);
    const args = ['pkcs12', '-in', 'judged.pfx', '-noenc', '-legacy', '-passin', `pass:${pass ?? ''}`];
    const { status, stdout } = spawnSync('openssl', args, { cwd: this.#folder, encoding: 'utf8' });
    if (status !== 0) return undefined;
    return {
      keys: blocks(stdout, 'PRIVATE KEY').map((pem) => this.keyPrint(pem)),
      certificates: blocks(stdout, 'CERTIFICATE').map((pem) => this.certificatePrint(pem)),
    };
  }

  /**
   * A file that must be read.
   *
   * @param {{ name: string, maker: string, file: Buffer | string, keys: string[], certificates: string[], pass?: string | null }} made
   *   the fingerprints of what was put in; a PKCS#12 file is opened by OpenSSL as well where OpenSSL can
   */
  valid({ name, maker, file, keys, certificates, pass = null, opened }) {
    const judged = opened === false ? undefined : this.#judge(name, Buffer.from(file), pass);
    const [expectedKeys, expectedCertificates] = [keys ?? judged?.keys, certificates ?? judged?.certificates];
    if (judged && !(same(judged.keys, expectedKeys) && same(judged.certificates, expectedCertificates))) {
      throw new Error(`${name}: OpenSSL finds something other than what was put in`);
    }
    if (expectedKeys === undefined || expectedCertificates === undefined) throw new Error(`${name}: nothing known`);
    this.#save(`valid/${name}`, file);
    const by = judged ? 'opened by OpenSSL' : 'what was put in, by OpenSSL';
    const found = { keyFp: expectedKeys, certFp: expectedCertificates };
    this.entries.push({ file: `valid/${name}`, class: 'must', maker, password: pass, ...found, oracle: by });
  }

  #judge(name, file, pass) {
    return /\.(pfx|p12)$/.test(name) ? this.openedByOpenssl(file, pass) : undefined;
  }

  /** A file that must be refused, with one of these codes. */
  hostile(name, file, codes, pass = password) {
    this.#save(`hostile/${name}`, file);
    const refused = { keyFp: [], certFp: [], codes: [codes].flat() };
    this.entries.push({ file: `hostile/${name}`, class: 'reject', password: pass, ...refused });
  }

  #save(name, file) {
    const path = join(this.#output, name);
    if (this.entries.some((entry) => entry.file === name)) throw new Error(`${name}: there already`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, file);
  }
}

function sha256(octets) {
  return createHash('sha256').update(octets).digest('hex');
}

export function blocks(text, label) {
  return text.match(new RegExp(`-----BEGIN ${label}-----[\\s\\S]*?-----END ${label}-----\\n`, 'g')) ?? [];
}

const same = (a, b = []) => [...a].sort().join() === [...b].sort().join();
