import {
  addKey,
  CertgrantError,
  type Certificate,
  certificateProblems,
  createProof,
  findKey,
  keyCredentialOf,
  platformWith,
  type RegisteredKey,
  replaceKeyCredentials,
} from '@certgrant/core';
import {
  type AppKeys,
  appKeysEnvironment,
  appKeysOptions,
  certificateIn,
  keysIfReadable,
  openAppKeys,
} from '../app-keys.ts';
import { type Command, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { registeredKeyJson, registeredKeyRows } from '../output/registered-key.ts';
import { twoColumns } from '../output/text.ts';
import { usageError } from '../usage.ts';

const options = {
  add: {
    type: 'string',
    value: 'FILE',
    help: 'The certificate to add: of a file that also holds the private key, only the certificate is sent; its password, where it needs one, has to be that of --cert',
  },
  ...appKeysOptions,
  json: { type: 'boolean', help: 'Print one JSON document: objectId, added, keyId, thumbprint, dates' },
} as const;

export const command: Command = defineCommand({
  name: 'app keys add',
  summary: 'add a certificate to an application, by proof of possession',
  synopsis: [
    '--add NEW --cert CURRENT --object-id ID --app-id ID --tenant ID [OPTIONS]',
    '--add NEW --app-id ID --access-token-file FILE [OPTIONS]',
  ],
  description: [
    'Adds a certificate to the keys of an application, or of its service principal. The application does it itself, without any permission: the certificate of --cert, which is registered and valid, gets the access token and signs a proof of possession. The other keys are not touched.',
    'With --access-token-file the token does it, and needs Application.ReadWrite.All, or Application.ReadWrite.OwnedBy as an owner. Graph then replaces all keys at once, so the others are read, sent along, and looked for afterwards.',
    'A certificate that is there already is left as it is. Without the permission to read the keys this cannot be seen.',
  ],
  options,
  examples: [
    {
      purpose: 'By the application itself',
      line: 'certgrant app keys add --add next.cer --cert my-daemon.pem --object-id 2f5b9c1e-6a43-4c0a-9b5e-0d7f3a1c8e24 --app-id 6731de76-14a6-49ae-97bc-6eba6914391e --tenant contoso.com',
    },
    {
      purpose: 'By an administrator, with the token of az, when the present certificate is lost or has expired',
      line: 'az account get-access-token --resource-type ms-graph --query accessToken -o tsv | certgrant app keys add --add next.cer --app-id 6731de76-14a6-49ae-97bc-6eba6914391e --access-token-file -',
    },
  ],
  environment: appKeysEnvironment,
  handle: async (values, io) => {
    if (values.add === undefined) throw usageError('certificate to add: none is given', 'Give --add FILE');
    if (values.cert !== undefined && values['access-token-file'] !== undefined) {
      throw usageError(
        '--cert: the access token of --access-token-file adds the key, and no proof is made',
        'Leave out --access-token-file to add by proof, or --cert',
      );
    }
    const certificate = await certificateIn(values.add, '--add', values, io);
    const now = platformWith(io.platform).now();
    for (const { message } of certificateProblems(certificate, { at: now, keyMatches: true })) io.warn(message);
    const appKeys = await openAppKeys(values, io);
    const { key, added } = await addOnce(certificate, appKeys, io);
    if (values.json) {
      io.stdout.write(`${JSON.stringify({ objectId: appKeys.holder.objectId, added, ...registeredKeyJson(key) })}\n`);
      return;
    }
    if (!added) io.stderr.write('The certificate is registered already; nothing was changed.\n');
    io.stdout.write(`${twoColumns(registeredKeyRows(key, now), Number.POSITIVE_INFINITY, { indent: '' })}\n`);
  },
});

async function addOnce(
  certificate: Certificate,
  appKeys: AppKeys,
  io: Io,
): Promise<{ readonly key: RegisteredKey; readonly added: boolean }> {
  const { client, holder, credential } = appKeys;
  const present = findKey((await keysIfReadable(appKeys, io)) ?? [], certificate);
  if (present !== undefined) return { key: present, added: false };
  if (credential === undefined) return { key: await addByToken(certificate, appKeys, io), added: true };
  if (Buffer.compare(credential.certificate.der, certificate.der) === 0) {
    throw usageError(
      '--add: this is the certificate of --cert itself',
      'Give the new certificate to --add, and to --cert the one that is registered',
    );
  }
  const proof = await createProof({ credential, objectId: holder.objectId, platform: client.platform });
  return { key: await addKey(client, holder, { certificate, proof, signal: io.signal }), added: true };
}

async function addByToken(certificate: Certificate, { client, holder }: AppKeys, io: Io): Promise<RegisteredKey> {
  const add = [await keyCredentialOf(certificate)];
  const keys = await replaceKeyCredentials(client, holder, { add, signal: io.signal });
  const key = findKey(keys, certificate);
  if (key !== undefined) return key;
  throw new CertgrantError('RESPONSE_UNEXPECTED', 'add key: Graph took another certificate than was sent', {
    fix: 'Look at the keys with certgrant app keys list',
  });
}
