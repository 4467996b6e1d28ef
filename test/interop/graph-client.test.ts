import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAuthority } from '@certgrant/authority';
import { expect, test } from 'vitest';
import { createDaemonIdentity } from './support/identities.ts';
import { runProgram } from './support/program.ts';

test('@microsoft/microsoft-graph-client reads the directory and rolls a key with the token of a certificate', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'certgrant-graph-'));
  const authority = await startAuthority();
  try {
    const daemon = createDaemonIdentity(folder);
    const certificate = readFileSync(daemon.certificateFile);
    const { appId } = await authority.register({
      certificate,
      permissions: ['User.Read.All', 'Application.ReadWrite.All'],
    });
    const caFile = join(folder, 'ca.pem');
    const pemFile = join(folder, 'daemon.pem');
    writeFileSync(caFile, authority.ca);
    writeFileSync(pemFile, Buffer.concat([readFileSync(daemon.keyFile), certificate]), { mode: 0o600 });
    const key = certificate.toString().replace(/-----[^-]+-----|\s/g, '');
    const settings = {
      url: authority.url,
      graphUrl: authority.graphUrl,
      tenant: authority.tenantId,
      clientId: appId,
      pemFile,
      nextKey: key,
      scope: 'https://graph.microsoft.com/.default',
    };
    const program = new URL('./clients/microsoft-graph-client.mjs', import.meta.url).pathname;
    const env = { NODE_EXTRA_CA_CERTS: caFile };
    const { code, stdout, stderr } = await runProgram(process.execPath, [program, JSON.stringify(settings)], { env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    expect(JSON.parse(stdout)).toEqual({
      users: [{ displayName: 'Ada Marsh' }, { displayName: 'Bruno Okafor' }],
      names: ['Ada Marsh', 'Bruno Okafor', 'Carla Lindqvist'],
      counted: 2,
      keys: [
        { key, displayName: expect.any(String) },
        { key, displayName: 'next' },
      ],
      kept: true,
      secretLength: 40,
      refusal: { statusCode: 404, code: 'Request_ResourceNotFound', hasId: true },
    });
  } finally {
    await authority.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
