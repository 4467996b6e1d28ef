import {
  type Certificate,
  createProof,
  findKey,
  platformWith,
  type RegisteredKey,
  removeKey,
  replaceKeyCredentials,
} from '@certgrant/core';
import { appKeysEnvironment, appKeysOptions, keyNamed, keysIfReadable, openAppKeys } from '../app-keys.ts';
import { type Command, defineCommand } from '../command.ts';
import { isGuid } from '../options/identity.ts';
import { usageError } from '../usage.ts';

const options = {
  remove: {
    type: 'string',
    value: 'KEY',
    help: 'The key to remove: its key id, or the SHA-1 or SHA-256 thumbprint of its certificate',
  },
  ...appKeysOptions,
  force: {
    type: 'boolean',
    help: 'Remove the key even if it is that of --cert, or the last valid one, or nobody can see whether it is',
  },
  json: { type: 'boolean', help: 'Print one JSON document: objectId, keyId, thumbprint' },
} as const;

export const command: Command = defineCommand({
  name: 'app keys remove',
  summary: 'remove a key from an application, by proof of possession',
  synopsis: [
    '--remove KEY --cert CURRENT --object-id ID --app-id ID --tenant ID [OPTIONS]',
    '--remove KEY --app-id ID --access-token-file FILE [OPTIONS]',
  ],
  description: [
    'Removes one of the keys of an application, or of its service principal. The application does it itself, without any permission: the certificate of --cert, which is registered and valid, gets the access token and signs a proof of possession. The other keys are not touched.',
    'With --access-token-file the token does it, and needs Application.ReadWrite.All, or Application.ReadWrite.OwnedBy as an owner. Graph then replaces all keys at once, so the others are read, sent along, and looked for afterwards.',
    'The key of --cert and the last valid key stay, unless --force is given: without them the application cannot sign in, and cannot prove anything any more. Who may not read the keys gives the key id, which certgrant app keys add printed, and --force.',
  ],
  options,
  examples: [
    {
      purpose: 'The old certificate, by its thumbprint, proven with the new one',
      line: 'certgrant app keys remove --remove 8D1C5C1A9D1B6A77F0C39E5A1F6B8C2D3E4F5061 --cert next.pem --app-id 6731de76-14a6-49ae-97bc-6eba6914391e --tenant contoso.com',
    },
    {
      purpose: 'By an administrator, with the token of az',
      line: 'az account get-access-token --resource-type ms-graph --query accessToken -o tsv | certgrant app keys remove --remove 0b1a3f4e-8e55-4d8c-9f2b-7c6d5e4f3a21 --app-id 6731de76-14a6-49ae-97bc-6eba6914391e --access-token-file -',
    },
  ],
  environment: appKeysEnvironment,
  handle: async (values, io) => {
    const name = values.remove;
    if (name === undefined) {
      throw usageError('key to remove: none is given', 'Give --remove KEY; certgrant app keys list shows the keys');
    }
    if (!isGuid(name.trim()) && !/^([0-9a-f][\s:-]*){40}([0-9a-f][\s:-]*){0,24}$/i.test(name)) {
      throw usageError(
        '--remove: this is neither a key id nor a thumbprint',
        'certgrant app keys list shows both; a thumbprint has 40 hexadecimal digits, or 64',
      );
    }
    const appKeys = await openAppKeys(values, io);
    const { client, holder, certificate, credential } = appKeys;
    const keys = await keysIfReadable(appKeys, io);
    const key = keys === undefined ? undefined : keyNamed(name, keys);
    if (!values.force) requireRemovable(key, keys ?? [], certificate, platformWith(io.platform).now());
    const keyId = key?.keyId ?? name.trim().toLowerCase();
    if (!isGuid(keyId)) throw unreadable('whose thumbprint this is', 'Give its key id');
    if (credential === undefined) {
      const remove = (each: RegisteredKey): boolean => each.keyId === keyId;
      await replaceKeyCredentials(client, holder, { remove, signal: io.signal });
    } else {
      const proof = await createProof({ credential, objectId: holder.objectId, platform: client.platform });
      await removeKey(client, holder, { keyId, proof, signal: io.signal });
    }
    const { objectId } = holder;
    const thumbprint = key?.thumbprint ?? null;
    io.stdout.write(
      values.json
        ? `${JSON.stringify({ objectId, keyId, thumbprint })}\n`
        : `Removed key ${keyId}${thumbprint === null ? '' : ` with thumbprint ${thumbprint}`}\n`,
    );
  },
});

/** Goes on when the application can still sign in afterwards, and the file at hand is still good for something. */
function requireRemovable(
  key: RegisteredKey | undefined,
  keys: readonly RegisteredKey[],
  certificate: Certificate | undefined,
  now: number,
): void {
  if (key === undefined)
    throw unreadable('whether this is the last one, or that of --cert', 'Give --force if you know');
  if (certificate !== undefined && findKey([key], certificate) !== undefined) {
    throw usageError(
      '--remove: this is the key of --cert itself, which could not sign in any more',
      'Give --cert the certificate that stays, or --force if that is meant',
    );
  }
  if (!isUsable(key, now) || keys.some((other) => other !== key && isUsable(other, now))) return;
  throw usageError(
    '--remove: this is the last valid key; without it the application cannot sign in, nor add another by proof',
    'Add the next one first with certgrant app keys add, or give --force if that is meant',
  );
}

function isUsable({ type, usage, startDateTime, endDateTime }: RegisteredKey, now: number): boolean {
  const [from = 0, until = 0] = [startDateTime?.getTime(), endDateTime?.getTime()];
  return type === 'AsymmetricX509Cert' && usage === 'Verify' && from <= now && now <= until;
}

function unreadable(what: string, fix: string) {
  return usageError(
    `--remove: the access token may not read the keys, so nobody can see ${what}`,
    `${fix}, or an access token that has Application.Read.All`,
  );
}
