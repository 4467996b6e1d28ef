/** The APIs that app-only tokens are most often for, by application id and by the host of their App ID URI. */
const resources: readonly { readonly name: string; readonly appId?: string; readonly hosts?: readonly string[] }[] = [
  {
    name: 'Microsoft Graph',
    appId: '00000003-0000-0000-c000-000000000000',
    hosts: [
      'graph.microsoft.com',
      'graph.microsoft.us',
      'dod-graph.microsoft.us',
      'microsoftgraph.chinacloudapi.cn',
      'graph.microsoft.de',
    ],
  },
  {
    name: 'Azure AD Graph (retired)',
    appId: '00000002-0000-0000-c000-000000000000',
    hosts: ['graph.windows.net', 'graph.chinacloudapi.cn'],
  },
  {
    name: 'Azure Resource Manager',
    appId: '797f4846-ba00-4fd7-ba43-dac1f8f63013',
    hosts: [
      'management.azure.com',
      'management.core.windows.net',
      'management.usgovcloudapi.net',
      'management.core.usgovcloudapi.net',
      'management.chinacloudapi.cn',
      'management.core.chinacloudapi.cn',
    ],
  },
  {
    name: 'Azure Key Vault',
    appId: 'cfa8b339-82a2-471a-a3c9-0fc0be7a4093',
    hosts: ['vault.azure.net', 'vault.usgovcloudapi.net', 'vault.azure.cn', 'managedhsm.azure.net'],
  },
  { name: 'Azure Storage', appId: 'e406a681-f3d4-42a8-90b6-c2b029497af1', hosts: ['storage.azure.com'] },
  { name: 'Azure SQL Database', appId: '022907d3-0f1b-48f7-badc-1ba6abab6d66', hosts: ['database.windows.net'] },
  { name: 'Azure Database for PostgreSQL and MySQL', hosts: ['ossrdbms-aad.database.windows.net'] },
  { name: 'Azure Service Bus', hosts: ['servicebus.azure.net'] },
  { name: 'Azure Event Hubs', hosts: ['eventhubs.azure.net'] },
  { name: 'Azure App Configuration', hosts: ['azconfig.io'] },
  { name: 'Azure Container Registry', hosts: ['containerregistry.azure.net'] },
  { name: 'Azure Cosmos DB', hosts: ['cosmos.azure.com'] },
  { name: 'Azure AI services', hosts: ['cognitiveservices.azure.com', 'ai.azure.com'] },
  { name: 'Azure Monitor', hosts: ['monitor.azure.com', 'monitoring.azure.com'] },
  { name: 'Log Analytics', appId: 'ca7f3f0b-7d91-482c-8e09-c5d840d0eac5', hosts: ['api.loganalytics.io'] },
  { name: 'Azure DevOps', appId: '499b84ac-1321-427f-aa17-267ca6975798', hosts: ['app.vssps.visualstudio.com'] },
  { name: 'Azure Databricks', appId: '2ff814a6-3304-4ab8-85cb-cd0e6f879c1d' },
  {
    name: 'Exchange Online',
    appId: '00000002-0000-0ff1-ce00-000000000000',
    hosts: ['outlook.office365.com', 'outlook.office.com', 'ps.outlook.com'],
  },
  { name: 'SharePoint Online', appId: '00000003-0000-0ff1-ce00-000000000000' },
  { name: 'Microsoft Intune', appId: '0000000a-0000-0000-c000-000000000000', hosts: ['api.manage.microsoft.com'] },
  { name: 'Dataverse', appId: '00000007-0000-0000-c000-000000000000' },
  {
    name: 'Power BI',
    appId: '00000009-0000-0000-c000-000000000000',
    hosts: ['analysis.windows.net', 'api.powerbi.com', 'api.fabric.microsoft.com'],
  },
  {
    name: 'Office 365 Management APIs',
    appId: 'c5393580-f805-4401-95e8-94b7a6ef2fc2',
    hosts: ['manage.office.com'],
  },
  { name: 'Microsoft Defender for Endpoint', hosts: ['api.securitycenter.microsoft.com'] },
];

/** The name of the API that an audience stands for; `undefined` for one that is not well known. */
export function resourceName(audience: string): string | undefined {
  if (audience === 'api://AzureADTokenExchange') return 'the token exchange of Entra ID (federated credentials)';
  const id = audience.toLowerCase();
  const host = URL.canParse(audience) ? new URL(audience).hostname : undefined;
  if (host?.endsWith('.sharepoint.com')) return 'SharePoint Online';
  if (host !== undefined && /\.crm\d*\.dynamics\.com$/.test(host)) return 'Dataverse';
  // SharePoint and Exchange write {app id}/{host}@{tenant}.
  return resources.find(
    ({ appId, hosts }) =>
      (appId !== undefined && (id === appId || id === `spn:${appId}` || id.startsWith(`${appId}/`))) ||
      (host !== undefined && hosts?.includes(host)),
  )?.name;
}

/** Whether an audience is Microsoft Graph, by application id or by any of its addresses. */
export function isMicrosoftGraph(audience: unknown): boolean {
  return [audience].flat().some((one) => typeof one === 'string' && resourceName(one) === 'Microsoft Graph');
}

/** Template ids of directory roles (learn.microsoft.com/entra, built-in roles), as they stand in `wids`. */
const directoryRoles: Readonly<Record<string, string>> = {
  '62e90394-69f5-4237-9190-012177145e10': 'Global Administrator',
  'f2ef992c-3afb-46b9-b7cf-a126ee74c451': 'Global Reader',
  '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3': 'Application Administrator',
  '158c047a-c907-4556-b7ef-446551a6b5f7': 'Cloud Application Administrator',
  'cf1c38e5-3621-4004-a7cb-879624dced7c': 'Application Developer',
  'e8611ab8-c189-46e8-94e1-60213ab1f814': 'Privileged Role Administrator',
  '7be44c8a-adaf-4e2a-84d6-ab2649e08a13': 'Privileged Authentication Administrator',
  'c4e39bd9-1100-46d3-8c65-fb160da0071f': 'Authentication Administrator',
  'b1be1c3e-b65d-4f19-8427-f6fa0d97feb9': 'Conditional Access Administrator',
  '194ae4cb-b126-40b2-bd5b-6091b380977d': 'Security Administrator',
  '5d6b6bb7-de71-4623-b4af-96380a352509': 'Security Reader',
  'fe930be7-5e62-47db-91af-98c3a49a38b1': 'User Administrator',
  'fdd7a751-b60b-444a-984c-02652fe8fa1c': 'Groups Administrator',
  '88d8e3e3-8f55-4a1e-953a-9b9898b8876b': 'Directory Readers',
  '9360feb5-f418-4baa-8175-e2a00bac4301': 'Directory Writers',
  '729827e3-9c14-49f7-bb1b-9608f156bbb8': 'Helpdesk Administrator',
  '29232cdf-9323-42fd-ade2-1d097af3e4de': 'Exchange Administrator',
  'f28a1f50-f6e7-4571-818b-6a12f2af6b6c': 'SharePoint Administrator',
  '69091246-20e8-4a56-aa4d-066075b2a7a8': 'Teams Administrator',
  '3a2c62db-5318-420d-8d74-23affee5d9d5': 'Intune Administrator',
  'a9ea8996-122f-4c74-9520-8edcd192826c': 'Fabric Administrator',
  '11648597-926c-4cf3-9c36-bcebb0ba8dcc': 'Power Platform Administrator',
  '8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2': 'Hybrid Identity Administrator',
  'b0f54661-2d74-4c50-afa3-1ec803f12efe': 'Billing Administrator',
  '17315797-102d-40b4-93e0-432062caca18': 'Compliance Administrator',
  '4a5d8f65-41da-4de4-8968-e035b65339cf': 'Reports Reader',
  // These two are no roles: no definition has their template id.
  '0997a1d0-0d1d-4acb-b408-d5ca73121e90': 'no role: every app-only token for Microsoft Graph has it',
  'b79fbf4d-3ef9-4689-8143-76b194e85509': 'no role: tokens of ordinary members have it',
};

/** The directory role of a template id; `undefined` for one that is not known here. */
export function directoryRole(templateId: string): string | undefined {
  const id = templateId.toLowerCase();
  return Object.hasOwn(directoryRoles, id) ? directoryRoles[id] : undefined;
}
