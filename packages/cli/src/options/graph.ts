import { CertgrantError, type Credential, cloudOf, clouds, GraphClient, TokenClient } from '@certgrant/core';
import { graphScope } from '../graph-scope.ts';
import { readTextSource } from '../input.ts';
import type { Io } from '../io.ts';
import { usageError } from '../usage.ts';
import {
  type AuthorityValues,
  authorityEnvironment,
  authorityFrom,
  authorityOptions,
  checkedUrl,
  isLoopback,
} from './authority.ts';
import { tenantFrom, tenantOption } from './identity.ts';
import { deadlineFrom, type NetworkValues, networkEnvironment, networkFrom, networkOptions } from './network.ts';

/** Where Graph is. */
export const graphOption = {
  graph: {
    type: 'string',
    value: 'URL',
    help: 'Microsoft Graph (default: that of the authority; a local authority has it at /graph)',
  },
} as const;

/** Whom to ask, with a token that is given or with one that is asked for with the certificate. */
export const graphOptions = {
  ...graphOption,
  'access-token-file': {
    type: 'string',
    value: 'FILE',
    help: 'An access token for Graph: a path, - or env:NAME (default: one of the application itself, asked for with --cert)',
  },
  ...tenantOption,
  ...authorityOptions,
  ...networkOptions,
} as const;

export const graphEnvironment = {
  AZURE_TENANT_ID: 'the tenant, when --tenant is not given',
  ...authorityEnvironment,
  ...networkEnvironment,
} as const;

export interface GraphValues extends AuthorityValues, NetworkValues {
  readonly graph: string | undefined;
  readonly tenant: string | undefined;
  readonly 'access-token-file': string | undefined;
}

/** A client with the access token of `--access-token-file`. */
export async function graphWithTokenFile(values: GraphValues, io: Io): Promise<GraphClient> {
  const graphUrl = graphUrlForGivenToken(values, io);
  const accessToken = await accessTokenFrom(values, io);
  return new GraphClient({
    graphUrl,
    accessToken: async () => accessToken,
    deadline: deadlineFrom(values),
    platform: await networkFrom(values, io),
  });
}

/** A client with access tokens of the application itself, which the certificate gets. */
export async function graphWithCredential(
  credential: Credential,
  clientId: string,
  values: GraphValues,
  io: Io,
): Promise<GraphClient> {
  const tenant = tenantFrom(values, io);
  const authority = authorityFrom(values, io);
  const graphUrl = graphUrlFrom(values, io);
  const deadline = deadlineFrom(values);
  const platform = await networkFrom(values, io);
  const limits = deadline === undefined ? {} : { deadline, timeout: deadline };
  const tokens = new TokenClient({ tenant, authority, clientId, credential, ...limits, platform });
  const scope = graphScope(graphUrl);
  const accessToken = async (): Promise<string> =>
    (await tokens.getToken({ scope }, { signal: io.signal })).accessToken;
  return new GraphClient({ graphUrl, accessToken, deadline, platform });
}

/** The Graph of the cloud. An authority of no cloud has its own, as the local one does: its tokens must not go to Microsoft. */
export function graphUrlFrom(values: AuthorityValues & { readonly graph: string | undefined }, io: Io): string {
  if (values.graph !== undefined) return checkedUrl(values.graph, '--graph', io);
  const authority = authorityFrom(values, io);
  // Two clouds share an authority, so that a name says more than a URL.
  const cloud = values.cloud === undefined ? cloudOf(authority) : clouds[values.cloud];
  return cloud?.graph ?? `${authority}/graph`;
}

/** The same for an access token that came from elsewhere: it goes only to a Graph that somebody named, or to this machine. */
export function graphUrlForGivenToken(
  values: AuthorityValues & { readonly graph: string | undefined },
  io: Io,
): string {
  const graphUrl = graphUrlFrom(values, io);
  const isNamed = values.graph !== undefined || Object.values(clouds).some(({ graph }) => graph === graphUrl);
  if (isNamed || isLoopback(new URL(graphUrl).hostname)) return graphUrl;
  throw usageError(
    'graph: none is given, and the authority belongs to no cloud',
    'Give --graph URL: an access token that was given is sent nowhere by guess',
  );
}

/** The access token in the file. */
export async function accessTokenFrom(
  values: { readonly 'access-token-file': string | undefined },
  io: Io,
): Promise<string> {
  const source = values['access-token-file'];
  if (source === undefined) {
    throw usageError(
      'access token: none is given',
      'Give --access-token-file FILE; a local authority says in its adminTokenFile where its own is',
    );
  }
  const token = (await readTextSource(source, '--access-token-file', io)).trim();
  // It becomes a header, and is never repeated in a message.
  if (/^[!-~]+$/.test(token)) return token;
  throw new CertgrantError('TOKEN_MALFORMED', 'read access token: this is not one token on one line', {
    fix: 'Write the token alone into the file',
  });
}
