import { GraphClient, readKeyFile, registerApplication } from '@certgrant/core';
import { chooseCertificate } from '../certificate-choice.ts';
import { type Command, defineCommand } from '../command.ts';
import { readSource } from '../input.ts';
import { authorityEnvironment, authorityOptions } from '../options/authority.ts';
import { certificateSource, withPassword } from '../options/credential.ts';
import { accessTokenFrom, graphOption, graphUrlForGivenToken } from '../options/graph.ts';
import { deadlineFrom, networkEnvironment, networkFrom, networkOptions } from '../options/network.ts';
import { openingOptions, passwordEnvironment } from '../options/password.ts';
import { twoColumns } from '../output/text.ts';
import { usageError } from '../usage.ts';

const options = {
  name: { type: 'string', value: 'NAME', help: 'The display name of the application' },
  cert: {
    type: 'string',
    value: 'FILE',
    help: 'The certificate to upload; of a file that also holds the private key, only the certificate is sent',
  },
  ...openingOptions,
  permission: {
    type: 'string',
    value: 'NAME',
    multiple: true,
    help: 'An application permission to grant, for example User.Read.All',
  },
  'resource-app-id': {
    type: 'string',
    value: 'ID',
    help: 'The application id of the API whose permissions these are (default: Microsoft Graph)',
  },
  ...graphOption,
  ...authorityOptions,
  'access-token-file': {
    type: 'string',
    value: 'FILE',
    help: 'An access token for Graph that may make applications, for a local authority its adminTokenFile: a path, - or env:NAME',
  },
  json: { type: 'boolean', help: 'Print one JSON document: appId, objectId, servicePrincipalId, keyId, thumbprint' },
  ...networkOptions,
} as const;

export const command: Command = defineCommand({
  name: 'app register',
  summary: 'register an application with its certificate and permissions',
  synopsis: ['--name NAME --cert FILE --permission NAME --access-token-file FILE [OPTIONS]'],
  description: [
    'Makes an app registration through Microsoft Graph or the local authority: the application, its certificate as key credential, its service principal, and the grant of each application permission. It prints the ids; appId is the client id for certgrant token.',
    'With the real Graph the access token needs Application.ReadWrite.All and, to grant permissions, AppRoleAssignment.ReadWrite.All.',
  ],
  options,
  examples: [
    {
      purpose: 'At a local authority, with the addresses that it printed',
      line: 'certgrant app register --name my-daemon --cert my-daemon.cer --permission User.Read.All --graph https://localhost:8443/graph --access-token-file admin-token --ca ca.pem',
    },
    {
      purpose: 'In the public cloud, with the token of az',
      line: 'az account get-access-token --resource-type ms-graph --query accessToken -o tsv | certgrant app register --name my-daemon --cert my-daemon.cer --permission User.Read.All --access-token-file -',
    },
  ],
  environment: {
    AZURE_CLIENT_CERTIFICATE_PATH: 'the certificate, when --cert is not given',
    ...passwordEnvironment,
    ...authorityEnvironment,
    ...networkEnvironment,
  },
  handle: async (values, io) => {
    if (values.name === undefined) throw usageError('name: none is given', 'Give --name my-daemon');
    const graphUrl = graphUrlForGivenToken(values, io);
    const source = certificateSource(values, io);
    const accessToken = await accessTokenFrom(values, io);
    const bytes = await readSource(source, '--cert', io);
    const certificate = await chooseCertificate(
      await withPassword(values, source, io, (opening) => readKeyFile(bytes, opening)),
    );
    const client = new GraphClient({
      graphUrl,
      accessToken: async () => accessToken,
      deadline: deadlineFrom(values),
      platform: await networkFrom(values, io),
    });
    const registered = await registerApplication(client, {
      displayName: values.name,
      certificate,
      permissions: values.permission,
      resourceAppId: values['resource-app-id'],
      signal: io.signal,
    });
    const { appId, objectId, servicePrincipalId, keyId, thumbprint } = registered;
    if (values.json) {
      io.stdout.write(`${JSON.stringify({ appId, objectId, servicePrincipalId, keyId, thumbprint })}\n`);
      return;
    }
    const rows = [
      ['Client id', appId],
      ['Object id', objectId],
      ['Service principal', servicePrincipalId],
      ['Key id', keyId],
      ['Thumbprint', thumbprint],
    ] as const;
    io.stdout.write(`${twoColumns(rows, Number.POSITIVE_INFINITY, { indent: '' })}\n`);
  },
});
