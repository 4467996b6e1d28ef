import { resolve } from 'node:path';
import { CertgrantError, type Certificate, type Explanation, explainText, readKeyFile } from '@certgrant/core';
import { chooseCertificate } from '../certificate-choice.ts';
import { type Command, defineCommand } from '../command.ts';
import { readSource, readTextSource, textPieces } from '../input.ts';
import type { Io } from '../io.ts';
import { withPassword } from '../options/credential.ts';
import { type OpeningValues, openingOptions, passwordEnvironment } from '../options/password.ts';
import { explanationInWords } from '../output/explanation.ts';
import { exists } from '../output/files.ts';
import { paintFor } from '../output/text.ts';

const options = {
  cert: {
    type: 'string',
    value: 'FILE',
    help: 'The certificate that the client used or should have used, to tell the causes apart',
  },
  ...openingOptions,
  assertion: {
    type: 'string',
    value: 'FILE',
    help: 'The client assertion or proof that was sent, to tell the causes apart: a path, - or env:NAME',
  },
  json: {
    type: 'boolean',
    help: 'Print one JSON document: a list of code, title, causes, facts, sources',
  },
} as const;

export const command: Command = defineCommand({
  name: 'explain',
  summary: 'say what an error code, an answer or a log means, and what to do',
  synopsis: ['[CODE | TEXT] [OPTIONS]', '[OPTIONS] < FILE'],
  description: [
    'Finds every error code in whatever text it stands in: an AADSTS number, the answer of a token endpoint, the address of an error page, an exception of any library or tool, a whole log. It says what each means, the causes in the order of how likely they are, and what to do about them.',
    'What stands around the code is read too (thumbprint, dates, clocks, identifiers) and puts the causes in order; so do the certificate and the assertion, when they are given. Tokens and secrets in the text are not repeated, and nothing is sent anywhere.',
  ],
  operands: {
    TEXT: 'A code, or any text with codes in it; env:NAME for an environment variable; standard input when it is - or left out',
  },
  maximumOperands: 1,
  options,
  examples: [
    { purpose: 'What does this code mean?', line: 'certgrant explain AADSTS700027' },
    { purpose: 'All that went wrong in a log', line: 'certgrant explain < daemon.log' },
    {
      purpose: 'Which of the causes is it, of this certificate and this assertion?',
      line: 'certgrant explain --cert my-daemon.pem --assertion assertion.txt < answer.json',
    },
    {
      purpose: 'The likely cause, for a script',
      line: "certgrant explain --json < answer.json | jq -r '.[0].causes[0].id'",
    },
  ],
  exitCodes: {
    0: 'something was explained',
    1: 'there is no error code in the text, or none that certgrant knows',
  },
  environment: passwordEnvironment,
  handle: async (values, io, [operand = '-']) => {
    const certificate = values.cert === undefined ? undefined : await certificateFrom(values.cert, values, io);
    const assertion =
      values.assertion === undefined ? undefined : await readTextSource(values.assertion, '--assertion', io);
    const explanations = await explainText(piecesOf(operand, io), { certificate, assertion });
    if (explanations.length === 0) throw notFound(operand, io);
    const { columns } = io.stdout;
    const paint = paintFor(io.stdout);
    io.stdout.write(
      values.json
        ? `${JSON.stringify(explanations)}\n`
        : `${explanations.map((one) => explanationInWords(one, columns, paint)).join('\n\n')}\n`,
    );
    return explanations.some(({ known }: Explanation) => known) ? 0 : 1;
  },
});

function piecesOf(operand: string, io: Io): string | AsyncIterable<string> {
  if (operand !== '-') return operand.startsWith('env:') ? textPieces(operand, 'TEXT', io) : operand;
  if (io.stdinIsTerminal) io.stderr.write('Paste an error, then press Enter and Ctrl-D.\n');
  return textPieces('-', 'TEXT', io);
}

async function certificateFrom(source: string, values: OpeningValues, io: Io): Promise<Certificate> {
  const bytes = await readSource(source, '--cert', io);
  return chooseCertificate(await withPassword(values, source, io, (opening) => readKeyFile(bytes, opening)));
}

function notFound(operand: string, io: Io): CertgrantError {
  if (operand !== '-' && exists(resolve(io.cwd, operand))) {
    return new CertgrantError('CODE_NOT_FOUND', 'find error code: this is the name of a file, not a text with a code', {
      fix: 'Have the file read from standard input: put < before its name',
    });
  }
  return new CertgrantError('CODE_NOT_FOUND', 'find error code: there is none in the text', {
    fix: 'Give it the whole message or log; codes look like AADSTS700027, or are names such as invalid_client',
  });
}
