import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { loadCredential, thumbprints } from '@certgrant/core';
import { withTemporaryFolder } from './temporary-file.ts';
import type { TlsCertificate } from './tls-certificate.ts';
import type { Target } from './token-load-child.ts';

/** Somebody else's token server in this process. */
export interface PeerServer {
  readonly target: Target;
  close(): Promise<void>;
}

/** oidc-provider set up for the same grant: private_key_jwt with PS256 in, a JWT signed with RS256 out. */
export async function startOidcProvider(pem: string, tls: TlsCertificate): Promise<PeerServer> {
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
  const close = (): Promise<void> => closeServer(server);
  const target = {
    url: `${issuer}/token`,
    ca: tls.certificate,
    clientId: 'bench',
    scope: 'reports',
    profile: 'generic',
  } as const;
  return { target, close };
}

/** oauth2-mock-server, which checks nothing: the least that a server for tests can do. */
export async function startMockServer(_pem: string, tls: TlsCertificate): Promise<PeerServer> {
  const { OAuth2Server } = await import('oauth2-mock-server');
  return withTemporaryFolder(async (folder) => {
    const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    await writeFile(keyFile, tls.key, { mode: 0o600 });
    await writeFile(certificateFile, tls.certificate);
    const server = new OAuth2Server(keyFile, certificateFile);
    await server.issuer.keys.generate('RS256');
    await server.start(0, 'localhost');
    const url = `${server.issuer.url}/token`;
    const target = { url, ca: tls.certificate, clientId: 'bench', scope: 'reports', profile: 'generic' } as const;
    return { target, close: () => server.stop() };
  });
}

async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
