import { createClientAssertion, platformWith, tenantIssuer, tokenEndpoint } from '@certgrant/core';
import { type Command, defineCommand } from '../command.ts';
import type { Io } from '../io.ts';
import {
  assertionEnvironment,
  assertionOptions,
  assertionSettings,
  audienceFrom,
  defaultLifetime,
} from '../options/assertion.ts';
import { type AuthorityValues, authorityEnvironment, authorityFrom, authorityOptions } from '../options/authority.ts';
import { credentialEnvironment, credentialFrom, credentialOptions } from '../options/credential.ts';
import { clientIdFrom, clientIdOption, identityEnvironment, tenantFrom, tenantOption } from '../options/identity.ts';

const options = {
  ...tenantOption,
  ...clientIdOption,
  ...credentialOptions,
  ...authorityOptions,
  ...assertionOptions,
  v1: { type: 'boolean', help: 'The assertion is for the v1 token endpoint' },
  json: { type: 'boolean', help: 'Print one JSON document: client_assertion_type, client_assertion, expires_on' },
} as const;

export const command: Command = defineCommand({
  name: 'assertion',
  summary: 'print a signed client assertion',
  synopsis: ['--tenant ID --client-id ID --cert FILE [OPTIONS]', '--audience URL --client-id ID --cert FILE [OPTIONS]'],
  description: [
    'Signs a client assertion (RFC 7523): the short JWT with which an application proves to a token endpoint who it is. It goes into the form field client_assertion of a token request. Whoever has it can ask for tokens until it ends, so treat it as a password.',
    'Nothing is sent anywhere. The tenant is needed only to know the audience; with --audience URL it may be left out.',
  ],
  options,
  examples: [
    {
      purpose: 'For Entra ID',
      line: 'certgrant assertion --tenant contoso.com --client-id 6731de76-14a6-49ae-97bc-6eba6914391e --cert my-daemon.pem',
    },
    {
      purpose: 'For another authorization server that looks keys up by kid',
      line: 'certgrant assertion --audience https://as.example.com/token --client-id my-client --cert my-daemon.pem --profile generic --kid key-1',
    },
    {
      purpose: 'For AD FS, with a password from a file',
      line: 'certgrant assertion --audience https://adfs.example.com/adfs/oauth2/token --client-id my-client --cert my-daemon.pfx --password-file my-daemon.password --profile adfs',
    },
  ],
  environment: {
    ...identityEnvironment,
    ...credentialEnvironment,
    ...authorityEnvironment,
    ...assertionEnvironment,
  },
  handle: async (values, io) => {
    const { lifetime = defaultLifetime, ...settings } = assertionSettings(values, io);
    const { audience, clientId } = partiesFrom(values, io);
    const credential = await credentialFrom(values, io);
    const platform = platformWith(io.platform);
    const expiresOn = Math.floor(platform.now() / 1000) + lifetime;
    const assertion = await createClientAssertion({ credential, clientId, audience, lifetime, ...settings, platform });
    if (!values.json) {
      io.stdout.write(`${assertion}\n`);
      return;
    }
    const document = {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
      expires_on: expiresOn,
    };
    io.stdout.write(`${JSON.stringify(document)}\n`);
  },
});

interface PartyValues extends AuthorityValues {
  readonly tenant: string | undefined;
  readonly 'client-id': string | undefined;
  readonly audience: string | undefined;
  readonly v1: boolean;
}

/** Who the assertion is for and who it speaks for. */
function partiesFrom(values: PartyValues, io: Io): { readonly audience: string; readonly clientId: string } {
  const choice = audienceFrom(values);
  if (typeof choice === 'object') return { audience: choice.exactly, clientId: clientIdFrom(values, io, 'any') };
  const tenant = tenantFrom(values, io);
  const authority = authorityFrom(values, io);
  const audience =
    choice === 'issuer' ? tenantIssuer(authority, tenant) : tokenEndpoint(authority, tenant, values.v1 ? 'v1' : 'v2');
  return { audience, clientId: clientIdFrom(values, io, 'guid') };
}
