import { resolve } from 'node:path';
import { CertgrantError, type Certificate, readKeyFile, thumbprints, writePem } from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import { readSource } from '../input.ts';
import type { Io } from '../io.ts';
import { paintFor, twoColumns } from '../output/text.ts';
import { shellWord, trustInstructions } from '../output/trust.ts';
import { usageError } from '../usage.ts';

const options = {
  data: { type: 'string', value: 'DIR', help: 'The folder of an authority that was started with --data' },
  ca: { type: 'string', value: 'FILE', help: 'The CA as a file: what a running authority says as its caFile' },
  apply: { type: 'boolean', help: 'Have the whole system trust the CA, for all of its users' },
  remove: { type: 'boolean', help: 'Undo --apply' },
  json: { type: 'boolean', help: 'Print one JSON document: caFile, sha256, programs, and store when it was changed' },
} as const;

export const command: Command = defineCommand({
  name: 'authority trust',
  summary: 'say how each program trusts the CA of a local authority, or have the system do it',
  synopsis: ['--data DIR | --ca FILE [--json]', '--data DIR | --ca FILE --apply|--remove [--json]'],
  description: [
    'Prints what to set or to run for Node, Python, Go, .NET, Java, curl and the store of the system. Setting it for one program is the better way: whoever has the private key of the CA can be any server to whoever trusts it.',
    'With --apply the CA goes into the store of the system, by its own program: update-ca-certificates on Debian and Ubuntu, security on macOS, certutil on Windows. That needs the rights of an administrator. Use it with an authority that keeps its CA (--data), and --remove when you are done.',
  ],
  options,
  examples: [
    { purpose: 'What to set', line: 'certgrant authority trust --data .certgrant/authority' },
    { purpose: 'For the whole system', line: 'sudo certgrant authority trust --ca ca.pem --apply' },
    { purpose: 'And no longer', line: 'sudo certgrant authority trust --ca ca.pem --remove' },
  ],
  exitCodes: { 1: 'the file is no CA, or the store could not be changed' },
  handle: async (values, io) => {
    if (values.apply && values.remove) throw usageError('--apply and --remove are both given', 'Give one of them');
    const file = caFileFrom(values, io);
    const certificate = await readCa(file, io);
    const { sha1, sha256 } = await thumbprints(certificate);
    const changed =
      values.apply || values.remove ? await change({ ...values, file, certificate, sha1 }, io) : undefined;
    const programs = [
      ...trustInstructions(file),
      ['The system', `sudo certgrant authority trust --ca ${shellWord(file)} --apply`],
    ];
    if (values.json) {
      const listed = programs.map(([name, set]) => ({ name, set }));
      io.stdout.write(
        `${JSON.stringify({ caFile: file, sha256, programs: listed, ...(changed && { store: changed }) })}\n`,
      );
    } else if (changed !== undefined) {
      const done = changed.changed === 'added' ? 'trusts the CA now' : 'does not trust the CA any more';
      io.stdout.write(`The store of the system (${changed.name}) ${done}: ${certificate.subject}, SHA-256 ${sha256}\n`);
    } else {
      const { bold } = paintFor(io.stdout);
      const rows = programs.map(([name = '', set = '']) => [name, set] as const);
      io.stdout.write(
        `${bold(`${certificate.subject}, SHA-256 ${sha256}`)}\n${twoColumns(rows, Number.POSITIVE_INFINITY)}\n`,
      );
    }
  },
});

interface Change {
  readonly apply: boolean;
  readonly file: string;
  readonly certificate: Certificate;
  readonly sha1: string;
}

async function change(
  { apply, file, certificate, sha1 }: Change,
  io: Io,
): Promise<{ readonly name: string; readonly program: string; readonly changed: 'added' | 'removed' }> {
  const { systemTrustStore } = await import('../trust-store.ts');
  const store = systemTrustStore();
  // The file may hold more than the certificate.
  const ca = { file, sha1, pem: await writePem({ certificates: [certificate] }) };
  if (apply) await store.add(ca, io.signal);
  else await store.remove(ca, io.signal);
  return { name: store.name, program: store.program, changed: apply ? 'added' : 'removed' };
}

function caFileFrom(
  { data, ca }: { readonly data: string | undefined; readonly ca: string | undefined },
  io: Io,
): string {
  if ((data === undefined) === (ca === undefined)) {
    throw usageError('the CA: neither or both of --data and --ca are given', 'Give --ca FILE, or --data DIR');
  }
  return resolve(io.cwd, ca ?? `${data}/ca.pem`);
}

/** One certificate that is a CA: trusting anything else as one would be of no use, or a mistake. */
async function readCa(file: string, io: Io): Promise<Certificate> {
  const { certificates } = await readKeyFile(await readSource(file, '--ca', io));
  const certificate = certificates[0]?.certificate;
  if (certificate?.isCertificateAuthority && certificates.length === 1) return certificate;
  throw new CertgrantError('CERTIFICATE_MISSING', `read CA: ${file} does not hold one certificate of a CA`, {
    fix: 'Give the ca.pem of the authority, which certgrant authority names as its CA',
  });
}
