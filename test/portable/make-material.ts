import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDaemonIdentity, openssl } from '../interop/support/identities.ts';
import type { Material } from './material.ts';

/** Makes the key files of the portable suite with OpenSSL. */
export function makeMaterial(folder: string): Material {
  const password = 'correct horse';
  const { keyFile, certificateFile, pemFile, sha1, sha256 } = createDaemonIdentity(folder);
  const protectedBy = ['-passout', `pass:${password}`];
  openssl(folder, 'pkcs8', '-topk8', '-in', keyFile, '-out', 'encrypted.key', ...protectedBy);
  const pfx = (...args: string[]) =>
    openssl(folder, 'pkcs12', '-export', '-inkey', keyFile, '-in', certificateFile, ...protectedBy, ...args);
  pfx('-out', 'daemon.pfx');
  pfx('-legacy', '-out', 'legacy.pfx');

  const base64 = (name: string): string => readFileSync(join(folder, name)).toString('base64');
  const encryptedPem = Buffer.concat([readFileSync(join(folder, 'encrypted.key')), readFileSync(certificateFile)]);
  return {
    password,
    pem: readFileSync(pemFile).toString('base64'),
    encryptedPem: encryptedPem.toString('base64'),
    pfx: base64('daemon.pfx'),
    legacyPfx: base64('legacy.pfx'),
    sha1,
    sha256,
  };
}
