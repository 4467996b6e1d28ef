import { resolve } from 'node:path';
import {
  type Bytes,
  CertgrantError,
  type CertificationRequest,
  createCertificationRequest,
  createSigner,
  generateKeyPair,
  type PublicKey,
  readPublicKey,
  requestSignatureAlgorithm,
  utf8,
  writeCertificationRequest,
  writePem,
} from '@certgrant/core';
import { choosePair } from '../certificate-choice.ts';
import { type Command, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { openKeyFile } from '../opened-key-file.ts';
import { askForNewPassword, refuseEmptyPassword } from '../options/new-password.ts';
import { type OpeningValues, openingOptions, passwordEnvironment, passwordFrom } from '../options/password.ts';
import { basePath, subjectFrom, subjectOptions } from '../options/subject.ts';
import { type KeyJson, keyInWords, keyJson } from '../output/certificate.ts';
import { type PlannedFile, refuseOverwriting, writeAll } from '../output/files.ts';
import { paintFor, printable, twoColumns } from '../output/text.ts';
import { usageError } from '../usage.ts';

const options = {
  ...subjectOptions,
  key: {
    type: 'string',
    value: 'FILE',
    help: 'Ask for a certificate for the private key in this file, instead of a new key: a path, - or env:NAME',
  },
  out: {
    type: 'string',
    value: 'PATH',
    help: 'Where to write: a folder, or a path with or without .csr (default: the common name, in the current folder); - for standard output, with --key',
  },
  ...openingOptions,
  force: { type: 'boolean', help: 'Replace files that are there already' },
  json: { type: 'boolean', help: 'Print one JSON document about what was written' },
} as const;

export const command: Command = defineCommand({
  name: 'cert request',
  summary: 'make a certificate signing request for a CA, with a new or given key',
  synopsis: ['--subject NAME [OPTIONS]', '--key FILE [--subject NAME] [OPTIONS]'],
  description: [
    'Makes a certificate signing request (PKCS#10) for a certificate authority and writes it to NAME.csr, and with a new key also NAME.key: the private key as PEM, readable by you alone (mode 0600). It asks for what a client certificate needs: key usage digitalSignature and extended key usage clientAuth. Send NAME.csr, keep NAME.key, and put the answer together with the key by cert join.',
    'With --key the request is for a key that is there already. When that file holds its certificate too, as for a renewal, subject and alternative names are those of the certificate unless they are given.',
    'The password that you give protects the new key, or opens the given one. On a terminal it is asked for.',
  ],
  options,
  examples: [
    { purpose: 'A request and a new key', line: 'certgrant cert request --subject CN=my-daemon,O=Contoso' },
    {
      purpose: 'With names, into a folder',
      line: 'certgrant cert request --subject CN=my-daemon --san dns:daemon.example --out keys/',
    },
    {
      purpose: 'The next certificate for the same key',
      line: 'certgrant cert request --key my-daemon.pem --out next.csr',
    },
  ],
  environment: passwordEnvironment,
  handle: async (values, io) => {
    const order = values.key === undefined ? await newKey(values, io) : await givenKey(values, values.key, io);
    const request = await createCertificationRequest({
      subject: order.subject,
      publicKey: order.publicKey.spki,
      signer: await createSigner(order.pkcs8, requestSignatureAlgorithm(order.publicKey)),
      subjectAlternativeNames: order.names,
    });
    io.signal.throwIfAborted();
    const text = utf8(writeCertificationRequest(request));
    if (order.requestPath === undefined) {
      io.stdout.writeBytes(text);
      return;
    }
    const files: PlannedFile[] = [{ path: order.requestPath, bytes: text, secret: false }];
    if (order.keyFile !== undefined) files.unshift(order.keyFile);
    await writeAll(files, { force: values.force });
    await printResult(request, order, values.json, io);
  },
});

/** What the request is made from, and where it goes. */
interface Order {
  readonly pkcs8: Bytes;
  readonly publicKey: PublicKey;
  readonly subject: string;
  readonly names: readonly string[];
  /** `undefined` for standard output. */
  readonly requestPath: string | undefined;
  /** The new key, to be written beside the request. */
  readonly keyFile: PlannedFile | undefined;
}

interface RequestValues extends OpeningValues {
  readonly subject: string | undefined;
  readonly 'key-type': 'RSA-2048' | 'RSA-3072' | 'RSA-4096' | 'P-256' | 'P-384' | undefined;
  readonly san: readonly string[];
  readonly out: string | undefined;
  readonly force: boolean;
  readonly json: boolean;
}

async function newKey(values: RequestValues, io: Io): Promise<Order> {
  const subject = subjectFrom(values.subject);
  if (values.out === '-') {
    throw usageError('--out -: a new private key needs a file beside the request', 'Give a path, or --key FILE');
  }
  const base = withoutExtension(values.out, subject, io);
  const [requestPath, keyPath] = [`${base}.csr`, `${base}.key`];
  if (!values.force) refuseOverwriting([requestPath, keyPath]);
  const given = await passwordFrom(values, io);
  refuseEmptyPassword(given);
  const password = given ?? ((await askForNewPassword('for none', io)) || undefined);
  const { pkcs8, spki } = await generateKeyPair(values['key-type'] ?? 'RSA-2048');
  const text = await writePem({ pkcs8, certificates: [] }, { password, platform: io.platform });
  const keyFile = { path: keyPath, bytes: utf8(text), secret: true };
  return { pkcs8, publicKey: readPublicKey(spki), subject, names: values.san, requestPath, keyFile };
}

async function givenKey(values: RequestValues, source: string, io: Io): Promise<Order> {
  if (values['key-type'] !== undefined) {
    throw usageError('--key-type: it is for a new key, and --key gives one', 'Leave out one of the two');
  }
  if (values.out === '-' && values.json) {
    throw usageError('--json: --out - takes standard output for the request', 'Give one of the two');
  }
  const { contents } = await openKeyFile(source, values, io);
  const { key, certificate, keyMatches } = await choosePair(contents, {});
  if (key === undefined) {
    throw new CertgrantError('PRIVATE_KEY_MISSING', 'read --key: there is no private key in the file', {
      fix: 'Give the file with the private key, or leave out --key to have a new one made',
    });
  }
  const before = keyMatches === true ? certificate?.certificate : undefined;
  const subject = values.subject === undefined && before !== undefined ? before.subject : subjectFrom(values.subject);
  const names = values.san.length > 0 ? values.san : (before?.subjectAlternativeNames ?? []);
  const requestPath = values.out === '-' ? undefined : `${withoutExtension(values.out, subject, io)}.csr`;
  if (requestPath !== undefined && !values.force) refuseOverwriting([requestPath]);
  const askable = names.filter((name) => !name.startsWith('other:'));
  if (askable.length < names.length)
    io.warn('names of the certificate that have no kind of their own are not asked for');
  return { pkcs8: key.pkcs8, publicKey: key.publicKey, subject, names: askable, requestPath, keyFile: undefined };
}

function withoutExtension(out: string | undefined, subject: string, io: Io): string {
  const path = /^(.*[^\\/])\.csr$/i.exec(out ?? '')?.[1];
  return path === undefined ? basePath(out, subject, io) : resolve(io.cwd, path);
}

/** What `--json` prints; programs rely on these names. */
interface RequestJson {
  readonly files: { readonly csr: string; readonly key?: string };
  readonly key: KeyJson;
  readonly subject: string;
  readonly subjectAlternativeNames: readonly string[];
}

async function printResult(request: CertificationRequest, order: Order, json: boolean, io: Io): Promise<void> {
  const { subject, subjectAlternativeNames, publicKey } = request;
  const { requestPath = '', keyFile } = order;
  if (publicKey.type !== 'RSA') io.warn('Entra ID takes certificates with RSA keys only; other servers take this one');
  if (json) {
    const document: RequestJson = {
      files: { csr: requestPath, ...(keyFile === undefined ? {} : { key: keyFile.path }) },
      key: await keyJson(publicKey),
      subject,
      subjectAlternativeNames,
    };
    io.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const rows: (readonly [string, string])[] = [
    ['Subject', printable(subject)],
    ['Key', keyInWords(publicKey)],
  ];
  if (subjectAlternativeNames.length > 0) rows.push(['Other names', printable(subjectAlternativeNames.join(', '))]);
  const files: (readonly [string, string])[] = [[requestPath, 'the request: send this one']];
  if (keyFile !== undefined) files.push([keyFile.path, 'the private key: keep it here for cert join']);
  const { bold } = paintFor(io.stdout);
  const wide = Number.POSITIVE_INFINITY;
  io.stdout.write(
    `${bold('Request')}\n${twoColumns(rows, wide)}\n\n${bold('Files')}\n${twoColumns(files, wide, { widest: 120 })}\n`,
  );
}
