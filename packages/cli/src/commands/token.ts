import {
  type AccessToken,
  CertgrantError,
  type Credential,
  platformWith,
  TokenClient,
  type TokenStore,
  type Trace,
} from '@certgrant/core';
import { cacheFolder, openTokenCache } from '@certgrant/core/node';
import { type Command, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import { assertionEnvironment, assertionOptions, assertionSettings, audienceFrom } from '../options/assertion.ts';
import { authorityEnvironment, authorityOptions } from '../options/authority.ts';
import { credentialEnvironment, credentialFrom, credentialOptions } from '../options/credential.ts';
import { clientIdOption, identityEnvironment, tenantOption } from '../options/identity.ts';
import { deadlineFrom, networkEnvironment, networkFrom, networkOptions } from '../options/network.ts';
import { targetFrom, targetOptions } from '../options/scope.ts';
import { claimsFrom, claimsOption, issuerOption, serverFrom } from '../options/server.ts';
import { paintFor } from '../output/text.ts';
import { traceLines } from '../output/trace.ts';
import { usageError } from '../usage.ts';

const options = {
  ...tenantOption,
  ...clientIdOption,
  ...credentialOptions,
  ...targetOptions,
  ...issuerOption,
  ...authorityOptions,
  ...assertionOptions,
  output: {
    type: 'string',
    choices: ['token', 'header', 'env', 'json'],
    help: 'What to print: the token alone (default), a header line for curl, env lines for a shell to evaluate, or json',
  },
  json: { type: 'boolean', help: 'As --output json' },
  ...claimsOption,
  refresh: { type: 'boolean', help: 'Ask the server even if the cache has a token' },
  'no-cache': { type: 'boolean', help: 'Neither read nor write the cache on disk' },
  trace: { type: 'boolean', help: 'Show the exchange with the server on standard error, with secrets masked' },
  ...networkOptions,
} as const;

export const command: Command = defineCommand({
  name: 'token',
  summary: 'print an access token',
  synopsis: [
    '--tenant ID --client-id ID --cert FILE --scope SCOPE [OPTIONS]',
    '--tenant ID --client-id ID --cert FILE --v1 --resource URI [OPTIONS]',
    '--issuer URL --client-id ID --cert FILE [--scope SCOPE] [OPTIONS]',
  ],
  description: [
    'Gets an access token with the client credentials grant, proving who it is with a certificate, and prints it on standard output.',
    'Tokens are kept on disk until they are about to expire, so that asking again is quick and sends nothing. The cache is sealed with a key that only the holder of the private key can derive.',
  ],
  options,
  examples: [
    {
      purpose: 'For Microsoft Graph',
      line: 'certgrant token --tenant contoso.com --client-id 6731de76-14a6-49ae-97bc-6eba6914391e --cert my-daemon.pem --scope https://graph.microsoft.com/.default',
    },
    {
      purpose: 'Straight into a request, with tenant, client id and certificate from the environment',
      line: 'curl -H "$(certgrant token --scope https://graph.microsoft.com/.default --output header)" https://graph.microsoft.com/v1.0/users',
    },
    {
      purpose: 'As variables of this shell: ACCESS_TOKEN, ACCESS_TOKEN_EXPIRES_ON',
      line: 'eval "$(certgrant token --scope https://graph.microsoft.com/.default --output env)"',
    },
    {
      purpose: 'From another authorization server',
      line: 'certgrant token --issuer https://as.example.com --client-id my-client --cert my-daemon.pem --scope read',
    },
  ],
  environment: {
    ...identityEnvironment,
    ...credentialEnvironment,
    ...authorityEnvironment,
    ...assertionEnvironment,
    ...networkEnvironment,
    XDG_CACHE_HOME: 'the folder in which the cache lies (default: ~/.cache)',
  },
  handle: async (values, io) => {
    const output = outputFrom(values);
    const target = targetFrom(values);
    const server = serverFrom(values, io);
    const audience = audienceFrom(values);
    const settings = assertionSettings(values, io);
    const claims = claimsFrom(values.claims);
    const deadline = deadlineFrom(values);
    const credential = await credentialFrom(values, io);
    const client = new TokenClient({
      ...server,
      ...settings,
      credential,
      audience: typeof audience === 'object' ? audience.exactly : audience,
      cache: values['no-cache'] ? undefined : openCache(credential, io),
      trace: values.trace ? tracer(io) : undefined,
      ...(deadline === undefined ? {} : { deadline, timeout: deadline }),
      platform: await networkFrom(values, io),
    });
    // What is at hand needs no way to be interrupted, and setting one up would take a thirtieth of the whole run.
    const atHand = values.refresh ? undefined : await client.cachedToken(target, { claims });
    const token =
      atHand ?? (await client.getToken(target, { signal: io.signal, forceRefresh: values.refresh, claims }));
    io.stdout.write(rendered(token, output, io));
  },
});

function tracer(io: Io): Trace {
  const paint = paintFor(io.stderr);
  return (event) => io.stderr.write(traceLines(event, paint));
}

function openCache({ privateKey }: Credential, { env, platform }: Io): TokenStore {
  return openTokenCache({ privateKey, folder: cacheFolder(env), platform });
}

type Output = 'token' | 'header' | 'env' | 'json';

function outputFrom({ output, json }: { readonly output: Output | undefined; readonly json: boolean }): Output {
  if (!json) return output ?? 'token';
  if (output === undefined || output === 'json') return 'json';
  throw usageError('--json: --output asks for another form', 'Give one of them');
}

function rendered(token: AccessToken, output: Output, io: Io): string {
  const { accessToken, tokenType, expiresOn, source } = token;
  const expiresOnSeconds = Math.floor(expiresOn / 1000);
  switch (output) {
    case 'token':
      return `${onOneLine(accessToken)}\n`;
    case 'header':
      return `Authorization: ${onOneLine(tokenType)} ${onOneLine(accessToken)}\n`;
    case 'env':
      return `export ACCESS_TOKEN=${quoted(accessToken)}\nexport ACCESS_TOKEN_EXPIRES_ON=${expiresOnSeconds}\n`;
    case 'json': {
      const expiresIn = Math.max(0, Math.floor((expiresOn - platformWith(io.platform).now()) / 1000));
      return `${JSON.stringify({
        access_token: accessToken,
        token_type: tokenType,
        expires_in: expiresIn,
        expires_on: expiresOnSeconds,
        source,
      })}\n`;
    }
  }
}

/** A token is of visible ASCII characters (RFC 6750 §2.1); anything else could add a header or a line to a script. */
function onOneLine(text: string): string {
  if (/^[!-~]+$/.test(text)) return text;
  throw new CertgrantError(
    'RESPONSE_UNEXPECTED',
    'print token: the server sent one with spaces or control characters',
    {
      fix: 'Read it with --json, and have the server checked',
    },
  );
}

/** For a POSIX shell: nothing inside single quotes has a meaning. */
function quoted(text: string): string {
  return `'${onOneLine(text).replaceAll("'", "'\\''")}'`;
}
