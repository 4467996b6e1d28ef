// panva's oidc-provider, with one client that authenticates by private_key_jwt.
import { Provider } from 'oidc-provider';
import { listen, settings } from './listen.mjs';

await listen((issuer) => {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: settings.clientId,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [settings.jwk] },
      },
    ],
    scopes: ['reports'],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      fapi: settings.fapi ? { enabled: true, profile: '2.0' } : { enabled: false },
    },
  });
  return { handle: provider.callback(), ready: { issuer, tokenEndpoint: `${issuer}/token` } };
});
