import { type Credential, createProof, type KeyHolder, platformWith } from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { secondsFrom } from '../options/assertion.ts';
import { credentialEnvironment, credentialFrom, credentialOptions } from '../options/credential.ts';
import {
  type GraphValues,
  graphEnvironment,
  graphOptions,
  graphWithCredential,
  graphWithTokenFile,
} from '../options/graph.ts';
import {
  clientIdOf,
  keyHolderEnvironment,
  keyHolderOptions,
  type NamedHolder,
  namedHolderFrom,
  resolveHolder,
} from '../options/key-holder.ts';
import { usageError } from '../usage.ts';

/** In seconds; Graph takes no proof that is good for longer. */
const longestLifetime = 600;

const options = {
  ...keyHolderOptions,
  ...credentialOptions,
  lifetime: {
    type: 'string',
    value: 'TIME',
    help: 'How long the proof is good for, in seconds or like 5m, at most 10m (default: 10m)',
  },
  alg: {
    type: 'string',
    choices: ['RS256', 'PS256'],
    help: "The signature algorithm: RS256 (default, as in Microsoft's sample) or PS256",
  },
  json: { type: 'boolean', help: 'Print one JSON document: proof, objectId, expires_on' },
  ...graphOptions,
} as const;

export const command: Command = defineCommand({
  name: 'proof',
  summary: 'print a proof of possession for addKey and removeKey of Microsoft Graph',
  synopsis: ['--object-id ID --cert FILE [OPTIONS]', '--app-id ID --cert FILE [--access-token-file FILE] [OPTIONS]'],
  description: [
    'Signs a proof of possession: the short JWT with which an application shows addKey and removeKey of Microsoft Graph that it holds a key that is registered already. With it an application changes its own keys without any permission. It goes into the member proof of the request; certgrant app keys add and app keys remove make one by themselves.',
    'The certificate is the present one, registered and valid, for removing as well as for adding. With --object-id nothing is sent anywhere. With --app-id the object id is looked up, which needs the permission Application.Read.All.',
  ],
  options,
  examples: [
    {
      purpose: 'For an application whose object id is known',
      line: 'certgrant proof --object-id 2f5b9c1e-6a43-4c0a-9b5e-0d7f3a1c8e24 --cert my-daemon.pem',
    },
    {
      purpose: 'For an application by its application (client) id, with the token of az',
      line: 'az account get-access-token --resource-type ms-graph --query accessToken -o tsv | certgrant proof --app-id 6731de76-14a6-49ae-97bc-6eba6914391e --cert my-daemon.pem --access-token-file -',
    },
  ],
  environment: { ...keyHolderEnvironment, ...credentialEnvironment, ...graphEnvironment },
  handle: async (values, io) => {
    if (values['object-id'] !== undefined && values['app-id'] !== undefined) {
      throw usageError('application: --object-id and --app-id are both given', 'Give one of them');
    }
    const holder = namedHolderFrom(values, io);
    const lifetime =
      values.lifetime === undefined ? longestLifetime : secondsFrom(values.lifetime, '--lifetime', longestLifetime);
    const credential = await credentialFrom(values, io);
    const objectId = holder.objectId ?? (await lookUp(holder, credential, values, io)).objectId;
    const platform = platformWith(io.platform);
    const expiresOn = Math.floor(platform.now() / 1000) + lifetime;
    const proof = await createProof({ credential, objectId, lifetime, alg: values.alg, platform });
    io.stdout.write(values.json ? `${JSON.stringify({ proof, objectId, expires_on: expiresOn })}\n` : `${proof}\n`);
  },
});

async function lookUp(holder: NamedHolder, credential: Credential, values: GraphValues, io: Io): Promise<KeyHolder> {
  const client =
    values['access-token-file'] === undefined
      ? await graphWithCredential(credential, clientIdOf(holder), values, io)
      : await graphWithTokenFile(values, io);
  return resolveHolder(holder, client, io);
}
