import { type Command, defineCommand } from '../command.ts';
import { plannedFiles, printExport, writeExport } from '../export/destination.ts';
import type { ListedFormat } from '../export/format.ts';
import { exportFormats } from '../export/formats.ts';
import { type ExportValues, exportSettings } from '../export/settings.ts';
import type { Io } from '../io.ts';
import { authorityEnvironment, authorityOptions } from '../options/authority.ts';
import { credentialEnvironment, credentialOptions } from '../options/credential.ts';
import { clientIdOption, identityEnvironment, tenantOption } from '../options/identity.ts';
import { suggest } from '../suggest.ts';
import { usageError } from '../usage.ts';

const options = {
  ...tenantOption,
  ...clientIdOption,
  scope: {
    type: 'string',
    value: 'SCOPE',
    help: 'What the token is for: the identifier of the API followed by /.default (default: Microsoft Graph)',
  },
  ...authorityOptions,
  api: {
    type: 'string',
    value: 'URL',
    help: 'What is called with the token (default: the users in Microsoft Graph, or the address in the scope)',
  },
  ...credentialOptions,
  alg: {
    type: 'string',
    choices: ['PS256', 'RS256'],
    help: 'The signature algorithm: PS256 (default, with x5t#S256) or RS256 (with x5t)',
  },
  out: {
    type: 'string',
    value: 'PATH',
    help: 'Where to write: a folder, or a file where the format makes one; - for standard output',
  },
  'with-key': {
    type: 'boolean',
    help: 'Put the private key into the export (mode 0600), where the format has a place for it',
  },
  force: { type: 'boolean', help: 'Replace files that are there already' },
  list: { type: 'boolean', help: 'List the formats, and say of each whether it was run or only checked' },
  check: { type: 'string', value: 'FILE', help: 'With postman: say whether a collection follows the v2.1.0 schema' },
  json: { type: 'boolean', help: 'Print one JSON document: format, files (with --list: name, makes, proof, provenBy)' },
} as const;

export const command: Command = defineCommand({
  name: 'export',
  summary: 'write the same request for another tool or language',
  synopsis: [
    'FORMAT --tenant ID --client-id ID [--cert FILE] --out PATH [OPTIONS]',
    '--list [--json]',
    'postman --check FILE [--json]',
  ],
  description: [
    'Writes the request for a token, and a call that uses it, in the form of another tool: a collection for Postman, a script, a program. Where the tool can, it signs the assertion itself, so that nothing has to be pasted every ten minutes. certgrant export --list shows the formats.',
    'The files hold names and public values only. With --with-key the private key is in them: whoever can read them, or what the tool synchronises or reports, can be the application. Without --cert they have a gap where the certificate belongs.',
  ],
  operands: { FORMAT: 'Which format; certgrant export --list shows them' },
  maximumOperands: 1,
  options,
  examples: [
    { purpose: 'What there is', line: 'certgrant export --list' },
    {
      purpose: 'For Postman and newman',
      line: 'certgrant export postman --tenant contoso.com --client-id 6731de76-14a6-49ae-97bc-6eba6914391e --cert my-daemon.pem --out postman',
    },
    {
      purpose: 'As a shell script that signs with openssl and asks with curl',
      line: 'certgrant export curl --tenant contoso.com --client-id 6731de76-14a6-49ae-97bc-6eba6914391e --cert my-daemon.pem --out token.sh',
    },
    { purpose: 'Whether a collection follows its schema', line: 'certgrant export postman --check collection.json' },
  ],
  exitCodes: { 1: 'it failed; with --check also: the collection does not follow the schema' },
  environment: { ...identityEnvironment, ...credentialEnvironment, ...authorityEnvironment },
  handle: async (values, io, [name]) => {
    if (values.list) {
      if (name !== undefined) throw usageError('--list: it takes no FORMAT', 'Write certgrant export --list');
      const { listFormats } = await import('../export/list.ts');
      listFormats(values, io);
      return undefined;
    }
    const listed = formatNamed(name);
    if (values.check !== undefined) {
      if (listed.name !== 'postman') {
        throw usageError('--check: it is for collections of Postman', 'Write certgrant export postman --check FILE');
      }
      const { checkCollection } = await import('../export/postman/check-collection.ts');
      return checkCollection(values.check, values, io);
    }
    await writeFormat(listed, values, io);
    return undefined;
  },
});

interface WriteValues extends ExportValues {
  readonly out: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
}

async function writeFormat(listed: NamedFormat, values: WriteValues, io: Io): Promise<void> {
  const { name } = listed;
  const { out } = values;
  if (out === undefined) {
    throw usageError('--out: it is missing', 'Give --out PATH; where the format makes one file, - is standard output');
  }
  if (values.json && out === '-') {
    throw usageError('--json: --out - takes standard output for the file', 'Give one of the two');
  }
  if (values['with-key'] && !listed.canHoldKey) {
    throw usageError(
      `--with-key: ${name} has no place for a private key`,
      'Leave it out; what is exported reads the key from its file',
    );
  }
  const settings = await exportSettings(values, io);
  const { format } = await listed.load();
  const files = await format.render(settings);
  io.signal.throwIfAborted();
  if (out === '-') return printExport(files, name, io);
  const planned = plannedFiles(files, out, listed, io);
  await writeExport(planned, values);
  report(name, planned, values.json, io);
  if (settings.privateKeyPem === undefined) return;
  io.warn(
    'the private key is in the export: whoever reads it can be the application; never share, synchronise or commit it',
  );
}

interface NamedFormat extends ListedFormat {
  readonly name: string;
}

function formatNamed(name: string | undefined): NamedFormat {
  const format = name !== undefined && Object.hasOwn(exportFormats, name) ? exportFormats[name] : undefined;
  if (name !== undefined && format !== undefined) return { ...format, name };
  const near = name === undefined ? undefined : suggest(name, Object.keys(exportFormats));
  throw usageError(
    name === undefined ? 'export: the format is missing' : 'export: there is no such format',
    near === undefined ? 'certgrant export --list shows the formats' : `Did you mean certgrant export ${near}?`,
  );
}

function report(
  format: string,
  files: readonly { readonly path: string; readonly secret: boolean }[],
  json: boolean,
  io: Io,
): void {
  if (json) {
    io.stdout.write(`${JSON.stringify({ format, files: files.map(({ path, secret }) => ({ path, secret })) })}\n`);
    return;
  }
  for (const { path, secret } of files) io.stdout.write(`${path}${secret ? ' (private key)' : ''}\n`);
}
