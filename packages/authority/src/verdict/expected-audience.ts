import { cloudOf, clouds } from '@certgrant/core';
import type { AcceptedAudience } from '../checks/assertion-context.ts';
import { audienceParts } from '../checks/audience.ts';
import { isDomain, isGuid } from '../lib/identifiers.ts';

/** The audience that an assertion must have, as far as that can be known without asking the authority. */
export interface ExpectedAudience {
  readonly audience: AcceptedAudience;
  /** What was taken from the assertion's own audience, since nothing else was given; in words. */
  readonly assumed: string | undefined;
  /** What only the authority knows; in words. */
  readonly unknown: string | undefined;
}

/** Stands for a tenant that nobody has named. */
const anyTenant = '{tenant}';

/**
 * What the audience is held against: the tenant and the authority that are given and, where they are not, those that the
 * audience itself names, if they can be those of an assertion at all.
 *
 * @param aud the claim
 */
export function expectedAudience(
  aud: unknown,
  given: { readonly authority?: string | undefined; readonly tenant?: string | undefined },
): ExpectedAudience {
  const stated = audienceParts(aud);
  const bases = basesOf(given.authority ?? stated?.base ?? clouds.public.authority);
  const { tenant = statedTenant(stated?.tenant) } = given;
  const assumed = [given.authority === undefined ? 'the cloud' : '', given.tenant === undefined ? 'the tenant' : '']
    .filter((each) => each !== '')
    .join(' and ');
  const other = given.tenant === undefined ? undefined : otherName(given.tenant, stated?.tenant);
  return {
    audience: { bases, tenants: other === undefined ? [tenant] : [tenant, other] },
    assumed: assumed === '' || stated === undefined ? undefined : assumed,
    unknown: other === undefined ? undefined : `whether ${other} and ${tenant} are names of one tenant`,
  };
}

/** Each cloud of Microsoft is one authority, whatever other host names it has; the public one's v1 issuer has its own. */
function basesOf(authority: string): readonly string[] {
  const cloud = cloudOf(authority);
  if (cloud === undefined) return [authority.replace(/\/+$/, '')];
  return cloud === clouds.public ? [cloud.authority, 'https://sts.windows.net'] : [cloud.authority];
}

/** `common` and its like are no tenants, and neither is anything that is no id and no domain name. */
function statedTenant(tenant: string | undefined): string {
  return tenant !== undefined && (isGuid(tenant) || isDomain(tenant)) ? tenant : anyTenant;
}

/** A tenant has an id and domain names; which belong together cannot be seen from them. */
function otherName(given: string, stated: string | undefined): string | undefined {
  if (stated === undefined || statedTenant(stated) === anyTenant || isGuid(given) === isGuid(stated)) return undefined;
  return stated;
}
