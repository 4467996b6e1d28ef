import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { loadCredential, thumbprints } from '@certgrant/core';
import { startBareServer } from './bare-token-server.ts';
import { startBenchAuthority } from './bench-authority.ts';
import { answer } from './child.ts';
import { cpuTime } from './measure.ts';
import type { TlsCertificate } from './tls-certificate.ts';
import type { Target } from './token-load-child.ts';

/** What stands at the other end. */
export type ServerName = 'authority' | 'oidc-provider' | 'node:https and RSA';

export type ServerQuestion =
  | { readonly start: ServerName; readonly pem: string; readonly tls: TlsCertificate }
  | { readonly cpu: true };

const starters: Readonly<Record<ServerName, (pem: string, tls: TlsCertificate) => Promise<Target>>> = {
  authority: async (pem) => (await startBenchAuthority(pem)).target,
  'oidc-provider': startOidcProvider,
  'node:https and RSA': startBareServer,
};

answer<ServerQuestion>(async (question) =>
  'cpu' in question ? cpuTime() : starters[question.start](question.pem, question.tls),
);

/** oidc-provider set up for the same grant: private_key_jwt with PS256 in, a JWT signed with RS256 out. */
async function startOidcProvider(pem: string, tls: TlsCertificate): Promise<Target> {
  // It warns of settings that are for development, which this is.
  console.warn = console.info = () => {};
  const { Provider } = await import('oidc-provider');
  const { certificate } = await loadCredential(new TextEncoder().encode(pem));
  const kid = (await thumbprints(certificate))['x5t#S256'];
  const publicKey = createPublicKey({ key: Buffer.from(certificate.publicKey.spki), format: 'der', type: 'spki' });
  const server = createServer({ key: tls.key, cert: tls.certificate });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
  const resource = 'urn:bench';
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'bench',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' }] },
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        getResourceServerInfo: () => ({
          scope: 'reports',
          audience: resource,
          accessTokenFormat: 'jwt',
          accessTokenTTL: 3600,
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  });
  server.on('request', provider.callback());
  return {
    url: `${issuer}/token`,
    ca: tls.certificate,
    clientId: 'bench',
    scope: 'reports',
    profile: 'generic',
  };
}
