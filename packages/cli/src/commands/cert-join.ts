import { CertgrantError, isCertgrantError, type KeyFileContents, readKeyFile, selectCredential } from '@certgrant/core';
import { type ChosenPair, choiceJson } from '../certificate-choice.ts';
import { type Command, defineCommand } from '../command.ts';
import { readSource } from '../input.ts';
import type { Io } from '../io.ts';
import { destinationFrom, outputOptions, passwordForOutput, writeKeyFile } from '../key-file-output.ts';
import { openKeyFile } from '../opened-key-file.ts';
import { openingOptions, passwordEnvironment } from '../options/password.ts';
import { reportKeyFile } from '../output/key-file-report.ts';
import { printable } from '../output/text.ts';
import { usageError } from '../usage.ts';

const options = {
  to: {
    type: 'string',
    choices: ['pfx', 'pem'],
    help: 'What to write: pfx or pem (default: what the name of --out says)',
  },
  ...outputOptions,
  ...openingOptions,
  json: { type: 'boolean', help: 'Print one JSON document about what was written' },
} as const;

export const command: Command = defineCommand({
  name: 'cert join',
  summary: 'join a private key with the certificate that a CA issued for it',
  synopsis: ['KEY ANSWER… --out FILE [OPTIONS]'],
  description: [
    'Puts together the private key that cert request wrote and what the certificate authority answered: the certificate alone or with its chain, in one file or several, as PEM, DER (.cer, .crt) or PKCS#7 (.p7b). The certificate is found by the public key of KEY, the issuers are put in order behind it, and what belongs to neither is left out.',
    'Passwords work as in cert convert: that of --password-file or --password-env opens KEY or, when KEY needs none, protects the new file; --out-password-file and --out-password-env protect the new file in any case.',
  ],
  operands: {
    KEY: 'The private key: a path, - for standard input, or env:NAME for an environment variable',
    ANSWER: 'What the authority sent; several files may be given',
  },
  maximumOperands: Number.POSITIVE_INFINITY,
  options,
  examples: [
    {
      purpose: 'After the authority has answered',
      line: 'certgrant cert join my-daemon.key my-daemon.p7b --out my-daemon.pfx',
    },
    {
      purpose: 'Certificate and issuer in two files, as PEM',
      line: 'certgrant cert join my-daemon.key my-daemon.crt issuer.crt --out my-daemon.pem',
    },
  ],
  environment: passwordEnvironment,
  handle: async (values, io, [keySource, ...answers]) => {
    if (keySource === undefined || answers.length === 0) {
      throw usageError(
        `cert join: ${keySource === undefined ? 'the private key' : "the authority's answer"} is missing`,
        'Write certgrant cert join KEY ANSWER --out FILE',
      );
    }
    const destination = destinationFrom(values, keySource, io);
    if (destination.form !== 'pfx' && destination.form !== 'pem') {
      throw usageError(
        `--out: cert join writes pfx or pem, not ${destination.form}`,
        'Convert it afterwards: cert convert',
      );
    }
    const opened = await openKeyFile(keySource, values, io);
    const contents = await withAnswers(opened.contents, answers, io);
    const pair = await joined(contents);
    warnOfOpenEnd(pair, io);
    const material = { key: pair.key, certificates: pair.chain };
    const password = await passwordForOutput(destination, material, values, opened, io);
    io.signal.throwIfAborted();
    const friendlyName = pair.key?.friendlyName ?? pair.certificate?.friendlyName;
    const written = await writeKeyFile(destination, material, password, { ...values, friendlyName }, io);
    await reportKeyFile({ form: destination.form, pair, choice: choiceJson(pair, contents), written }, values.json, io);
  },
});

/** The keys of the one file with the certificates of the others. */
async function withAnswers(
  { privateKeys, ...keyFile }: KeyFileContents,
  answers: readonly string[],
  io: Io,
): Promise<KeyFileContents> {
  if (privateKeys.length === 0) {
    throw new CertgrantError('PRIVATE_KEY_MISSING', 'join: there is no private key in the first file', {
      fix: 'Give first the file with the private key, which cert request wrote as NAME.key, then what the authority sent',
    });
  }
  const certificates = [];
  for (const answer of answers) certificates.push(...(await certificatesOf(answer, io)));
  return { ...keyFile, privateKeys, certificates };
}

async function certificatesOf(answer: string, io: Io): Promise<KeyFileContents['certificates']> {
  const bytes = await readSource(answer, 'ANSWER', io);
  const { certificates } = await readKeyFile(bytes);
  if (certificates.length > 0) return certificates;
  throw new CertgrantError('CERTIFICATE_MISSING', `join ${answer}: there is no certificate in it`, {
    fix: 'Give the file that the authority sent as its answer: .cer, .crt, .pem or .p7b',
  });
}

async function joined(contents: KeyFileContents): Promise<ChosenPair> {
  try {
    return { ...(await selectCredential(contents)), keyMatches: true };
  } catch (thrown) {
    if (!isCertgrantError(thrown) || thrown.code !== 'KEY_MISMATCH') throw thrown;
    const count = contents.certificates.length;
    const whose = count === 1 ? 'the certificate is' : `none of the ${count} certificates is`;
    throw new CertgrantError('KEY_MISMATCH', `join: ${whose} ${count === 1 ? 'not ' : ''}for this private key`, {
      fix: 'Give the key that cert request wrote beside the request which was sent; if it is lost, make a new request',
      cause: thrown,
    });
  }
}

/** The daemon gets on without them, unless the server wants the whole chain (Entra ID: subject name and issuer). */
function warnOfOpenEnd({ chain }: ChosenPair, io: Io): void {
  const last = chain.at(-1);
  if (last === undefined || last.subject === last.issuer || chain.length > 1) return;
  io.warn(
    `the certificate of the issuer, ${printable(last.issuer)}, is not there; where the chain has to be sent (--x5c), join it too`,
  );
}
