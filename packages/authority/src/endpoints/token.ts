import { checkApplication } from '../checks/application.ts';
import { checkApplicationEnabled } from '../checks/application-enabled.ts';
import { assertionContext, refuseAssertion } from '../checks/assertion-checks.ts';
import type { AcceptedAudience, AssertionFacts } from '../checks/assertion-context.ts';
import { withBasicCredentials } from '../checks/basic-credentials.ts';
import { type ClaimsRequest, claimsRequest } from '../checks/claims-parameter.ts';
import { clientCredential } from '../checks/client-credential.ts';
import { checkClientIsNamed, clientId } from '../checks/client-id.ts';
import { checkClientSecret } from '../checks/client-secret.ts';
import { checkGrantType } from '../checks/grant-type.ts';
import { readParameters, requiredParameter, type TokenParameters } from '../checks/parameters.ts';
import { parseAssertion } from '../checks/parse-assertion.ts';
import { checkResource } from '../checks/resource.ts';
import { resourceOfV1, resourceOfV2 } from '../checks/resource-parameter.ts';
import { checkRole } from '../checks/role.ts';
import { tooLarge } from '../checks/size.ts';
import { checkTenantName } from '../checks/tenant.ts';
import type { SignInFacts } from '../controls/sign-in-facts.ts';
import type { ServicePrincipal, Tenant } from '../directory/entities.ts';
import type { Client } from '../directory/sign-in-lookups.ts';
import { graphAppId } from '../directory/well-known.ts';
import { entraError, mustPass, passed, Refusal } from '../entra-error.ts';
import { type Answer, errorAnswer, tokenAnswer } from '../http/answer.ts';
import { Exchange } from '../http/exchange.ts';
import type { ReceivedRequest } from '../http/received-request.ts';
import type { Services } from '../services.ts';
import { signAccessToken } from '../tokens/access-token.ts';
import {
  accessTokenClaims,
  backdated,
  issuerV1,
  issuerV2,
  type TokenSubject,
  tokenVersion,
} from '../tokens/access-token-claims.ts';
import { type TenantRequest, tenantOfRequest } from './tenant-request.ts';

/** How far ahead an assertion may expire in strict mode, in seconds: the most that Entra ID's documentation advises. */
const strictLifetime = 600;

/** What a client is granted. */
interface Grant {
  readonly tenant: Tenant;
  readonly client: Client;
  readonly resource: ServicePrincipal;
  readonly resourceName: string;
  readonly roles: readonly string[];
  /** How the client proved itself: `1` with a secret, `2` with a certificate. */
  readonly credential: '1' | '2';
  readonly requested: ClaimsRequest;
}

/**
 * `POST /{tenant}/oauth2/v2.0/token` and `POST /{tenant}/oauth2/token`: client credentials with an assertion
 * (RFC 6749 §4.4, RFC 7523 §2.2).
 */
export async function tokenEndpoint(at: TenantRequest, services: Services, version: 1 | 2): Promise<Answer> {
  const { request } = at;
  const body = request.method === 'POST' ? await request.text() : '';
  const parameters = readParameters(isForm(request) ? (body ?? '') : '');
  const inForm = 'value' in parameters ? parameters.value['client-request-id'] : undefined;
  const exchange = new Exchange(request, services.platform, inForm);
  request.exchange = exchange;
  const facts: SignInFacts = { version, tenantName: at.tenantName };
  request.signIn = facts;
  try {
    if (request.method !== 'POST') throw new Refusal(onlyPost(request.method), 'method');
    if (body === undefined) throw new Refusal(tooLarge(), 'body');
    const inHeader = request.header('authorization');
    const complete = passed(withBasicCredentials(passed(parameters, 'parameters'), inHeader), 'parameters');
    const granted = await grant(at, complete, services, facts, exchange.now);
    return tokenAnswer(await answerBody(granted, at, services, version, exchange.now), 200, exchange);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    facts.failed = thrown.check;
    facts.refused = thrown.refused;
    return errorAnswer(thrown.refused, exchange);
  }
}

/** Every step that a request must pass, in the order of `signInChecks`. */
async function grant(
  at: TenantRequest,
  parameters: TokenParameters,
  services: Services,
  facts: SignInFacts,
  now: number,
): Promise<Grant> {
  const { directory } = services;
  mustPass(checkGrantType(passed(requiredParameter(parameters, 'grant_type'), 'grant-type')), 'grant-type');
  mustPass(checkTenantName(at.tenantName), 'tenant');
  const tenant = await tenantOfRequest(at, services);
  Object.assign(facts, { tenant, clientId: parameters.client_id });
  mustPass(checkClientIsNamed(parameters), 'client-id');
  const resourceName = passed(
    facts.version === 2 ? resourceOfV2(parameters) : resourceOfV1(parameters),
    'resource-parameter',
  );
  const requested = passed(claimsRequest(parameters), 'claims-parameter');
  const credential = passed(clientCredential(parameters), 'credential');
  facts.credential = 'assertion' in credential ? 'certificate' : 'secret';
  const assertion =
    'assertion' in credential ? passed(parseAssertion(credential.assertion), 'assertion-form') : undefined;
  const id = passed(clientId(parameters, assertion), 'assertion-subject');
  facts.clientId = id;
  const client = passed(checkApplication(id, tenant, await directory.client(tenant.id, id)), 'application');
  facts.client = client;
  mustPass(checkApplicationEnabled(client), 'application-enabled');
  if ('secret' in credential) mustPass(checkClientSecret(credential.secret, client.application, now), 'client-secret');
  if (assertion !== undefined) {
    facts.context = assertionContext(assertion, assertionFacts(client, tenant, at, services, facts.version, now));
    mustPass(await refuseAssertion(facts.context));
    // In one step with the last check, so that of two requests at the same time only one is granted.
    mustPass(services.usedAssertions?.use(assertion, client.application.appId, now), 'jti');
  }
  const found = await findResource(tenant, resourceName, at, services);
  const resource = passed(checkResource(resourceName, tenant, found), 'resource');
  facts.resource = resource;
  const assignments = await directory.assignments(tenant.id, client.servicePrincipal.id, resource.id);
  mustPass(checkRole(client.servicePrincipal, resource, assignments), 'role');
  const ids = assignments.map(({ appRoleId }) => appRoleId);
  const roles = resource.appRoles.filter((role) => role.isEnabled && ids.includes(role.id)).map(({ value }) => value);
  facts.roles = roles;
  return { tenant, client, resource, resourceName, roles, credential: assertion === undefined ? '1' : '2', requested };
}

/** What an assertion of this client is held against at this endpoint. */
function assertionFacts(
  { application, certificates }: Client,
  tenant: Tenant,
  at: TenantRequest,
  services: Services,
  version: 1 | 2,
  now: number,
): AssertionFacts {
  const issuerOf = version === 2 ? issuerV2 : issuerV1;
  const strict = services.usedAssertions && { issuer: issuerOf(at.base, tenant.id), longestLifetime: strictLifetime };
  return { clientId: application.appId, certificates, audience: acceptedAudience(at, tenant, services), now, strict };
}

/** The URL of this request first, then every other under which the same authority is reached. */
function acceptedAudience({ base, prefix }: TenantRequest, tenant: Tenant, { hosts }: Services): AcceptedAudience {
  const others = prefix === '' ? hosts.bases : [...hosts.bases, ...hosts.bases.map((host) => host + prefix)];
  return { bases: [base, ...others], tenants: [tenant.id, tenant.domain] };
}

/** This authority's own Graph endpoints are another name of Microsoft Graph. */
async function findResource(
  tenant: Tenant,
  name: string,
  { base, prefix }: TenantRequest,
  { directory, hosts }: Services,
): Promise<ServicePrincipal | undefined> {
  const found = await directory.resource(tenant.id, name);
  if (found !== undefined) return found;
  const origins = [base.slice(0, base.length - prefix.length), ...hosts.bases];
  const isOwnGraph = origins.some((origin) => name === `${origin}/graph` || name === `${origin}/graph/`);
  return isOwnGraph ? directory.resource(tenant.id, graphAppId) : undefined;
}

/** v2 answers with numbers, v1 with text and more fields. */
async function answerBody(
  granted: Grant,
  { base }: TenantRequest,
  { platform, signingKeys, tokenLifetime, caeTokenLifetime }: Services,
  version: 1 | 2,
  at: number,
): Promise<string> {
  const now = Math.floor(at / 1000);
  const { tenant, client, resource, resourceName, roles, credential, requested } = granted;
  const { handlesChallenges } = requested;
  const lifetime = handlesChallenges ? caeTokenLifetime : tokenLifetime;
  const subject: TokenSubject = {
    tenant,
    client: client.servicePrincipal,
    resource,
    resourceName,
    roles,
    credential,
    handlesChallenges,
    base,
    now,
    lifetime,
  };
  const claims = accessTokenClaims(subject, platform);
  const token = await signAccessToken(claims, tokenVersion(resource), await signingKeys.current());
  // A second is gone by the time the client has the answer.
  const expiresIn = lifetime - 1;
  // A client renews a long-lived token at half its time, and has the other half to try again.
  const refreshIn = handlesChallenges ? Math.floor(expiresIn / 2) : undefined;
  if (version === 2) {
    return JSON.stringify({
      token_type: 'Bearer',
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      refresh_in: refreshIn,
      access_token: token,
    });
  }
  return JSON.stringify({
    token_type: 'Bearer',
    expires_in: String(expiresIn),
    ext_expires_in: String(expiresIn),
    refresh_in: refreshIn?.toString(),
    expires_on: String(now + lifetime),
    not_before: String(now - backdated),
    resource: resourceName,
    access_token: token,
  });
}

function isForm(request: ReceivedRequest): boolean {
  const type = request.header('content-type') ?? '';
  return type === 'application/x-www-form-urlencoded' || /^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(type);
}

function onlyPost(method: string): ReturnType<typeof entraError> {
  return entraError(900561, `The endpoint only accepts POST requests. Received a ${method.slice(0, 20)} request.`);
}
