import type { Services } from '../services.ts';
import { issuerV1, issuerV2 } from '../tokens/access-token-claims.ts';
import { type TenantRequest, tenantOfRequest } from './tenant-request.ts';

/** Names that stand for any tenant: their document has a template in place of the issuer's tenant. */
const shared = ['common', 'organizations', 'consumers'];

/** `GET /{tenant}/v2.0/.well-known/openid-configuration` (OpenID Connect Discovery §4), with Entra ID's fields. */
export async function openidConfigurationV2(at: TenantRequest, services: Services): Promise<object> {
  const { base } = at;
  const { tenantId, issuerId } = await tenantIn(at, services);
  return {
    token_endpoint: `${base}/${tenantId}/oauth2/v2.0/token`,
    token_endpoint_auth_methods_supported: authMethods,
    jwks_uri: `${base}/${tenantId}/discovery/v2.0/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'id_token token'],
    scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
    issuer: issuerV2(base, issuerId),
    request_uri_parameter_supported: false,
    userinfo_endpoint: `${graphOf(base, at)}/oidc/userinfo`,
    authorization_endpoint: `${base}/${tenantId}/oauth2/v2.0/authorize`,
    device_authorization_endpoint: `${base}/${tenantId}/oauth2/v2.0/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/${tenantId}/oauth2/v2.0/logout`,
    claims_supported: [...claims, 'at_hash', 'c_hash', 'email'],
    kerberos_endpoint: `${base}/${tenantId}/kerberos`,
    ...cloud(base, at),
  };
}

/** `GET /{tenant}/.well-known/openid-configuration`: the same for version 1. */
export async function openidConfigurationV1(at: TenantRequest, services: Services): Promise<object> {
  const { base } = at;
  const { tenantId, issuerId } = await tenantIn(at, services);
  return {
    token_endpoint: `${base}/${tenantId}/oauth2/token`,
    token_endpoint_auth_methods_supported: authMethods,
    jwks_uri: `${base}/common/discovery/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['code', 'id_token', 'code id_token', 'token id_token', 'token'],
    scopes_supported: ['openid'],
    issuer: issuerV1(base, issuerId),
    microsoft_multi_refresh_token: true,
    authorization_endpoint: `${base}/${tenantId}/oauth2/authorize`,
    device_authorization_endpoint: `${base}/${tenantId}/oauth2/devicecode`,
    http_logout_supported: true,
    frontchannel_logout_supported: true,
    end_session_endpoint: `${base}/${tenantId}/oauth2/logout`,
    claims_supported: claims,
    check_session_iframe: `${base}/${tenantId}/oauth2/checksession`,
    userinfo_endpoint: `${base}/${tenantId}/openid/userinfo`,
    kerberos_endpoint: `${base}/${tenantId}/kerberos`,
    ...cloud(base, at),
  };
}

const authMethods = ['client_secret_post', 'private_key_jwt', 'client_secret_basic'];

const claims = [
  'sub',
  'iss',
  'cloud_instance_name',
  'cloud_instance_host_name',
  'cloud_graph_host_name',
  'msgraph_host',
  'aud',
  'exp',
  'iat',
  'auth_time',
  'acr',
  'nonce',
  'preferred_username',
  'name',
  'tid',
  'ver',
];

/** A domain in the URL is answered with the tenant's id in every endpoint. */
async function tenantIn(at: TenantRequest, services: Services): Promise<{ tenantId: string; issuerId: string }> {
  const name = at.tenantName.toLowerCase();
  if (shared.includes(name)) return { tenantId: name, issuerId: '{tenantid}' };
  const { id } = await tenantOfRequest(at, services, { error: 'invalid_tenant' });
  return { tenantId: id, issuerId: id };
}

function cloud(base: string, at: TenantRequest): object {
  const { host } = new URL(base);
  return {
    tenant_region_scope: 'WW',
    cloud_instance_name: host,
    cloud_graph_host_name: host,
    msgraph_host: new URL(graphOf(base, at)).host,
    rbac_url: base,
  };
}

function graphOf(base: string, { prefix }: TenantRequest): string {
  return `${base.slice(0, base.length - prefix.length)}/graph`;
}
