import { type Authority, startAuthority } from '@certgrant/authority';
import { loadCredential } from '@certgrant/core';
import type { Target } from './token-load-child.ts';

/** The local authority with one application that holds the bench's certificate. */
export interface BenchAuthority {
  readonly authority: Authority;
  readonly target: Target;
}

export async function startBenchAuthority(pem: string): Promise<BenchAuthority> {
  const { certificate } = await loadCredential(new TextEncoder().encode(pem));
  const authority = await startAuthority();
  const { appId } = await authority.register({ displayName: 'bench', certificates: [certificate] });
  const target: Target = {
    url: `${authority.url}/${authority.tenantId}/oauth2/v2.0/token`,
    ca: authority.ca,
    clientId: appId,
    scope: 'https://graph.microsoft.com/.default',
    profile: 'entra',
  };
  return { authority, target };
}
