import { entraError, Refusal } from '../entra-error.ts';
import type { Services } from '../services.ts';
import type { TenantRequest } from './tenant-request.ts';

/**
 * `GET /common/discovery/instance`: whether a host is an authority, and by which other names it goes.
 *
 * The MSALs ask this of Entra ID about hosts that they do not know, and here when the name of Entra ID leads here.
 */
export function instanceDiscovery({ request, base }: TenantRequest, { hosts }: Services): object {
  const asked = new URL(request.url).searchParams.get('authorization_endpoint') ?? '';
  const endpoint = URL.canParse(asked) ? new URL(asked) : undefined;
  const own = endpoint?.protocol === 'https:' ? hosts.baseOf(endpoint.href) : undefined;
  const [, tenant] = endpoint?.pathname.split('/') ?? [];
  if (endpoint === undefined || own === undefined || tenant === undefined || tenant === '') {
    throw new Refusal(entraError(50049, 'Unknown or invalid instance.', { received: asked.slice(0, 200) }));
  }
  const { host } = new URL(base);
  const aliases = [...new Set([host, endpoint.host, ...hosts.bases.map((each) => new URL(each).host)])];
  const [, version = ''] = /\/oauth2(\/v2\.0)?\//.exec(endpoint.pathname) ?? [];
  return {
    tenant_discovery_endpoint: `${own}/${tenant}${version}/.well-known/openid-configuration`,
    'api-version': '1.1',
    metadata: [{ preferred_network: host, preferred_cache: host, aliases }],
  };
}
