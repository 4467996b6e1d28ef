/**
 * Makes fixtures/ anew: key files by Debian's openssl, certtool, pk12util and keytool, and by hand what those do not
 * write; then files that must be refused. `node test/keyfiles/make-corpus.mjs`, after `npm run build`.
 *
 * manifest.json says what is in each file: fingerprints that OpenSSL computed, never certgrant.
 */
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostileFiles } from './make/hostile-files.mjs';
import { makeMaterial } from './make/material.mjs';
import { opensslKeys, opensslPfx } from './make/openssl-files.mjs';
import { gnutlsFiles, javaFiles, nssFiles, versions } from './make/other-tools.mjs';
import { assembledPfx, jwkFiles, textFiles } from './make/text-files.mjs';
import { Workplace } from './make/workplace.mjs';

const output = join(import.meta.dirname, 'fixtures');
const folder = mkdtempSync(join(tmpdir(), 'certgrant-corpus-'));
try {
  rmSync(output, { recursive: true, force: true });
  const place = new Workplace(folder, output);
  const material = makeMaterial(place);
  opensslPfx(place, material);
  opensslKeys(place, material);
  gnutlsFiles(place, material);
  nssFiles(place, material);
  javaFiles(place, material);
  textFiles(place, material);
  await jwkFiles(place, material);
  assembledPfx(place, material);
  for (const [name, pair] of [
    ['rsa', 'rsa1024'],
    ['ec', 'p256'],
  ]) {
    place.write(`${name}.jwk`, JSON.stringify(createPrivateKey(place.text(`${pair}.key`)).export({ format: 'jwk' })));
  }
  hostileFiles(place);
  const manifest = { tools: versions(place), files: place.entries };
  writeFileSync(join(output, 'manifest.json'), `${JSON.stringify(manifest, undefined, 1)}\n`);
  const count = (kind) => place.entries.filter((entry) => entry.class === kind).length;
  console.log(`${count('must')} files to read, ${count('reject')} to refuse`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
