import { findKey, listKeys, platformWith } from '@certgrant/core';
import { appKeysEnvironment, appKeysOptions, openAppKeys } from '../app-keys.ts';
import { type Command, defineCommand } from '../command.ts';
import { registeredKeyJson, registeredKeyRows } from '../output/registered-key.ts';
import { twoColumns } from '../output/text.ts';

const options = {
  ...appKeysOptions,
  json: {
    type: 'boolean',
    help: 'Print one JSON document: objectId and keys, each with keyId, thumbprint, dates, isCert',
  },
} as const;

export const command: Command = defineCommand({
  name: 'app keys list',
  summary: 'show the keys of an application, and which one a file is',
  synopsis: [
    '--app-id ID --access-token-file FILE [--cert FILE] [OPTIONS]',
    '--app-id ID --tenant ID --cert FILE [OPTIONS]',
  ],
  description: [
    'Shows the key credentials of an application, or of its service principal, as Microsoft Graph or the local authority has them: key id, thumbprint, name and dates, and which of them is the certificate of --cert. The thumbprint is computed from the certificate itself: what stands in customKeyIdentifier may be anything.',
    'Reading needs the permission Application.Read.All, for the access token that is given as for the one of the application itself.',
  ],
  options,
  examples: [
    {
      purpose: 'Which of the keys is this file, asked with the token of az',
      line: 'az account get-access-token --resource-type ms-graph --query accessToken -o tsv | certgrant app keys list --app-id 6731de76-14a6-49ae-97bc-6eba6914391e --cert my-daemon.cer --access-token-file -',
    },
    {
      purpose: 'At a local authority, with the addresses that it printed',
      line: 'certgrant app keys list --app-id 6731de76-14a6-49ae-97bc-6eba6914391e --graph https://localhost:8443/graph --access-token-file admin-token --ca ca.pem',
    },
  ],
  environment: appKeysEnvironment,
  handle: async (values, io) => {
    const { client, holder, certificate } = await openAppKeys(values, io);
    const keys = await listKeys(client, holder, { signal: io.signal });
    const own = certificate === undefined ? undefined : findKey(keys, certificate);
    if (values.json) {
      const document = keys.map((key) => ({
        ...registeredKeyJson(key),
        isCert: certificate === undefined ? null : key === own,
      }));
      io.stdout.write(`${JSON.stringify({ objectId: holder.objectId, keys: document })}\n`);
      return;
    }
    const now = platformWith(io.platform).now();
    const blocks = keys.map((key) => {
      const rows = registeredKeyRows(key, now);
      const marked = key === own ? [...rows, ['This is', values.cert ?? 'the certificate'] as const] : rows;
      return `${twoColumns(marked, Number.POSITIVE_INFINITY, { indent: '' })}\n`;
    });
    io.stdout.write(keys.length === 0 ? 'There are no keys.\n' : blocks.join('\n'));
    if (certificate !== undefined && own === undefined) io.warn('the certificate of --cert is none of these keys');
  },
});
