// Better Auth with its OAuth provider and a SQLite file, with one client that authenticates by private_key_jwt.
import { oauthProvider, oauthProviderAuthServerMetadata } from '@better-auth/oauth-provider';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { jwt } from 'better-auth/plugins';
import { SqliteDialect } from 'kysely';
import Database from 'libsql';
import { listen, settings } from './listen.mjs';

await listen(async (url) => {
  const auth = betterAuth({
    baseURL: url,
    secret: 'only-for-this-test-and-long-enough-for-it',
    telemetry: { enabled: false },
    logger: { level: 'warn' },
    database: {
      dialect: new SqliteDialect({ database: new Database(settings.databaseFile) }),
      type: 'sqlite',
      transaction: true,
    },
    emailAndPassword: { enabled: true },
    plugins: [
      jwt({ jwks: { keyPairConfig: { alg: 'RS256' } } }),
      oauthProvider({
        loginPage: '/login',
        consentPage: '/consent',
        scopes: ['openid', 'reports'],
        clientPrivileges: async () => true,
      }),
    ],
  });
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();

  // Clients are registered by a user who is signed in.
  const { headers } = await auth.api.signUpEmail({
    body: { email: 'admin@example.com', name: 'Admin', password: 'only-for-this-test' },
    returnHeaders: true,
  });
  const cookie = headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const client = await auth.api.adminCreateOAuthClient({
    headers: new Headers({ cookie }),
    body: {
      client_name: 'daemon',
      grant_types: ['client_credentials'],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [settings.jwk] },
      client_credentials_scopes: ['reports'],
    },
  });

  const handleAuth = toNodeHandler(auth);
  const metadata = toNodeHandler(oauthProviderAuthServerMetadata(auth));
  const issuer = `${url}/api/auth`;
  return {
    // RFC 8414 §3.1: the well-known part stands before the issuer's path.
    handle: (request, response) =>
      request.url === '/.well-known/oauth-authorization-server/api/auth'
        ? metadata(request, response)
        : handleAuth(request, response),
    ready: { issuer, tokenEndpoint: `${issuer}/oauth2/token`, clientId: client.client_id },
  };
});
