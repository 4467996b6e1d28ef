// MSAL Node, as a daemon uses it that logs what it is thrown.
import { ConfidentialClientApplication } from '@azure/msal-node';
import { read, settings } from './settings.mjs';

const application = new ConfidentialClientApplication({
  auth: {
    clientId: settings.clientId,
    authority: `${settings.url}/${settings.tenant}`,
    knownAuthorities: [new URL(settings.url).host],
    clientCertificate: { privateKey: read(settings.keyFile), ...settings.prints },
  },
});
try {
  await application.acquireTokenByClientCredential({ scopes: [settings.scope] });
} catch (thrown) {
  console.error(thrown);
  process.exitCode = 3;
}
