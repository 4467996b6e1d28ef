import type { Services } from '../services.ts';
import { issuerV2 } from '../tokens/access-token-claims.ts';
import { type TenantRequest, tenantOfRequest } from './tenant-request.ts';

/** `GET /{tenant}/discovery/v2.0/keys` and `GET /{tenant}/discovery/keys`: what access tokens are verified with. */
export async function jwks(at: TenantRequest, services: Services, version: 1 | 2): Promise<object> {
  if (at.tenantName.toLowerCase() !== 'common') await tenantOfRequest(at, services, { error: 'invalid_tenant' });
  const keys = await services.signingKeys.all();
  // The key set of v2 serves all tenants, so its issuer is a template.
  const issuer = version === 2 ? { issuer: issuerV2(at.base, '{tenantid}') } : {};
  return { keys: keys.map(({ publicJwk }) => ({ ...publicJwk, ...issuer })) };
}
