/** The clouds of Microsoft by certgrant's names for them. */
export type CloudName = 'public' | 'china' | 'usgov' | 'usgov-dod' | 'germany' | 'bleu' | 'delos' | 'govsg';

/** Where a cloud answers. */
export interface Cloud {
  /** The authority's URL: the tenant follows it. */
  readonly authority: string;
  /** Microsoft Graph's URL: the version follows it. */
  readonly graph: string;
  /** The host names of the authority, the preferred one first. */
  readonly hosts: readonly string[];
}

/**
 * The named clouds.
 *
 * Sources: learn.microsoft.com/graph/deployments; the sovereign clouds of 2026 as Microsoft's own SDKs list them.
 * `germany` was closed in 2021 and stands here so that old settings are understood.
 */
export const clouds: Readonly<Record<CloudName, Cloud>> = {
  public: {
    authority: 'https://login.microsoftonline.com',
    graph: 'https://graph.microsoft.com',
    hosts: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
  },
  china: {
    authority: 'https://login.partner.microsoftonline.cn',
    graph: 'https://microsoftgraph.chinacloudapi.cn',
    hosts: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
  },
  usgov: {
    authority: 'https://login.microsoftonline.us',
    graph: 'https://graph.microsoft.us',
    hosts: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
  },
  'usgov-dod': {
    authority: 'https://login.microsoftonline.us',
    graph: 'https://dod-graph.microsoft.us',
    hosts: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
  },
  germany: {
    authority: 'https://login.microsoftonline.de',
    graph: 'https://graph.microsoft.de',
    hosts: ['login.microsoftonline.de'],
  },
  bleu: {
    authority: 'https://login.sovcloud-identity.fr',
    graph: 'https://graph.svc.sovcloud.fr',
    hosts: ['login.sovcloud-identity.fr'],
  },
  delos: {
    authority: 'https://login.sovcloud-identity.de',
    graph: 'https://graph.svc.sovcloud.de',
    hosts: ['login.sovcloud-identity.de'],
  },
  govsg: {
    authority: 'https://login.sovcloud-identity.sg',
    graph: 'https://graph.svc.sovcloud.sg',
    hosts: ['login.sovcloud-identity.sg'],
  },
};

/**
 * The cloud that an authority belongs to, by any of its host names; `undefined` for an authority of one's own.
 *
 * @param authority the authority's URL, or its host name alone
 * @returns the named cloud
 * @example
 * cloudOf('login.windows.net') === clouds.public; // true
 */
export function cloudOf(authority: string): Cloud | undefined {
  const host = URL.canParse(authority) ? new URL(authority).host : authority.toLowerCase();
  return Object.values(clouds).find(({ hosts }) => hosts.includes(host));
}
