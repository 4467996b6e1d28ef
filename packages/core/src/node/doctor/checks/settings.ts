import { clouds } from '../../../token/clouds.ts';
import { secureUrl, tokenEndpoint } from '../../../token/endpoint.ts';
import { type Check, defineCheck, passed } from '../check.ts';
import type { DoctorSettings } from '../options.ts';

/** Tenant, client id, scope and server, as far as they can be judged by themselves. */
export const settings: Check = defineCheck({
  id: 'settings',
  doing: 'read the settings',
  gives: ['settings', 'server'],
  run: (_, { settings: read }) => {
    const given = read();
    const server = serverOf(given);
    return passed(inWords(given, server), { settings: given, server });
  },
});

/** @throws {CertgrantError} `USAGE` */
function serverOf({ authority = clouds.public.authority, tenant, issuer, target }: DoctorSettings): URL {
  return issuer === undefined
    ? new URL(tokenEndpoint(authority, tenant ?? '', target.version))
    : secureUrl(issuer, 'issuer');
}

function inWords({ tenant, clientId, target, issuer }: DoctorSettings, server: URL): string {
  const what = target.scope ?? target.resource;
  const where = issuer === undefined ? `tenant ${tenant} at ${server.origin}` : `issuer ${issuer}`;
  return `client ${clientId}, ${where}, ${what === undefined ? 'no scope' : `for ${what}`}`;
}
