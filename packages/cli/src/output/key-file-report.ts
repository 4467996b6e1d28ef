import { platformWith } from '@certgrant/core';
import { type ChoiceJson, type ChosenPair, choiceInWords } from '../certificate-choice.ts';
import type { Io } from '../io.ts';
import type { KeyFileForm } from '../key-file-forms.ts';
import type { WrittenKeyFile } from '../key-file-output.ts';
import { type CertificateJson, certificateJson, type KeyJson, keyInWords, keyJson } from './certificate.ts';
import { paintFor, printable, twoColumns } from './text.ts';
import { validityInWords } from './time.ts';

/** What `--json` prints about a file that was made from others; programs rely on these names. */
interface KeyFileJson {
  readonly form: KeyFileForm;
  readonly files: { readonly [form in KeyFileForm | 'password']?: string };
  readonly key: KeyJson | null;
  /** Leaf first. */
  readonly certificates: readonly CertificateJson[];
  readonly chosen: ChoiceJson;
}

/** Says what was written and what was chosen for it: on standard output, or beside it when that took the file. */
export async function reportKeyFile(
  {
    form,
    pair,
    choice,
    written,
  }: {
    readonly form: KeyFileForm;
    readonly pair: ChosenPair;
    readonly choice: ChoiceJson;
    readonly written: WrittenKeyFile;
  },
  json: boolean,
  io: Io,
): Promise<void> {
  const { key, chain } = pair;
  const { path, passwordFile, content } = written;
  if (json) {
    const document: KeyFileJson = {
      form,
      files: { [form]: path, ...(passwordFile === undefined ? {} : { password: passwordFile }) },
      key: key === undefined ? null : await keyJson(key.publicKey),
      certificates: await Promise.all(chain.map(certificateJson)),
      chosen: choice,
    };
    io.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const stream = path === '-' ? io.stderr : io.stdout;
  const [leaf, ...issuers] = chain;
  const rows: (readonly [string, string])[] = [];
  if (key !== undefined) rows.push(['Private key', keyInWords(key.publicKey)]);
  if (leaf !== undefined) {
    rows.push(['Certificate', printable(leaf.subject)]);
    rows.push(['Validity', validityInWords(leaf, platformWith(io.platform).now())]);
  }
  if (issuers.length > 0) rows.push(['Issuers', issuers.map(({ subject }) => printable(subject)).join('; ')]);
  rows.push(['Chosen', choiceInWords(choice)]);
  const files: (readonly [string, string])[] = [[path === '-' ? 'standard output' : path, content]];
  if (passwordFile !== undefined) files.push([passwordFile, 'the password of the PFX']);
  const { bold } = paintFor(stream);
  const wide = Number.POSITIVE_INFINITY;
  stream.write(
    `${bold('From')}\n${twoColumns(rows, wide)}\n\n${bold('Written')}\n${twoColumns(files, wide, { widest: 120 })}\n`,
  );
}
