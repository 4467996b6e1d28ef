import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { openssl } from './openssl.ts';

/** Key files that openssl made, in one folder. */
export interface KeyFiles {
  readonly folder: string;
  /** RSA 2048: key and certificate. */
  readonly pem: string;
  readonly key: string;
  readonly cer: string;
  /** With {@link password}. */
  readonly pfx: string;
  readonly encryptedPem: string;
  /** Another RSA key, and P-256. */
  readonly otherKey: string;
  readonly otherCer: string;
  readonly ecPem: string;
  /** A line of the private key's base64: no output may hold it. */
  readonly keyText: string;
}

export const password = 'correct horse battery staple';

/** Made once for each test file: finding primes takes its time. */
export function keyFiles(): KeyFiles {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-keys-'));
  const path = (name: string): string => join(folder, name);
  const files = {
    folder,
    pem: path('daemon.pem'),
    key: path('daemon.key'),
    cer: path('daemon.crt'),
    pfx: path('daemon.pfx'),
    encryptedPem: path('encrypted.pem'),
    otherKey: path('other.key'),
    otherCer: path('other.crt'),
    ecPem: path('ec.pem'),
  };
  let keyText = '';
  beforeAll(() => {
    makeSelfSigned(['-newkey', 'rsa:2048'], 'daemon', files.key, files.cer);
    makeSelfSigned(['-newkey', 'rsa:2048'], 'other', files.otherKey, files.otherCer);
    makeSelfSigned(['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'ec', path('ec.key'), path('ec.crt'));
    writeFileSync(files.pem, readFileSync(files.key, 'utf8') + readFileSync(files.cer, 'utf8'));
    writeFileSync(files.ecPem, readFileSync(path('ec.key'), 'utf8') + readFileSync(path('ec.crt'), 'utf8'));
    const pass = ['-passout', `pass:${password}`];
    openssl(['pkcs12', '-export', '-in', files.pem, '-out', files.pfx, ...pass]);
    const encrypted = openssl(['pkcs8', '-topk8', '-in', files.key, ...pass]);
    writeFileSync(files.encryptedPem, encrypted + readFileSync(files.cer, 'utf8'));
    copyFileSync(files.cer, path('copy.crt'));
    keyText = readFileSync(files.key, 'utf8').split('\n')[3] ?? '';
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return {
    ...files,
    get keyText() {
      return keyText;
    },
  };
}

function makeSelfSigned(key: readonly string[], name: string, keyFile: string, certificateFile: string): void {
  const files = ['-keyout', keyFile, '-out', certificateFile];
  openssl(['req', '-x509', ...key, '-nodes', ...files, '-subj', `/CN=${name}`, '-days', '365']);
}
