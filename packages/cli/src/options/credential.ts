import {
  CertgrantError,
  type Credential,
  isCertgrantError,
  loadCredential,
  type ReadKeyFileOptions,
  readKeyFile,
  type SelectionOptions,
} from '@certgrant/core';
import { isPkcs11Uri, readSource } from '../input.ts';
import type { Io } from '../io.ts';
import { usageError } from '../usage.ts';
import { type OpeningValues, openingOptions, passwordEnvironment, passwordFrom } from './password.ts';

export const credentialOptions = {
  cert: {
    type: 'string',
    value: 'FILE',
    help: 'The certificate with its private key (PFX, PEM or JWK): a path, - for standard input, env:NAME for an environment variable with PEM or base64, or a pkcs11: URI for a key on a token',
  },
  key: {
    type: 'string',
    value: 'FILE',
    help: 'The private key, where it is not in the same file as the certificate; given like --cert',
  },
  thumbprint: {
    type: 'string',
    value: 'PRINT',
    help: 'Of a file with several certificates, the one with this SHA-1 or SHA-256 thumbprint',
  },
  'friendly-name': { type: 'string', value: 'NAME', help: 'Of a file with several certificates, the one of this name' },
  ...openingOptions,
} as const;

export const credentialEnvironment = {
  AZURE_CLIENT_CERTIFICATE_PATH: 'the certificate, when --cert is not given',
  ...passwordEnvironment,
} as const;

export interface CredentialValues extends OpeningValues, SelectionValues {
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export interface SelectionValues {
  readonly thumbprint: string | undefined;
  readonly 'friendly-name': string | undefined;
}

/** Which certificate to take from a file with several. */
export function selectionFrom({ thumbprint, 'friendly-name': friendlyName }: SelectionValues): SelectionOptions {
  return { thumbprint, friendlyName };
}

/** How often a wrong password is asked for again on a terminal. */
const attempts = 3;

/** The private key and certificate that the options and the environment name. */
export async function credentialFrom(values: CredentialValues, io: Io): Promise<Credential> {
  const source = certificateSource(values, io);
  if (isOnToken(source) || isOnToken(values.key)) return credentialOnToken(source, values, io);
  const bytes = await readSource(source, '--cert', io);
  const keyBytes = values.key === undefined ? undefined : await readSource(values.key, '--key', io);
  return withPassword(values, source, io, (opening) =>
    loadCredential(bytes, { ...opening, keyBytes, ...selectionFrom(values) }),
  );
}

/** `--cert` is a `pkcs11:` URI, or `--key` is one and `--cert` the certificate's file. */
async function credentialOnToken(source: string, values: CredentialValues, io: Io): Promise<Credential> {
  const { key } = values;
  if (isOnToken(source) && key !== undefined) {
    throw usageError('--key: --cert is a pkcs11: URI, which names the key as well', 'Leave --key out');
  }
  const { pkcs11Credential } = await import('./pkcs11.ts');
  const options = { pin: await passwordFrom(values, io), ...selectionFrom(values) };
  if (key === undefined) return pkcs11Credential(source, options, io);
  const bytes = await readSource(source, '--cert', io);
  const { certificates } = await withPassword(values, source, io, (opening) => readKeyFile(bytes, opening));
  return pkcs11Credential(key, { ...options, certificates: certificates.map(({ certificate }) => certificate) }, io);
}

export function isOnToken(source: string | undefined): boolean {
  return source !== undefined && isPkcs11Uri(source);
}

export function certificateSource(values: { readonly cert: string | undefined }, io: Io): string {
  const source = values.cert ?? io.env.AZURE_CLIENT_CERTIFICATE_PATH;
  if (source !== undefined && source !== '') return source;
  throw usageError(
    'certificate: none is given',
    'Give --cert FILE or set AZURE_CLIENT_CERTIFICATE_PATH; certgrant cert create makes one',
  );
}

/** The file of a command that takes it as a word of its own. */
export function keyFileSource(file: string | undefined, io: Io): string {
  const source = file ?? io.env.AZURE_CLIENT_CERTIFICATE_PATH;
  if (source !== undefined && source !== '') return source;
  throw usageError('key file: none is given', 'Give its path, or set AZURE_CLIENT_CERTIFICATE_PATH');
}

/**
 * Opens a file that may need a password: with the one that is given, or else with one that is asked for on a terminal,
 * again when it was wrong.
 */
export async function withPassword<Opened>(
  values: OpeningValues,
  source: string,
  io: Io,
  open: (opening: ReadKeyFileOptions) => Promise<Opened>,
): Promise<Opened> {
  const allowCostly = values['allow-costly'];
  return withGivenPassword(await passwordFrom(values, io), source, io, (password) => open({ password, allowCostly }));
}

/** As {@link withPassword}, where the options have been read already. */
export async function withGivenPassword<Opened>(
  given: string | undefined,
  source: string,
  io: Io,
  open: (password: string | undefined) => Promise<Opened>,
): Promise<Opened> {
  try {
    return await open(given);
  } catch (thrown) {
    if (given !== undefined || !isCertgrantError(thrown) || thrown.code !== 'PASSWORD_REQUIRED') throw thrown;
    return openByAsking(source, io, open, thrown);
  }
}

async function openByAsking<Opened>(
  source: string,
  io: Io,
  open: (password: string) => Promise<Opened>,
  required: CertgrantError,
): Promise<Opened> {
  for (let attempt = 1; ; attempt++) {
    const password = await io.askPassword(`Password of ${source === '-' ? 'standard input' : source}: `);
    if (password === undefined) {
      throw new CertgrantError('PASSWORD_REQUIRED', required.message, {
        fix: 'Give --password-file FILE or --password-env NAME, or set AZURE_CLIENT_CERTIFICATE_PASSWORD',
        cause: required,
      });
    }
    try {
      return await open(password);
    } catch (thrown) {
      if (!isCertgrantError(thrown) || thrown.code !== 'PASSWORD_WRONG' || attempt === attempts) throw thrown;
      io.stderr.write('That is not the password.\n');
    }
  }
}
