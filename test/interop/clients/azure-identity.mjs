// @azure/identity with a certificate file. It always signs PS256 and hides whether its cache answered.
import { ClientCertificateCredential } from '@azure/identity';
import { settings } from './settings.mjs';

const credential = new ClientCertificateCredential(
  settings.tenant,
  settings.clientId,
  { certificatePath: settings.pemFile },
  { authorityHost: settings.url, disableInstanceDiscovery: true, sendCertificateChain: settings.sendChain },
);
const { token, expiresOnTimestamp } = await credential.getToken(settings.scope);
console.log(JSON.stringify({ accessToken: token, expiresOn: expiresOnTimestamp }));
