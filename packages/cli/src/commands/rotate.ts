import { resolve } from 'node:path';
import { type KeyAlgorithm, platformWith } from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { openKeyFile } from '../opened-key-file.ts';
import { authorityEnvironment, authorityOptions } from '../options/authority.ts';
import { clientIdOption, identityEnvironment, tenantOption } from '../options/identity.ts';
import { deadlineFrom, networkEnvironment, networkFrom, networkOptions } from '../options/network.ts';
import { type OpeningValues, openingOptions, passwordEnvironment } from '../options/password.ts';
import {
  currentOption,
  currentPath,
  guidFrom,
  hookOption,
  keyFileFormat,
  overlapFrom,
  pathsFrom,
  patienceFrom,
  registrationOptions,
  timingOptions,
  type WhoValues,
  whoFrom,
} from '../options/rotation.ts';
import { daysFrom, subjectFrom, subjectOptions } from '../options/subject.ts';
import { withinFrom } from '../options/within.ts';
import { narrator, reportProgress, rotationJson, rotationRows, stepLines } from '../output/rotation.ts';
import { printable, twoColumns } from '../output/text.ts';
import { relative } from '../output/time.ts';
import { materialOf } from '../rotation/key-material.ts';
import { takeLock } from '../rotation/lock.ts';
import type { NextProfile, NextSource } from '../rotation/next-key.ts';
import { type RotationOrder, type Start, startOf } from '../rotation/order.ts';
import { rotationServer } from '../rotation/rotation-server.ts';
import { runRotation } from '../rotation/run-rotation.ts';
import { lockPath } from '../rotation/state-file.ts';
import type { RotationSettings } from '../rotation/world.ts';
import { usageError } from '../usage.ts';

const options = {
  ...tenantOption,
  ...clientIdOption,
  ...currentOption,
  out: {
    type: 'string',
    value: 'NEXT',
    help: 'Where the new key file is kept until it takes the place of the current one (default: beside it, NAME.next.pem for NAME.pem)',
  },
  within: {
    type: 'string',
    value: 'TIME',
    help: 'Do nothing unless the current certificate ends within this time, such as 30d, 12h or 6w; a rotation that is under way goes on',
  },
  plan: { type: 'boolean', help: 'Print what would be done, and do nothing' },
  rehearse: {
    type: 'boolean',
    help: 'Do it all against a local authority, with a copy of the file and of the names; nothing real is touched',
  },
  ...timingOptions,
  ...hookOption,
  ...registrationOptions,
  new: { type: 'string', value: 'FILE', help: 'Rotate to the certificate and private key in this file' },
  csr: {
    type: 'string',
    value: 'FILE',
    help: 'Write a certificate signing request for a new key to FILE, and go on once the certificate is there',
  },
  'key-type': {
    ...subjectOptions['key-type'],
    help: 'The kind of the new key: RSA-2048, RSA-3072, RSA-4096, P-256 or P-384 (default: that of the current one); Entra ID takes the RSA ones only',
  },
  subject: { ...subjectOptions.subject, help: 'The subject of the new certificate (default: that of the current one)' },
  san: { ...subjectOptions.san, help: `${subjectOptions.san.help} (default: those of the current certificate)` },
  days: {
    type: 'string',
    value: 'N',
    help: 'For how many days the new certificate is valid (default: as long as the current one)',
  },
  'self-signed': {
    type: 'boolean',
    help: 'Follow a certificate that a CA issued with a self-signed one',
  },
  ...authorityOptions,
  ...openingOptions,
  ...networkOptions,
  json: { type: 'boolean', help: 'Print one JSON document about how the rotation stands' },
} as const;

export const command: Command = defineCommand({
  name: 'rotate',
  summary: 'replace a certificate with no downtime, from any point where it was interrupted',
  synopsis: ['--tenant ID --client-id ID --cert CURRENT [--out NEXT] [OPTIONS]'],
  description: [
    'Makes a new key and certificate like the current one, registers the certificate with a proof of possession, asks for a token until it is accepted, puts the new key file in the place of the current one, and after the overlap removes the old certificate from the application. Nothing old is removed before the new certificate has got a token. No permission of Graph is needed.',
    'Each step is noted beside the key file (CURRENT.rotation.json) before it is begun. After Ctrl-C, a crash or a power cut the same command goes on where it was; while the overlap lasts it ends at once and says until when. So a line in a crontab is enough. When all is done, the note is the report.',
    'What the application may not read of itself is given once: --object-id, and for the first rotation of a file --key-id. The old key file is kept as NAME.previous; certgrant rotate undo goes back to it until the old certificate is removed.',
  ],
  options,
  examples: [
    {
      purpose: 'For a crontab, once a day: something happens a month before the end',
      line: 'certgrant rotate --tenant contoso.com --client-id ID --object-id ID --key-id ID --cert my-daemon.pem --within 30d --hook "systemctl reload my-daemon"',
    },
    {
      purpose: 'What would be done?',
      line: 'certgrant rotate --tenant contoso.com --client-id ID --cert my-daemon.pem --plan',
    },
    {
      purpose: 'Once without consequences',
      line: 'certgrant rotate --tenant contoso.com --client-id ID --cert my-daemon.pem --rehearse',
    },
    {
      purpose: 'With a certificate of a CA: writes a request, and goes on when its answer is joined with the key',
      line: 'certgrant rotate --tenant contoso.com --client-id ID --cert my-daemon.pem --csr next.csr',
    },
  ],
  exitCodes: {
    0: 'done, or nothing to do now: not due, the overlap lasts, or the certificate of a request is awaited; --json tells which',
    1: 'failed; what was done is noted, and the same command goes on there',
  },
  environment: {
    ...identityEnvironment,
    AZURE_CLIENT_CERTIFICATE_PATH: 'the key file, when --cert is not given',
    ...passwordEnvironment,
    ...authorityEnvironment,
    ...networkEnvironment,
  },
  handle: async (values, io) => {
    const order = await orderFrom(values, io);
    if (values.rehearse) {
      const { rehearse } = await import('../rotation/rehearsal.ts');
      await rehearse(order, values.json, io);
      return;
    }
    if (values.plan) {
      reportPlan(await startOf(order, io), values.json, io);
      return;
    }
    const unlock = await takeLock(lockPath(order.files.current), platformWith(io.platform));
    try {
      const start = await startOf(order, io);
      if (start.state === undefined) {
        reportPlan(start, values.json, io);
        return;
      }
      const { who, settings, format, source } = order;
      const platform = await networkFrom(values, io);
      const server = rotationServer({ ...who, platform, deadline: deadlineFrom(values), signal: io.signal });
      const tell = narrator(values.json, io);
      const run = { state: start.state, settings, format, source, server, tell };
      reportProgress(await runRotation(run, io), values.json, io);
    } finally {
      unlock();
    }
  },
});

interface RotateValues extends WhoValues, SourceValues {
  readonly cert: string | undefined;
  readonly out: string | undefined;
  readonly within: string | undefined;
  readonly rehearse: boolean;
  readonly overlap: string | undefined;
  readonly wait: string | undefined;
  readonly hook: string | undefined;
  readonly 'object-id': string | undefined;
  readonly 'key-id': string | undefined;
}

async function orderFrom(values: RotateValues, io: Io): Promise<RotationOrder> {
  const who = whoFrom(values, io);
  const within = values.within === undefined ? undefined : withinFrom(values.within);
  const settings: RotationSettings = {
    overlap: overlapFrom(values.overlap),
    patience: patienceFrom(values.wait),
    objectId: guidFrom(values['object-id'], '--object-id'),
    keyId: guidFrom(values['key-id'], '--key-id'),
    hook: values.hook,
  };
  const source = sourceFrom(values, io);
  if (values.rehearse && source.kind === 'request') {
    throw usageError('--csr: no certificate authority answers in a rehearsal', 'Rehearse without --csr');
  }
  const current = currentPath(values, io);
  const files = pathsFrom(current, values.out, io);
  return { who, files, within, settings, source, format: await keyFileFormat(current, values, io) };
}

interface SourceValues extends OpeningValues {
  readonly new: string | undefined;
  readonly csr: string | undefined;
  readonly 'key-type': KeyAlgorithm | undefined;
  readonly subject: string | undefined;
  readonly san: readonly string[];
  readonly days: string | undefined;
  readonly 'self-signed': boolean;
}

function sourceFrom(values: SourceValues, io: Io): NextSource {
  const { new: given, csr } = values;
  const profile: NextProfile = {
    keyType: values['key-type'],
    subject: values.subject === undefined ? undefined : subjectFrom(values.subject),
    subjectAlternativeNames: values.san,
    validityDays: values.days === undefined ? undefined : daysFrom(values.days),
    selfSigned: values['self-signed'],
  };
  if (given === undefined && csr === undefined) return { kind: 'generate', profile };
  const idle = (['days', 'self-signed'] as const).find((name) => values[name] !== undefined && values[name] !== false);
  if (idle !== undefined) {
    throw usageError(`--${idle}: it is for a certificate that is made here`, 'Leave it out beside --new and --csr');
  }
  if (csr !== undefined) {
    if (given !== undefined) throw usageError('--new and --csr are both given', 'Give one of them');
    return { kind: 'request', profile, request: resolve(io.cwd, csr) };
  }
  if (profile.keyType !== undefined || profile.subject !== undefined || values.san.length > 0) {
    throw usageError('--new: the certificate is made already', 'Leave out --key-type, --subject and --san');
  }
  const path = given ?? '';
  return { kind: 'given', read: async () => materialOf((await openKeyFile(path, values, io)).contents, path) };
}

function reportPlan({ current, state }: Start, json: boolean, io: Io): void {
  const { notAfter } = current.credential.certificate;
  if (state === undefined) {
    const document = { status: 'not-due', thumbprint: current.thumbprint, notAfter: notAfter.toISOString() };
    const end = relative(notAfter.getTime(), platformWith(io.platform).now());
    io.stdout.write(
      json ? `${JSON.stringify(document)}\n` : `Not due: the certificate ends ${end}. Nothing was done.\n`,
    );
    return;
  }
  if (json) {
    io.stdout.write(`${JSON.stringify(rotationJson(state, 'planned'))}\n`);
    return;
  }
  const rows = twoColumns(rotationRows(state), Number.POSITIVE_INFINITY);
  io.stdout.write(`${printable(rows)}\n\n${stepLines(state)}\n\nNothing was done.\n`);
}
