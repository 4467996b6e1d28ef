import { resolve } from 'node:path';
import {
  type DoctorFile,
  type DoctorKey,
  type DoctorOptions,
  type DoctorSettings,
  runDoctor,
} from '@certgrant/core/node';
import { type Command, defineCommand } from '../command.ts';
import { readSource } from '../input.ts';
import type { Io } from '../io.ts';
import {
  type AssertionValues,
  assertionEnvironment,
  assertionOptions,
  assertionSettings,
  audienceFrom,
} from '../options/assertion.ts';
import { authorityEnvironment, authorityOptions } from '../options/authority.ts';
import {
  type CredentialValues,
  certificateSource,
  credentialEnvironment,
  credentialFrom,
  credentialOptions,
  isOnToken,
  selectionFrom,
} from '../options/credential.ts';
import { clientIdOption, identityEnvironment, tenantOption } from '../options/identity.ts';
import { deadlineFrom, networkEnvironment, networkOptions } from '../options/network.ts';
import { passwordFrom } from '../options/password.ts';
import { type ScopeValues, targetFrom, targetOptions } from '../options/scope.ts';
import { claimsFrom, claimsOption, issuerOption, type ServerValues, serverFrom } from '../options/server.ts';
import { CheckList } from '../output/check-list.ts';

const options = {
  ...tenantOption,
  ...clientIdOption,
  ...credentialOptions,
  ...targetOptions,
  ...issuerOption,
  ...authorityOptions,
  ...assertionOptions,
  ...claimsOption,
  'expect-role': {
    type: 'string',
    value: 'ROLE',
    multiple: true,
    help: 'An application permission (or, with --issuer, a scope) that the access token must have: User.Read.All',
  },
  ca: networkOptions.ca,
  timeout: {
    type: 'string',
    value: 'TIME',
    help: 'Give up each check after this time, in seconds or like 1m (default: 10s)',
  },
  json: { type: 'boolean', help: 'Print one JSON document: ok, and checks with id, status, detail, fix' },
} as const;

export const command: Command = defineCommand({
  name: 'doctor',
  summary: 'check everything between a certificate and a token, and say what is wrong',
  synopsis: [
    '--tenant ID --client-id ID --cert FILE --scope SCOPE [OPTIONS]',
    '--issuer URL --client-id ID --cert FILE [--scope SCOPE] [OPTIONS]',
  ],
  description: [
    'Takes what token takes, and looks at one thing after the other: settings, environment, clock, file, password, key, certificate; then proxies, names, connections, TLS, discovery and the clock of the server; then it asks for a real token, explains the answer, and reads the permissions in it. The token is not printed and not kept.',
    'The first check that fails is the one to mend; what depends on it is skipped. The output is safe to paste: ids are shortened, and no password, key, assertion or token is in it.',
  ],
  options,
  examples: [
    {
      purpose: 'Why do I get no token?',
      line: 'certgrant doctor --tenant contoso.com --client-id 6731de76-14a6-49ae-97bc-6eba6914391e --cert my-daemon.pem --scope https://graph.microsoft.com/.default',
    },
    {
      purpose:
        'Does the token have the permission that my daemon needs? Tenant, client id and file are in the environment',
      line: 'certgrant doctor --scope https://graph.microsoft.com/.default --expect-role User.Read.All',
    },
    {
      purpose: 'The fix of the first failure, for a script',
      line: 'certgrant doctor --scope https://graph.microsoft.com/.default --json | jq -r \'[.checks[] | select(.status == "failed")][0].fix\'',
    },
  ],
  exitCodes: {
    0: 'no check failed; some may have warned',
    1: 'a check failed',
    2: 'wrong usage: an option that there is not, or a time that is none; what is wrong with a tenant, an id or a scope is a finding',
  },
  environment: {
    ...identityEnvironment,
    ...credentialEnvironment,
    ...authorityEnvironment,
    ...assertionEnvironment,
    ...networkEnvironment,
  },
  handle: async (values, surroundings) => {
    const timeout = deadlineFrom(values);
    const list = values.json ? undefined : new CheckList(surroundings);
    const io = makingRoom(surroundings, () => list?.pause());
    const { env, signal, platform } = io;
    const doctor: DoctorOptions = {
      settings: () => settingsFrom(values, io),
      key: keyFrom(values, io),
      ca: values.ca.map((file) => fileFrom(file, '--ca', io)),
      expectedRoles: values['expect-role'],
      env,
      timeout,
      signal,
      platform,
      onStart: (id, doing) => list?.begin(id, doing),
      onResult: (result) => list?.add(result),
    };
    try {
      const report = await runDoctor(doctor);
      if (values.json) io.stdout.write(`${JSON.stringify(report)}\n`);
      else list?.sum(report);
      return report.ok ? 0 : 1;
    } finally {
      list?.pause();
    }
  },
});

/** What is wrong with them is a finding like any other. */
function settingsFrom(
  values: ServerValues & ScopeValues & AssertionValues & { claims: string | undefined },
  io: Io,
): DoctorSettings {
  const audience = audienceFrom(values);
  return {
    ...serverFrom(values, io),
    ...assertionSettings(values, io),
    audience: audience === 'token-endpoint' ? undefined : typeof audience === 'object' ? audience.exactly : audience,
    target: targetFrom(values),
    claims: claimsFrom(values.claims),
  };
}

function keyFrom(values: CredentialValues, io: Io): DoctorKey {
  const { key } = values;
  const source = values.cert ?? (io.env.AZURE_CLIENT_CERTIFICATE_PATH || undefined);
  if (isOnToken(source) || isOnToken(key)) {
    return { name: 'it is on a token', open: () => credentialFrom(values, io) };
  }
  const certificate: DoctorFile =
    source === undefined
      ? { name: 'none', read: async () => readSource(certificateSource(values, io), '--cert', io) }
      : fileFrom(source, '--cert', io);
  return {
    files: key === undefined ? [certificate] : [certificate, fileFrom(key, '--key', io)],
    password: () => passwordFrom(values, io),
    askPassword: (file) => io.askPassword(`Password of ${file}: `),
    allowCostly: values['allow-costly'],
    selection: selectionFrom(values),
  };
}

/** The same process, where the running check makes room before anything is asked or said. */
function makingRoom(io: Io, makeRoom: () => void): Io {
  const askPassword = (question: string): Promise<string | undefined> => {
    makeRoom();
    return io.askPassword(question);
  };
  const warn = (message: string): void => {
    makeRoom();
    io.warn(message);
  };
  return Object.create(io, { askPassword: { value: askPassword }, warn: { value: warn } }) as Io;
}

function fileFrom(source: string, option: string, io: Io): DoctorFile {
  const isFile = source !== '-' && !source.startsWith('env:');
  return {
    name: source === '-' ? 'standard input' : source,
    path: isFile ? resolve(io.cwd, source) : undefined,
    read: () => readSource(source, option, io),
  };
}
