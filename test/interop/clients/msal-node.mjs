// MSAL Node, as a daemon uses it.
import { ConfidentialClientApplication } from '@azure/msal-node';
import { read, settings } from './settings.mjs';

const application = new ConfidentialClientApplication({
  auth: {
    clientId: settings.clientId,
    authority: `${settings.url}/${settings.tenant}`,
    knownAuthorities: [new URL(settings.url).host],
    clientCertificate: {
      privateKey: read(settings.keyFile),
      ...(settings.alg === 'RS256' ? { thumbprint: settings.sha1 } : { thumbprintSha256: settings.sha256 }),
      ...(settings.sendChain ? { x5c: read(settings.certificateFile) } : {}),
    },
  },
});
const first = await application.acquireTokenByClientCredential({ scopes: [settings.scope] });
// The same assertion goes out again: MSAL keeps it for ten minutes.
const again = await application.acquireTokenByClientCredential({ scopes: [settings.scope], skipCache: true });
const cached = await application.acquireTokenByClientCredential({ scopes: [settings.scope] });
console.log(
  JSON.stringify({
    accessToken: first.accessToken,
    expiresOn: first.expiresOn.getTime(),
    tokenType: first.tokenType,
    wasRenewed: again.accessToken !== first.accessToken && !again.fromCache,
    wasCached: cached.fromCache,
  }),
);
