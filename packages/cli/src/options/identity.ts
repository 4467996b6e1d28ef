import type { Io } from '../io.ts';
import { usageError } from '../usage.ts';

export const tenantOption = {
  tenant: { type: 'string', value: 'ID', help: 'The tenant: its id (a GUID) or one of its domain names' },
} as const;

export const clientIdOption = {
  'client-id': { type: 'string', value: 'ID', help: 'The application (client) id' },
} as const;

export const identityEnvironment = {
  AZURE_TENANT_ID: 'the tenant, when --tenant is not given',
  AZURE_CLIENT_ID: 'the application, when --client-id is not given',
} as const;

/** Whether a text has the form of an id in Entra ID: 8-4-4-4-12 hexadecimal digits. */
export function isGuid(text: string): boolean {
  // Not by a regular expression: to compile one takes a short command longer than this does.
  for (let index = 0; index < text.length; index++) {
    const isHyphen = text[index] === '-';
    if (isHyphen !== hyphens.includes(index) || !(isHyphen || isHexDigit(text.charCodeAt(index)))) return false;
  }
  return text.length === 36;
}

const hyphens = [8, 13, 18, 23];

function isHexDigit(unit: number): boolean {
  const lower = unit | 0x20;
  return (unit >= 0x30 && unit <= 0x39) || (lower >= 0x61 && lower <= 0x66);
}

const tenantGroups = ['common', 'organizations', 'consumers'];
const domain = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

/** The tenant, checked: a wrong one would only come back as AADSTS90002 or 900023. */
export function tenantFrom(values: { readonly tenant: string | undefined }, io: Io): string {
  const tenant = (values.tenant ?? io.env.AZURE_TENANT_ID ?? '').trim();
  if (tenant === '') {
    throw usageError(
      'tenant: none is given',
      'Give --tenant ID or set AZURE_TENANT_ID; the id is on the overview page of the Entra admin center',
    );
  }
  if (tenantGroups.includes(tenant.toLowerCase())) {
    throw usageError(
      `tenant: ${tenant} stands for many tenants, and an application gets its tokens from one`,
      'Give the id of the one tenant whose data the application works with',
    );
  }
  if (isGuid(tenant) || domain.test(tenant)) return tenant;
  throw usageError(
    'tenant: this is neither a GUID nor a domain name',
    'Write it like 3f2504e0-4f89-41d3-9a0c-0305e82c3301 or contoso.onmicrosoft.com',
  );
}

/**
 * The client id.
 *
 * @param form `guid` where the authority is Entra ID or answers like it; other servers may call a client anything
 */
export function clientIdFrom(
  values: { readonly 'client-id': string | undefined },
  io: Io,
  form: 'guid' | 'any',
): string {
  const clientId = (values['client-id'] ?? io.env.AZURE_CLIENT_ID ?? '').trim();
  if (clientId === '') {
    throw usageError(
      'client id: none is given',
      'Give --client-id ID or set AZURE_CLIENT_ID; it is the "Application (client) ID" of the app registration',
    );
  }
  if (form === 'any' || isGuid(clientId)) return clientId;
  throw usageError(
    'client id: this is not a GUID',
    'Give the "Application (client) ID" of the app registration, not its name, its object id or a secret',
  );
}
