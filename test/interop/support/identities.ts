import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cleanEnvironment } from './environment.ts';

/** Keys and certificates of the interoperability tests. OpenSSL makes them, so that nothing here rests on our own. */

export function openssl(folder: string, ...args: readonly string[]): string {
  return execFileSync('openssl', args, {
    cwd: folder,
    env: cleanEnvironment(),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A daemon's private key and certificate, as files and as its registration at an authorization server. */
export interface DaemonIdentity {
  /** PKCS#8, unencrypted. */
  readonly keyFile: string;
  readonly certificateFile: string;
  /** Key and certificate in one file. */
  readonly pemFile: string;
  /** Upper-case hexadecimal. */
  readonly sha1: string;
  readonly sha256: string;
  /** The public key, its `kid` the SHA-256 thumbprint in base64url: the header profile `generic`'s own choice. */
  readonly jwk: Readonly<Record<string, unknown>> & { readonly kid: string };
}

export function createDaemonIdentity(folder: string, name = 'daemon'): DaemonIdentity {
  const [key, certificate] = [`${name}.key`, `${name}.crt`];
  openssl(
    folder,
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', certificate, '-days', '2'],
    ...[
      '-subj',
      `/CN=${name}`,
      '-addext',
      'keyUsage=critical,digitalSignature',
      '-addext',
      'extendedKeyUsage=clientAuth',
    ],
  );
  const keyFile = join(folder, key);
  const certificateFile = join(folder, certificate);
  const pemFile = join(folder, `${name}.pem`);
  writeFileSync(pemFile, readFileSync(keyFile, 'utf8') + readFileSync(certificateFile, 'utf8'), { mode: 0o600 });
  const x509 = new X509Certificate(readFileSync(certificateFile));
  const print = (hash: string): Buffer => createHash(hash).update(x509.raw).digest();
  const kid = print('sha256').toString('base64url');
  return {
    keyFile,
    certificateFile,
    pemFile,
    sha1: print('sha1').toString('hex').toUpperCase(),
    sha256: print('sha256').toString('hex').toUpperCase(),
    jwk: { ...x509.publicKey.export({ format: 'jwk' }), kid, use: 'sig' },
  };
}

/** A CA of the tests' own, and what a TLS server on this machine needs from it. */
export interface ServerIdentity {
  readonly caFile: string;
  readonly keyFile: string;
  readonly certificateFile: string;
}

export function createServerIdentity(folder: string): ServerIdentity {
  const ca = ['-CA', 'ca.crt', '-CAkey', 'ca.key'];
  const newKey = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl(folder, ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=certgrant test CA');
  openssl(
    folder,
    ...[...newKey, ...ca, '-keyout', 'server.key', '-out', 'server.crt', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-addext', 'basicConstraints=critical,CA:FALSE'],
  );
  const path = (name: string): string => join(folder, name);
  return { caFile: path('ca.crt'), keyFile: path('server.key'), certificateFile: path('server.crt') };
}
