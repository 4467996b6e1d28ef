import { createHash } from 'node:crypto';
import {
  CertgrantError,
  type Certificate,
  type Credential,
  type GraphClient,
  isCertgrantError,
  type KeyHolder,
  listKeys,
  type RegisteredKey,
  readKeyFile,
} from '@certgrant/core';
import { chooseCertificate } from './certificate-choice.ts';
import { readSource } from './input.ts';
import type { Io } from './io.ts';
import {
  type CredentialValues,
  credentialEnvironment,
  credentialFrom,
  credentialOptions,
  withPassword,
} from './options/credential.ts';
import {
  type GraphValues,
  graphEnvironment,
  graphOptions,
  graphWithCredential,
  graphWithTokenFile,
} from './options/graph.ts';
import {
  clientIdOf,
  type KeyHolderValues,
  keyHolderEnvironment,
  keyHolderOptions,
  namedHolderFrom,
  resolveHolder,
} from './options/key-holder.ts';
import type { OpeningValues } from './options/password.ts';

/** What the commands for the keys of an application have in common. */

export const appKeysOptions = { ...keyHolderOptions, ...credentialOptions, ...graphOptions } as const;

export const appKeysEnvironment = { ...keyHolderEnvironment, ...credentialEnvironment, ...graphEnvironment } as const;

export interface AppKeysValues extends KeyHolderValues, CredentialValues, GraphValues {}

/** Graph, and what is changed there. */
export interface AppKeys {
  readonly client: GraphClient;
  readonly holder: KeyHolder;
  /** The certificate of `--cert`. */
  readonly certificate: Certificate | undefined;
  /** With its private key, where a proof is to be made; `undefined` with `--access-token-file`. */
  readonly credential: Credential | undefined;
}

/** Opens the certificate, then Graph, with the token that is given or with one of the application itself. */
export async function openAppKeys(values: AppKeysValues, io: Io): Promise<AppKeys> {
  const named = namedHolderFrom(values, io);
  if (values['access-token-file'] !== undefined) {
    const certificate = values.cert === undefined ? undefined : await certificateIn(values.cert, '--cert', values, io);
    const client = await graphWithTokenFile(values, io);
    return { client, holder: await resolveHolder(named, client, io), certificate, credential: undefined };
  }
  const clientId = clientIdOf(named);
  const credential = await credentialFrom(values, io);
  const client = await graphWithCredential(credential, clientId, values, io);
  const holder = await resolveHolder(named, client, io);
  return { client, holder, certificate: credential.certificate, credential };
}

/** The certificate of a file, without its private key. */
export async function certificateIn(
  source: string,
  option: string,
  values: OpeningValues,
  io: Io,
): Promise<Certificate> {
  const bytes = await readSource(source, option, io);
  return chooseCertificate(await withPassword(values, source, io, (opening) => readKeyFile(bytes, opening)));
}

/** The keys that are registered; `undefined` where the token may change them by proof and not read them. */
export async function keysIfReadable(
  { client, holder }: AppKeys,
  io: Io,
): Promise<readonly RegisteredKey[] | undefined> {
  try {
    return await listKeys(client, holder, { signal: io.signal });
  } catch (thrown) {
    if (isCertgrantError(thrown) && 'status' in thrown && thrown.status === 403) return undefined;
    throw thrown;
  }
}

/**
 * The key that is meant by a key id, or by a SHA-1 or SHA-256 thumbprint.
 *
 * @throws {CertgrantError} `CERTIFICATE_MISSING` when there is none, `KEY_AMBIGUOUS` when there are several
 */
export function keyNamed(name: string, keys: readonly RegisteredKey[]): RegisteredKey {
  const byId = keys.find(({ keyId }) => keyId.toLowerCase() === name.trim().toLowerCase());
  if (byId !== undefined) return byId;
  const print = name.replaceAll(/[^0-9A-Fa-f]/g, '').toUpperCase();
  const [key, second] = keys.filter((each) => each.thumbprint === print || sha256(each) === print);
  if (key === undefined) {
    throw new CertgrantError('CERTIFICATE_MISSING', 'find key: none that is registered has this id or thumbprint', {
      fix: 'certgrant app keys list shows those that there are',
    });
  }
  if (second === undefined) return key;
  throw new CertgrantError(
    'KEY_AMBIGUOUS',
    `find key: the certificate is registered more than once, as ${key.keyId} and ${second.keyId}`,
    { fix: 'Give the key id of the one that is meant' },
  );
}

function sha256({ der }: RegisteredKey): string | undefined {
  return der === undefined ? undefined : createHash('sha256').update(der).digest('hex').toUpperCase();
}
