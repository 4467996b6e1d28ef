import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Authority, startAuthority } from '@certgrant/authority';
import { type Command, defineCommand } from '../command.ts';
import { readTextSource } from '../input.ts';
import type { Io } from '../io.ts';
import { portFrom } from '../options/port.ts';
import { writeAll } from '../output/files.ts';
import { paintFor, twoColumns } from '../output/text.ts';
import { trustInstructions } from '../output/trust.ts';
import { untilStopped } from '../output/until-stopped.ts';

const options = {
  host: { type: 'string', value: 'NAME', help: 'The name or address to listen on (default: localhost)' },
  port: { type: 'string', value: 'N', help: 'The port (default: 8443); 0 takes a free one' },
  'tenant-id': { type: 'string', value: 'GUID', help: 'The id of its tenant (default: a random one)' },
  'tenant-name': { type: 'string', value: 'NAME', help: 'The name of its tenant' },
  data: {
    type: 'string',
    value: 'DIR',
    help: 'Keep everything in this folder; without it all is in memory and gone when the authority stops',
  },
  seed: {
    type: 'string',
    value: 'FILE',
    help: 'Begin with the tenants, applications, certificates and permissions of this JSON file',
  },
  json: {
    type: 'boolean',
    help: 'Print one line of JSON when it listens: url, tenantId, graphUrl, caFile, adminTokenFile',
  },
} as const;

export const command: Command = defineCommand({
  name: 'authority',
  summary: 'run a local token authority that answers like Entra ID',
  synopsis: ['[OPTIONS]'],
  description: [
    'Listens on https with a certificate of its own CA for localhost, 127.0.0.1 and ::1, and answers the token, discovery and key endpoints of Entra ID and the part of Microsoft Graph that registers applications. It checks client assertions as Entra ID does and refuses them with the same codes. It runs until Ctrl-C.',
    'The admin token lets certgrant app register (and any other program) make applications; it is only written to a file that you alone can read.',
  ],
  options,
  examples: [
    { purpose: 'Everything in memory, on port 8443', line: 'certgrant authority' },
    { purpose: 'Kept in a folder', line: 'certgrant authority --data .certgrant/authority' },
    { purpose: 'For a script: a free port, and one line that says where', line: 'certgrant authority --port 0 --json' },
  ],
  exitCodes: { 0: 'stopped with Ctrl-C', 1: 'failed to start, for example because the port is in use' },
  handle: async (values, io) => {
    const port = portFrom(values.port, 8443);
    const seed = values.seed === undefined ? undefined : await readTextSource(values.seed, '--seed', io);
    const authority = await startAuthority({
      host: values.host ?? 'localhost',
      port,
      tenantId: values['tenant-id'],
      tenantName: values['tenant-name'],
      dataDir: values.data === undefined ? undefined : resolve(io.cwd, values.data),
      seed,
      platform: io.platform,
    });
    const folder = await mkdtemp(join(tmpdir(), 'certgrant-authority-'));
    try {
      const files = await writeCredentials(authority, folder);
      io.stdout.write(
        values.json ? `${JSON.stringify(addressJson(authority, files))}\n` : welcome(authority, files, io),
      );
      await untilStopped(io.signal);
    } finally {
      await authority.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
});

interface CredentialFiles {
  readonly caFile: string;
  readonly adminTokenFile: string;
}

async function writeCredentials({ ca, adminToken }: Authority, folder: string): Promise<CredentialFiles> {
  const caFile = join(folder, 'ca.pem');
  const adminTokenFile = join(folder, 'admin-token');
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
  await writeAll(
    [
      { path: caFile, bytes: encode(ca), secret: false },
      { path: adminTokenFile, bytes: encode(`${adminToken}\n`), secret: true },
    ],
    { force: true },
  );
  return { caFile, adminTokenFile };
}

/** The one line of `--json`; programs rely on these names. */
function addressJson({ url, tenantId, graphUrl }: Authority, files: CredentialFiles): object {
  return { url, tenantId, graphUrl, ...files };
}

function welcome(authority: Authority, { caFile, adminTokenFile }: CredentialFiles, io: Io): string {
  const { url, tenantId, graphUrl } = authority;
  const { bold, faint } = paintFor(io.stdout);
  const addresses: readonly (readonly [string, string])[] = [
    ['Tenant', tenantId],
    ['Tokens', `${url}/${tenantId}/oauth2/v2.0/token`],
    ['Discovery', `${url}/${tenantId}/v2.0/.well-known/openid-configuration`],
    ['Graph', `${graphUrl}/v1.0`],
    ['CA', caFile],
    ['Admin token', adminTokenFile],
  ];
  return [
    `${bold('The authority listens on')} ${url}`,
    twoColumns(addresses, Number.POSITIVE_INFINITY),
    '',
    bold('Make a program trust its CA'),
    twoColumns(trustInstructions(caFile), Number.POSITIVE_INFINITY),
    '',
    faint('Ctrl-C stops it.'),
    '',
  ].join('\n');
}
