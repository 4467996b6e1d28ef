import { dirname, resolve } from 'node:path';
import { type Authority, type AuthorityOptions, startAuthority } from '@certgrant/authority';
import { platformWith } from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import { readTextSource } from '../input.ts';
import type { Io } from '../io.ts';
import { secondsFrom } from '../options/assertion.ts';
import { portFrom } from '../options/port.ts';
import { errorLine, logForms, requestLine } from '../output/request-log.ts';
import { paintFor, twoColumns } from '../output/text.ts';
import { trustInstructions } from '../output/trust.ts';
import { untilStopped } from '../output/until-stopped.ts';

const options = {
  host: { type: 'string', value: 'NAME', help: 'The name or address to listen on (default: localhost)' },
  port: { type: 'string', value: 'N', help: 'The port (default: 8443); 0 takes a free one' },
  'tenant-id': { type: 'string', value: 'GUID', help: 'The id of its tenant (default: a random one)' },
  domain: { type: 'string', value: 'NAME', help: 'The domain name of its tenant (default: local.example)' },
  'host-name': {
    type: 'string',
    value: 'NAME',
    multiple: true,
    help: 'A further name that it is reached by and that its certificate holds, such as that of a container',
  },
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
  'token-lifetime': {
    type: 'string',
    value: 'TIME',
    help: 'How long an access token is good for, in seconds or like 90m (default: 1h, and a day for clients that handle claims challenges)',
  },
  'cae-token-lifetime': {
    type: 'string',
    value: 'TIME',
    help: 'The same for clients that handle claims challenges (continuous access evaluation)',
  },
  strict: {
    type: 'boolean',
    help: 'Hold assertions to the rules of RFC 7523bis and FAPI 2.0: jti once, the issuer as audience, 10 minutes at most, no RS256 with a SHA-1 thumbprint',
  },
  'key-propagation': {
    type: 'string',
    value: 'TIME',
    help: 'Let the token endpoint see changed keys and secrets only after this time, as at Entra ID (default: at once)',
  },
  log: {
    type: 'string',
    choices: logForms,
    value: 'FORM',
    help: 'A line for each request on standard error: text (on a terminal the default), json (JSON lines), off (elsewhere the default)',
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
    'The admin token lets certgrant app register (and any other program) make applications; it is only written to a file that you alone can read. What else tests can do with it, such as moving the clock and ordering faults, is described at /certgrant/openapi.json. GET /healthz says whether it serves.',
    'No line of the log holds an assertion, a secret or a token.',
  ],
  options,
  examples: [
    { purpose: 'Everything in memory, on port 8443', line: 'certgrant authority' },
    { purpose: 'Kept in a folder', line: 'certgrant authority --data .certgrant/authority' },
    { purpose: 'To see how a program renews its tokens', line: 'certgrant authority --token-lifetime 6m' },
    {
      purpose: 'In a container: a line of JSON for each request',
      line: 'certgrant authority --host 0.0.0.0 --log json',
    },
    { purpose: 'For a script: a free port, and one line that says where', line: 'certgrant authority --port 0 --json' },
  ],
  exitCodes: { 0: 'stopped with Ctrl-C', 1: 'failed to start, for example because the port is in use' },
  handle: async (values, io) => {
    const port = portFrom(values.port, 8443);
    io.useEveryCore();
    // From here on Ctrl-C lets it clean up.
    const { signal } = io;
    const authority = await startAuthority({
      host: values.host,
      port,
      hostNames: values['host-name'],
      tenantId: values['tenant-id'],
      tenantName: values['tenant-name'],
      domain: values.domain,
      dataDir: values.data === undefined ? undefined : resolve(io.cwd, values.data),
      ...(await seedFrom(values.seed, io)),
      tokenLifetime: durationFrom(values['token-lifetime'], '--token-lifetime'),
      caeTokenLifetime: durationFrom(values['cae-token-lifetime'], '--cae-token-lifetime'),
      strict: values.strict,
      keyPropagationDelay: durationFrom(values['key-propagation'], '--key-propagation'),
      files: true,
      platform: io.platform,
      ...logTo(values, io),
    });
    try {
      io.stdout.write(values.json ? `${JSON.stringify(addressJson(authority))}\n` : welcome(authority, io));
      await untilStopped(signal);
    } finally {
      await authority.close();
    }
  },
});

/** A year, in seconds. */
const longestLifetime = 31_536_000;

/** In seconds. */
function durationFrom(text: string | undefined, option: string): number | undefined {
  return text === undefined ? undefined : secondsFrom(text, option, longestLifetime);
}

/** Requests are told of on a terminal unless `--json` is there, and where it is asked for. */
function logTo(
  { log, json }: { readonly log: (typeof logForms)[number] | undefined; readonly json: boolean },
  io: Io,
): Pick<AuthorityOptions, 'log' | 'onRequest'> {
  const form = log ?? (io.stderr.isTerminal && !json ? 'text' : 'off');
  const { now } = platformWith(io.platform);
  const errors = form === 'json' ? 'json' : 'text';
  return {
    log: (message) => io.stderr.write(errorLine(message, errors, now())),
    ...(form === 'off' ? {} : { onRequest: (report) => io.stderr.write(requestLine(report, form)) }),
  };
}

interface SeedOptions {
  readonly seed?: string;
  readonly seedFolder?: string;
}

/** Files that a seed names stand where the seed does. */
async function seedFrom(source: string | undefined, io: Io): Promise<SeedOptions> {
  if (source === undefined) return {};
  const isPath = source !== '-' && !source.startsWith('env:');
  const seedFolder = isPath ? dirname(resolve(io.cwd, source)) : io.cwd;
  return { seed: await readTextSource(source, '--seed', io), seedFolder };
}

/** The one line of `--json`; programs rely on these names. */
function addressJson({ url, tenantId, graphUrl, caFile, adminTokenFile }: Authority): object {
  return { url, tenantId, graphUrl, caFile, adminTokenFile };
}

function welcome({ url, tenantId, graphUrl, caFile = '', adminTokenFile = '' }: Authority, io: Io): string {
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
