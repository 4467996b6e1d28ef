import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createFetch } from '@certgrant/core/node';
import { describe, expect, test } from 'vitest';
import { keyFiles } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { certgrant, type Outcome } from '../support/run.ts';

const files = keyFiles();

/** Runs the command until it has said where it listens, does something with it, and presses Ctrl-C. */
async function withAuthority(
  argv: readonly string[],
  use: (said: string) => Promise<void>,
  cwd = process.cwd(),
): Promise<Outcome> {
  const ctrlC = new AbortController();
  let said = (_: string): void => {};
  const listening = new Promise<string>((resolve) => {
    said = resolve;
  });
  const running = certgrant(['authority', ...argv], { signal: ctrlC.signal, cwd, onStdout: (text) => said(text) });
  try {
    await Promise.race([listening.then(use), running.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
  } finally {
    ctrlC.abort();
  }
  return running;
}

describe('certgrant authority', () => {
  test('authority --json prints one line when it listens, serves until Ctrl-C and then cleans up', async () => {
    let said: Record<string, string> = {};
    const { code, stdout, stderr } = await withAuthority(['--port', '0', '--json'], async (line) => {
      said = JSON.parse(line);
      const { url, tenantId, graphUrl, caFile = '', adminTokenFile = '' } = said;
      expect(Object.keys(said)).toEqual(['url', 'tenantId', 'graphUrl', 'caFile', 'adminTokenFile']);
      expect(url).toMatch(/^https:\/\/localhost:\d+$/);
      expect(graphUrl).toBe(`${url}/graph`);
      if (process.platform !== 'win32') expect(statSync(adminTokenFile).mode & 0o777).toBe(0o600);
      const fetch = createFetch({ ca: [readFileSync(caFile)], env: {} });
      const response = await fetch(`${url}/${tenantId}/v2.0/.well-known/openid-configuration`);
      expect(response.status).toBe(200);
      await response.arrayBuffer();
      await fetch.close();
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n')).toHaveLength(2);
    expect(existsSync(said.adminTokenFile ?? '')).toBe(false);
  });

  test('authority says in words where it is and how each runtime trusts it, and never the admin token', async () => {
    let adminToken = '';
    const { stdout, stderr } = await withAuthority(['--port', '0'], async (said) => {
      const [, path = ''] = /Admin token +(\S+)/.exec(said) ?? [];
      adminToken = readFileSync(path, 'utf8').trim();
    });
    for (const runtime of ['Node', 'Python', 'Go', '.NET', 'Java', 'curl']) expect(stdout).toContain(runtime);
    expect(stdout).toMatch(/NODE_EXTRA_CA_CERTS=\S+ca\.pem/);
    expect(adminToken.length).toBeGreaterThan(20);
    expect(stdout + stderr).not.toContain(adminToken);
  });

  test('authority begins with a seed, whose files stand beside it', async () => {
    const folder = temporaryFolder();
    const tenantId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
    const appId = '6731de76-14a6-49ae-97bc-6eba6914391e';
    writeFileSync(join(folder, 'daemon.crt'), readFileSync(files.cer));
    const application = { appId, displayName: 'daemon', certificates: ['daemon.crt'], permissions: ['User.Read.All'] };
    const seed = {
      tenants: [{ id: tenantId, name: 'Contoso', domain: 'contoso.example', applications: [application] }],
    };
    writeFileSync(join(folder, 'seed.json'), JSON.stringify(seed));
    await withAuthority(['--port', '0', '--json', '--seed', join(folder, 'seed.json')], async (line) => {
      const said = JSON.parse(line);
      expect(said.tenantId).toBe(tenantId);
      const client = ['--tenant', 'contoso.example', '--client-id', appId, '--cert', files.pem];
      const { code, stderr } = await certgrant([
        'token',
        ...client,
        '--authority',
        said.url,
        '--ca',
        said.caFile,
        '--no-cache',
        '--scope',
        'https://graph.microsoft.com/.default',
      ]);
      expect([code, stderr]).toEqual([0, '']);
    });
  });

  test('authority --strict takes the issuer alone as audience, and --token-lifetime says how long tokens live', async () => {
    const folder = temporaryFolder();
    const appId = '6731de76-14a6-49ae-97bc-6eba6914391e';
    const seed = { tenants: [{ applications: [{ appId, displayName: 'daemon', certificates: [files.cer] }] }] };
    writeFileSync(join(folder, 'seed.json'), JSON.stringify(seed));
    const argv = ['--port', '0', '--json', '--seed', join(folder, 'seed.json'), '--strict', '--token-lifetime', '6m'];
    await withAuthority(argv, async (line) => {
      const { url, tenantId, caFile } = JSON.parse(line);
      const client = ['--tenant', tenantId, '--client-id', appId, '--cert', files.pem, '--no-cache', '--json'];
      const at = ['--authority', url, '--ca', caFile, '--scope', 'https://graph.microsoft.com/.default'];
      const granted = await certgrant(['token', ...client, ...at, '--audience', 'issuer']);
      // What is left of it, in seconds.
      const { expires_in } = JSON.parse(granted.stdout);
      expect(expires_in).toBeLessThan(360);
      expect(expires_in).toBeGreaterThan(300);
      const refused = await certgrant(['token', ...client, ...at]);
      expect(JSON.parse(refused.stderr).error).toMatchObject({ aadsts: 'AADSTS700023' });
    });
  });

  test('authority --data keeps its CA and what was registered', async () => {
    const cwd = temporaryFolder();
    const cas: string[] = [];
    const tenants: string[] = [];
    for (let run = 0; run < 2; run++) {
      await withAuthority(
        ['--port', '0', '--json', '--data', 'state'],
        async (line) => {
          const said = JSON.parse(line);
          cas.push(readFileSync(said.caFile, 'utf8'));
          tenants.push(said.tenantId);
          expect(said.caFile).toBe(join(cwd, 'state', 'ca.pem'));
        },
        cwd,
      );
    }
    expect(cas[0]).toBe(cas[1]);
    expect(tenants[0]).toBe(tenants[1]);
  });

  test('authority --key-propagation lets a removed certificate sign in for a while', async () => {
    const cwd = temporaryFolder();
    await withAuthority(['--port', '0', '--json', '--key-propagation', '600'], async (line) => {
      const said = JSON.parse(line);
      const access = ['--graph', said.graphUrl, '--ca', said.caFile, '--access-token-file', said.adminTokenFile];
      const made = await certgrant(['app', 'register', '--name', 'x', '--cert', files.cer, ...access, '--json'], {
        cwd,
      });
      const { appId, objectId } = JSON.parse(made.stdout);
      const fetch = createFetch({ ca: [readFileSync(said.caFile)], env: {} });
      const headers = { Authorization: `Bearer ${readFileSync(said.adminTokenFile, 'utf8').trim()}` };
      const body = JSON.stringify({ keyCredentials: [] });
      const url = `${said.graphUrl}/v1.0/applications/${objectId}`;
      expect((await fetch(url, { method: 'PATCH', headers, body })).status).toBe(204);
      await fetch.close();
      const client = ['--tenant', said.tenantId, '--client-id', appId, '--cert', files.pem, '--no-cache'];
      const where = ['--authority', said.url, '--ca', said.caFile, '--scope', 'https://graph.microsoft.com/.default'];
      expect(await certgrant(['token', ...client, ...where], { cwd })).toMatchObject({ code: 0 });
    });
  });

  test('authority says when the port is in use, and which to take', async () => {
    const server = createServer().listen(0, 'localhost');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const { code, stdout, stderr } = await certgrant(['authority', '--port', String(port), '--json']);
    server.close();
    expect([code, stdout]).toEqual([1, '']);
    expect(JSON.parse(stderr).error).toMatchObject({ code: 'PORT_IN_USE', fix: expect.stringContaining('port') });
  });

  test.each([
    [['--port', 'https'], '--port: this is not a port number'],
    [['--port', '65536'], '--port: this is not a port number'],
    [['--token-lifetime', '0'], '--token-lifetime: this is not a time between 1 second and 8760 hours'],
    [['--cae-token-lifetime', 'long'], '--cae-token-lifetime: this is not a time between 1 second and 8760 hours'],
    [['--key-propagation', 'soon'], '--key-propagation: this is not a time between 1 second and 8760 hours'],
    [['--tenant-id', 'x'], 'start authority: the tenant id is not a GUID'],
  ])('authority %j is wrong usage', async (argv, message) => {
    const { code, stderr } = await certgrant(['authority', ...argv]);
    expect([code, stderr.split('\n')[0]]).toEqual([2, `error: ${message}`]);
  });

  test.each([
    ['not JSON', '{'],
    ['an unknown name', '{"tenants":[],"tenant":1}'],
  ])('authority says what is wrong with a seed that is %s', async (_, seed) => {
    const { code, stderr } = await certgrant(['authority', '--port', '0', '--seed', '-'], { stdin: seed });
    expect([code, stderr.split('\n').length]).toEqual([1, 3]);
    expect(stderr).toMatch(/^error: read seed: .+\nhint: .+\n$/);
  });
});
