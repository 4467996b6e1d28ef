// Microsoft's own Graph client, with @azure/identity and a certificate, as a daemon that rolls its key uses them.
import { ClientCertificateCredential } from '@azure/identity';
import { Client, PageIterator } from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';
import { settings } from './settings.mjs';

const credential = new ClientCertificateCredential(
  settings.tenant,
  settings.clientId,
  { certificatePath: settings.pemFile },
  { authorityHost: settings.url, disableInstanceDiscovery: true },
);
const client = Client.initWithMiddleware({
  authProvider: new TokenCredentialAuthenticationProvider(credential, { scopes: [settings.scope] }),
  baseUrl: settings.graphUrl,
  // The host name without the port: the client compares it with the host name of each request.
  customHosts: new Set([new URL(settings.graphUrl).hostname]),
});

const application = `/applications(appId='${settings.clientId}')`;
const users = await client.api('/users').select('displayName').top(2).get();
const names = [];
const firstPage = await client.api('/users').top(1).get();
await new PageIterator(client, firstPage, (user) => names.push(user.displayName) > 0).iterate();
const counted = await client
  .api('/users')
  .header('ConsistencyLevel', 'eventual')
  .count(true)
  .filter("surname ne 'Marsh'")
  .get();

const { keyCredentials: before } = await client.api(application).select('keyCredentials').get();
await client.api(application).patch({
  keyCredentials: [
    ...before,
    { type: 'AsymmetricX509Cert', usage: 'Verify', key: settings.nextKey, displayName: 'next' },
  ],
});
const { keyCredentials: after } = await client.api(application).select('keyCredentials').get();
const secret = await client.api(`${application}/addPassword`).post({ passwordCredential: { displayName: 'laptop' } });
await client.api(`${application}/removePassword`).post({ keyId: secret.keyId });
const made = await client.api('/applications').post({ displayName: 'made' });
await client.api(`/applications/${made.id}`).delete();
const refusal = await client
  .api(`/applications/${made.id}`)
  .get()
  .catch(({ statusCode, code, requestId }) => ({ statusCode, code, hasId: requestId !== null }));

console.log(
  JSON.stringify({
    users: users.value,
    names,
    counted: counted['@odata.count'],
    keys: after.map(({ key, displayName }) => ({ key, displayName })),
    kept: before[0].keyId === after[0].keyId,
    secretLength: secret.secretText.length,
    refusal,
  }),
);
