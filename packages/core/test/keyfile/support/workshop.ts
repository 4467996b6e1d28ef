import { execFileSync } from 'node:child_process';
import { createHash, createPublicKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type KeyFileContents, toHex } from '@certgrant/core';

/** A folder in which OpenSSL makes key files, and judges those that certgrant made. */
export class Workshop {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'certgrant-keyfile-'));

  path(name: string): string {
    return join(this.folder, name);
  }

  read(name: string): Uint8Array {
    return readFileSync(this.path(name));
  }

  text(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  write(name: string, contents: string | Uint8Array): void {
    writeFileSync(this.path(name), contents);
  }

  /** Runs OpenSSL there and returns what it prints. */
  openssl(...args: readonly string[]): string {
    return execFileSync('openssl', args, { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Whether there is such a program on the path. */
  has(program: string): boolean {
    return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
  }

  /** Runs another program there and returns what it prints. */
  run(program: string, ...args: readonly string[]): string {
    return execFileSync(program, args, { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** `NAME.key` (PKCS#8) and `NAME.crt` (self-signed), both PEM. */
  makePair(name: string, ...newKey: readonly string[]): void {
    this.openssl(
      ...['req', '-x509', '-newkey', ...(newKey.length === 0 ? ['rsa:2048'] : newKey), '-noenc'],
      ...['-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`, '-days', '30'],
    );
  }

  /** `NAME.key` and `NAME.crt`, issued by the pair `issuer`. */
  makeIssuedPair(name: string, issuer: string): void {
    this.openssl(
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-noenc',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      ...['-subj', `/CN=${name}`],
    );
    this.openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${issuer}.crt`,
      '-CAkey',
      `${issuer}.key`,
      ...['-CAcreateserial', '-days', '20', '-out', `${name}.crt`],
    );
  }

  /** `openssl pkcs12 -export` of a pair, as octets. */
  pfx(name: string, password: string, ...args: readonly string[]): Uint8Array {
    this.openssl(
      ...['pkcs12', '-export', '-inkey', `${name}.key`, '-in', `${name}.crt`, '-out', 'made.pfx'],
      ...['-passout', `pass:${password}`, ...args],
    );
    return this.read('made.pfx');
  }

  /** SHA-256 of the public key in `NAME.key`, from OpenSSL's own reading of it. */
  keyFingerprint(name: string): string {
    return sha256(createPublicKey(this.text(`${name}.key`)).export({ type: 'spki', format: 'der' }));
  }

  /** Fingerprints of a pair. */
  fingerprints(name: string): { readonly key: string; readonly certificate: string } {
    return {
      key: this.keyFingerprint(name),
      certificate: sha256(new X509Certificate(this.text(`${name}.crt`)).raw),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function sha256(octets: Uint8Array): string {
  return toHex(createHash('sha256').update(octets).digest());
}

/** Fingerprints of all that was found. */
export function found(contents: KeyFileContents): { keys: string[]; certificates: string[] } {
  return {
    keys: contents.privateKeys.map(({ publicKey }) => sha256(publicKey.spki)),
    certificates: contents.certificates.map(({ certificate }) => sha256(certificate.der)),
  };
}

/** OpenSSL keeps what is old in a provider of its own. */
export const legacy: readonly string[] = ['-provider', 'legacy', '-provider', 'default'];
