import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainText } from '@certgrant/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { certgrant, runProgram } from './support/program.ts';
import type { Refusal } from './support/refusals/refusal.ts';
import { digest, graphScope, type Identity, openScene, type Scene } from './support/refusals/scene.ts';
import { refusals } from './support/refusals.ts';

/** What clients print of a refusal: the mistakes of the table that their settings can make. */
const folder = mkdtempSync(join(tmpdir(), 'certgrant-explain-'));
const caFile = join(folder, 'authority-ca.pem');
let scene: Scene;

beforeAll(async () => {
  scene = await openScene();
  writeFileSync(caFile, scene.authority.ca);
});
afterAll(async () => {
  await scene?.close();
  rmSync(folder, { recursive: true, force: true });
});

const mistakes = refusals.filter(({ settings }) => settings !== undefined);

/** The settings of a client program that make the mistake; what has to be there for it is made. */
async function settingsWith({ request, settings }: Refusal): Promise<string> {
  const { signer, form } = await request(scene);
  const own = settings?.(scene) ?? {};
  const named = own.thumbprintOf ?? signer;
  const hex = (algorithm: 'sha1' | 'sha256'): string => digest(algorithm, named).toString('hex').toUpperCase();
  const keyFile = join(folder, 'client.key');
  writeFileSync(keyFile, keyPem(signer), { mode: 0o600 });
  return JSON.stringify({
    keyFile,
    prints: own.prints ?? { thumbprintSha256: hex('sha256') },
    sha1: hex('sha1'),
    url: scene.authority.url,
    tenant: scene.authority.tenantId,
    clientId: form.client_id,
    scope: form.scope,
    caFile,
    sendChain: false,
  });
}

function keyPem({ key }: Identity): string {
  return String(key.export({ type: 'pkcs8', format: 'pem' }));
}

async function expectExplained(text: string, { code, cause }: Refusal): Promise<void> {
  const explanations = await explainText(text);
  expect(explanations).toHaveLength(1);
  const [explanation] = explanations;
  expect([explanation?.code, explanation?.causes[0]?.id]).toEqual([`AADSTS${code}`, cause]);
  expect(explanation?.facts).toMatchObject({ correlationId: expect.any(String), timestamp: expect.any(String) });
  expect(JSON.stringify(explanations)).not.toMatch(/eyJ/);
}

describe('explainText names the mistake in', () => {
  test.each(mistakes)('what MSAL Node throws: $name', async (mistake) => {
    const program = new URL('./clients/msal-node-failing.mjs', import.meta.url).pathname;
    const env = { NODE_EXTRA_CA_CERTS: caFile };
    const { code, stderr } = await runProgram(process.execPath, [program, await settingsWith(mistake)], { env });
    expect(code).toBe(3);
    await expectExplained(stderr, mistake);
  });

  test.for(mistakes.filter(({ nodeOnly }) => nodeOnly !== true))(
    'what MSAL Python answers: $name',
    async (mistake, { skip }) => {
      // Debian's Python: another one on PATH has not Debian's packages.
      const python = '/usr/bin/python3';
      const probe = existsSync(python) ? await runProgram(python, ['-c', 'import msal']) : undefined;
      if (probe?.code !== 0) {
        const missing = probe?.stderr.trim().split('\n').at(-1) ?? `there is no ${python}`;
        console.warn(`not run: MSAL Python: ${missing}`);
        skip(missing);
      }
      const program = new URL('./clients/msal_client.py', import.meta.url).pathname;
      const { code, stderr } = await runProgram(python, [program, await settingsWith(mistake)]);
      expect(code).toBe(1);
      await expectExplained(stderr, mistake);
    },
  );

  test('what certgrant token prints, through the built command line', async () => {
    const { authority, clientId, stranger } = scene;
    const pemFile = join(folder, 'stranger.pem');
    const certificate = Buffer.from(stranger.certificate.der).toString('base64');
    const pem = `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----\n`;
    writeFileSync(pemFile, keyPem(stranger) + pem, { mode: 0o600 });
    const identity = ['--tenant', authority.tenantId, '--client-id', clientId, '--cert', pemFile];
    const line = ['token', ...identity, '--scope', graphScope, '--authority', authority.url, '--ca', caFile];
    const refused = await certgrant(line, folder);
    expect(refused.stderr).toMatch(/^error: .+\ncause: likely: .+\nhint: .+\n$/);
    const { code, stdout } = await certgrant(['explain', '--json'], folder, { input: refused.stderr });
    expect([code, JSON.parse(stdout)[0].causes[0].id]).toEqual([0, 'certificate-not-registered']);
  });
});
