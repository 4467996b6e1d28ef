import { isCertgrantError } from '../../../errors.ts';
import { type HttpResponse, httpRequest, parseJsonObject, tryJsonObject } from '../../../lib/http.ts';
import { clouds } from '../../../token/clouds.ts';
import { discoverIssuer } from '../../../token/discovery.ts';
import { tenantIssuer } from '../../../token/endpoint.ts';
import { isOAuthError, readRefusal } from '../../../token/refusal.ts';
import type { TraceEvent } from '../../../token/trace.ts';
import {
  type Check,
  type Discovery,
  defineCheck,
  failedBy,
  type Network,
  type Outcome,
  passed,
  type Surroundings,
  warned,
} from '../check.ts';
import type { DoctorSettings } from '../options.ts';

const action = 'read the configuration document';

/** Whether the server knows the tenant or the issuer, and says where its endpoints are. */
export const discovery: Check = defineCheck({
  id: 'discovery',
  doing: action,
  needs: ['settings', 'server', 'network', 'reached'],
  gives: ['discovery'],
  run: ({ settings, network }, around) =>
    settings.issuer === undefined ? ofTenant(settings, network, around) : ofIssuer(settings.issuer, network, around),
});

/** Entra ID's document; a request for a token does not depend on it. */
async function ofTenant(settings: DoctorSettings, { fetch }: Network, around: Surroundings): Promise<Outcome> {
  const { authority = clouds.public.authority, tenant = '' } = settings;
  const { signal, timeout } = around;
  const platform = { ...around.platform, fetch };
  const url = `${tenantIssuer(authority, tenant)}/.well-known/openid-configuration`;
  const headers = { accept: 'application/json' };
  const response = await httpRequest({ platform, url, action, headers, timeout, signal });
  const local = around.platform.now();
  const clocks = clocksOf(response.headers.get('date') ?? undefined, local);
  const found = { discovery: { document: undefined, mismatch: undefined, clocks } };
  if (response.status === 404 && !isOAuthError(tryJsonObject(response))) {
    return warned(
      'the server has no configuration document (404), which a token request does not need',
      'Check the authority: Entra ID publishes one for each tenant',
      found,
    );
  }
  if (response.status >= 400) return failedBy(await readRefusal(response, action, local, {}));
  return readDocument(response, found.discovery);
}

function readDocument(response: HttpResponse, discovery: Discovery): Outcome {
  const document = parseJsonObject(response, action);
  return passed(`the document of the tenant is at ${response.url}`, { discovery: { ...discovery, document } });
}

/** The document of any other server, which names its token endpoint. */
async function ofIssuer(issuer: string, { fetch }: Network, around: Surroundings): Promise<Outcome> {
  const { signal, timeout } = around;
  let clocks: Discovery['clocks'];
  const trace = (event: TraceEvent): void => {
    if (event.type === 'response') clocks = clocksOf(event.headers.date, around.platform.now());
  };
  const platform = { ...around.platform, fetch };
  try {
    const { document, documentUrl } = await discoverIssuer(issuer, { platform, signal, timeout, trace });
    return passed(`the document is at ${documentUrl}`, { discovery: { document, mismatch: undefined, clocks } });
  } catch (thrown) {
    if (!isCertgrantError(thrown) || thrown.code !== 'ISSUER_MISMATCH') throw thrown;
    return passed('there is a document', { discovery: { document: undefined, mismatch: thrown, clocks } });
  }
}

function clocksOf(date: string | undefined, local: number): Discovery['clocks'] {
  const server = Date.parse(date ?? '');
  return Number.isNaN(server) ? undefined : { server, local };
}
