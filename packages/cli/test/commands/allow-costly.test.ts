import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { keyFiles, password } from '../support/credentials.ts';
import { openssl } from '../support/openssl.ts';
import { certgrant } from '../support/run.ts';

const files = keyFiles();
const env = { AZURE_CLIENT_CERTIFICATE_PASSWORD: password };
const identity = ['--tenant', 'contoso.com', '--client-id', '6731de76-14a6-49ae-97bc-6eba6914391e'];
let costly: string;

beforeAll(() => {
  costly = join(files.folder, 'costly.pfx');
  // One round more than a million for the key; the MAC stays cheap.
  const rounds = ['-iter', '1000001', '-nomaciter'];
  openssl(['pkcs12', '-export', '-in', files.pem, '-out', costly, '-passout', `pass:${password}`, ...rounds]);
});

it.each([
  ['cert inspect', () => ['cert', 'inspect', costly]],
  ['cert check', () => ['cert', 'check', costly]],
  ['cert convert', () => ['cert', 'convert', costly, '--to', 'pem', '--out', join(files.folder, 'cheap.pem')]],
  ['assertion', () => ['assertion', ...identity, '--cert', costly]],
] as const)('%s opens a file of more than a million rounds with --allow-costly only', async (name, argv) => {
  const refused = await certgrant([...argv(), '--json'], { env });
  // cert check reports about each file on standard output, where others end with an error.
  expect(refused.stdout + refused.stderr).toContain('--allow-costly');
  expect(refused.code).toBe(name === 'cert check' ? 4 : 1);
  const allowed = await certgrant([...argv(), '--allow-costly'], { env });
  expect(allowed.stderr).not.toContain('error:');
  expect(allowed.code).toBe(0);
});
