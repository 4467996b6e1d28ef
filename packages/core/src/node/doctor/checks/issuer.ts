import { clouds } from '../../../token/clouds.ts';
import { tokenEndpoint } from '../../../token/endpoint.ts';
import { serverText } from '../../../token/server-text.ts';
import { type Check, defineCheck, failed, failedBy, type Outcome, passed, skipped, warned } from '../check.ts';
import type { DoctorSettings } from '../options.ts';

/** Whether the document speaks of the server and the tenant that were meant. */
export const issuer: Check = defineCheck({
  id: 'issuer',
  doing: 'compare the issuer',
  needs: ['settings', 'discovery'],
  gives: ['issuer'],
  run: ({ settings, discovery: { document, mismatch } }) => {
    if (mismatch !== undefined) return failedBy(mismatch);
    if (document === undefined) return skipped('there is no document', { issuer: '' });
    return settings.issuer === undefined ? judgeTenant(settings, document) : judgeIssuer(settings.issuer, document);
  },
});

type Document = Readonly<Record<string, unknown>>;

function judgeIssuer(published: string, { token_endpoint: endpoint }: Document): Outcome {
  if (typeof endpoint === 'string') {
    return passed(`it is ${published}, its token endpoint ${serverText(endpoint, 300)}`, { issuer: published });
  }
  return failed(
    `the document of ${published} names no token endpoint`,
    'Check that this issuer offers the client credentials grant',
    'DISCOVERY_FAILED',
  );
}

const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** Of Entra ID the document may be of a tenant that was named by its domain, or seen through a gateway. */
function judgeTenant(settings: DoctorSettings, { issuer: named, token_endpoint: endpoint }: Document): Outcome {
  const { authority = clouds.public.authority, tenant = '', audience, target } = settings;
  if (typeof named !== 'string') {
    return failed(
      'the document names no issuer: it is not that of a tenant of Entra ID',
      'Check the authority; for another authorization server give --issuer in place of --tenant',
      'RESPONSE_UNEXPECTED',
    );
  }
  const shown = serverText(named, 300);
  const theirs = guid.exec(named)?.[0].toLowerCase();
  if (guid.test(tenant) && theirs !== undefined && theirs !== tenant.toLowerCase()) {
    return failed(
      `the document is of another tenant, ${shown}`,
      'Check the authority, and whether a proxy or a gateway answers in its place',
      'ISSUER_MISMATCH',
    );
  }
  const asked = new URL(tokenEndpoint(authority, tenant, target.version));
  const published = typeof endpoint === 'string' && URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (published === undefined || published.origin === asked.origin || audience !== undefined) {
    return passed(`it is ${shown}`, { issuer: named });
  }
  return warned(
    `the token endpoint is ${serverText(published.href, 300)}, and the assertion is made out to ${asked.href}`,
    `Give --authority ${published.origin}, or --audience with the token endpoint that is published`,
    { issuer: named },
  );
}
