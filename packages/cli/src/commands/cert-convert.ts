import { CertgrantError } from '@certgrant/core';
import { type ChosenPair, choiceJson, choosePair } from '../certificate-choice.ts';
import { type Command, defineCommand } from '../command.ts';
import { type KeyFileForm, keyFileForms } from '../key-file-forms.ts';
import { destinationFrom, outputOptions, passwordForOutput, writeKeyFile } from '../key-file-output.ts';
import { type OpenedKeyFile, openKeyFile } from '../opened-key-file.ts';
import { credentialOptions, keyFileSource, selectionFrom } from '../options/credential.ts';
import { openingOptions, passwordEnvironment } from '../options/password.ts';
import { reportKeyFile } from '../output/key-file-report.ts';

const options = {
  to: {
    type: 'string',
    choices: keyFileForms,
    value: 'FORM',
    help: 'What to write: pfx, pem, cer, der, jwk or jwks (default: what the name of --out says)',
  },
  out: outputOptions.out,
  ...openingOptions,
  'out-password-file': outputOptions['out-password-file'],
  'out-password-env': outputOptions['out-password-env'],
  key: { type: 'string', value: 'FILE', help: 'The private key, where it is in a file of its own; given like FILE' },
  thumbprint: credentialOptions.thumbprint,
  'friendly-name': credentialOptions['friendly-name'],
  legacy: outputOptions.legacy,
  name: outputOptions.name,
  pem: { type: 'boolean', help: 'With --to cer: write the certificate as PEM instead of DER' },
  kid: {
    type: 'string',
    value: 'ID',
    help: 'With --to jwk or jwks: the key id (default: the SHA-256 thumbprint, as assertion --profile generic sends it)',
  },
  force: outputOptions.force,
  json: { type: 'boolean', help: 'Print one JSON document about what was written' },
} as const;

export const command: Command = defineCommand({
  name: 'cert convert',
  summary: 'write a key file in another form: PFX, PEM, CER, DER, JWK or JWK Set',
  synopsis: ['FILE --to FORM --out FILE [OPTIONS]', 'FILE --key FILE --to pfx --out FILE [OPTIONS]'],
  description: [
    'Opens a key file of any kind, takes the private key and its certificate from it, puts the chain in order, and writes them anew. With a private key: pfx (key, certificate and issuers), pem (the same as text), der (the private key alone, PKCS#8), jwk (a private JWK with x5c, x5t and x5t#S256). Without it: cer (the certificate alone as DER, with --pem as text: what is uploaded to an app registration) and jwks (the public key as a JWK Set: what is registered with an authorization server).',
    'The password of --password-file or --password-env opens FILE; when FILE needs none, it protects the new file. --out-password-file and --out-password-env protect the new file in any case. Without those a new PFX keeps the password of FILE, and where there is none one is made and written beside it as NAME.password; pem and der are then not encrypted. On a terminal both passwords are asked for when no option gives one.',
    'Files with a private key are readable by you alone (mode 0600). Nothing is overwritten without --force, and a file is there whole or not at all.',
  ],
  operands: { FILE: 'The key file: a path, - for standard input, or env:NAME for an environment variable' },
  maximumOperands: 1,
  options,
  examples: [
    {
      purpose: 'A PFX as PEM, for a program that takes no PFX',
      line: 'certgrant cert convert my-daemon.pfx --to pem --out my-daemon.pem',
    },
    {
      purpose: 'A PFX that an old Windows server opens',
      line: 'certgrant cert convert my-daemon.pem --to pfx --legacy --out my-daemon.pfx --out-password-file secret',
    },
    {
      purpose: 'A key and a certificate in one PFX',
      line: 'certgrant cert convert my-daemon.cer --key my-daemon.key --to pfx --out my-daemon.pfx',
    },
    {
      purpose: 'The public key, to register with an authorization server',
      line: 'certgrant cert convert my-daemon.pfx --to jwks --out -',
    },
  ],
  environment: { AZURE_CLIENT_CERTIFICATE_PATH: 'the key file, when FILE is not given', ...passwordEnvironment },
  handle: async (values, io, [file]) => {
    const source = keyFileSource(file, io);
    const destination = destinationFrom(values, source, io);
    const opened = await openKeyFile(source, values, io);
    const pair = await choosePair(opened.contents, selectionFrom(values));
    refuseMismatch(destination.form, pair);
    const material = { key: pair.key, certificates: pair.chain };
    const password = await passwordForOutput(destination, material, values, opened, io);
    const friendlyName = nameOf(pair, opened);
    io.signal.throwIfAborted();
    const written = await writeKeyFile(destination, material, password, { ...values, friendlyName }, io);
    const choice = choiceJson(pair, opened.contents);
    await reportKeyFile({ form: destination.form, pair, choice, written }, values.json, io);
  },
});

/** The certificate alone can be taken from a file where its key is not; everything else would mix two identities. */
function refuseMismatch(form: KeyFileForm, { keyMatches }: ChosenPair): void {
  if (keyMatches !== false || form === 'cer') return;
  throw new CertgrantError('KEY_MISMATCH', 'convert key file: no certificate belongs to a private key there', {
    fix: 'Give the key that the certificate was made with; certgrant cert inspect FILE shows what is in the file',
  });
}

/** The name of the key goes along. The `kid` of a JWK is read as its name, and is none that a person gave. */
function nameOf({ key, certificate }: ChosenPair, { contents }: OpenedKeyFile): string | undefined {
  return contents.format === 'jwk' ? undefined : (key?.friendlyName ?? certificate?.friendlyName);
}
