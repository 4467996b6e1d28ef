import { usageError } from '../usage.ts';

export const targetOptions = {
  scope: {
    type: 'string',
    value: 'SCOPE',
    help: 'What the token is for: the identifier of the API followed by /.default',
  },
  v1: { type: 'boolean', help: 'Ask the v1 endpoint, with --resource in place of --scope' },
  resource: { type: 'string', value: 'URI', help: 'What the token is for, with --v1 or --issuer' },
} as const;

/** What a token is asked for, as the options say it. */
export interface ScopeValues {
  readonly scope: string | undefined;
  readonly resource: string | undefined;
  readonly v1: boolean;
  readonly issuer: string | undefined;
}

export interface Target {
  readonly scope?: string | undefined;
  readonly resource?: string | undefined;
  readonly version?: 'v1' | 'v2' | undefined;
}

const suffix = '/.default';
const graphScope = `https://graph.microsoft.com${suffix}`;

/** The target of a token request, checked: what Entra ID would refuse is told here, with what to write instead. */
export function targetFrom({ scope, resource, v1, issuer }: ScopeValues): Target {
  if (issuer !== undefined) {
    if (v1) throw usageError('--v1: only Entra ID has a v1 token endpoint', 'Leave out --v1 or --issuer');
    return { scope, resource };
  }
  if (v1) {
    if (scope !== undefined) throw usageError('--scope: the v1 endpoint takes none', 'Write --resource URI instead');
    if (resource === undefined) {
      throw usageError('--v1: the resource is missing', 'Write --resource https://graph.microsoft.com');
    }
    return { resource: resource.endsWith(suffix) ? resource.slice(0, -suffix.length) : resource, version: 'v1' };
  }
  if (resource !== undefined) {
    throw usageError(
      '--resource: the v2 endpoint takes none (AADSTS901002)',
      `Write --scope ${withSuffix(resource)}, or add --v1`,
    );
  }
  if (scope === undefined) throw usageError('scope: none is given', `Write --scope ${graphScope}`);
  return { scope: entraScope(scope) };
}

/** Client credentials get all permissions that were granted, so the scope names the resource alone (AADSTS1002012). */
function entraScope(text: string): string {
  const scope = text.trim();
  if (/\s/.test(scope)) {
    throw usageError(
      '--scope: there is more than one, and client credentials take one',
      `Ask for a token for each resource, for example --scope ${graphScope}`,
    );
  }
  if (scope.endsWith(suffix) && scope.length > suffix.length) return scope;
  throw usageError(
    `--scope: it does not end with ${suffix}, and client credentials take no single permission (AADSTS1002012)`,
    `Write --scope ${suggestion(scope)}; what the token may do is granted to the application beforehand`,
  );
}

function suggestion(scope: string): string {
  // A permission of Graph by its bare name, such as User.Read.All.
  if (/^[A-Za-z]+(\.[A-Za-z]+)+$/.test(scope)) return graphScope;
  const permission = /^(https?:\/\/[^/]+|api:\/\/[^/]+|[0-9a-f-]{36})\/[\w.-]+$/i.exec(scope)?.[1];
  return withSuffix(permission ?? scope);
}

function withSuffix(resource: string): string {
  const base = resource.replace(/\/+(\.default)?$/, '');
  return `${/^[\w.:/@-]+$/.test(base) && base !== '' ? base : 'https://graph.microsoft.com'}${suffix}`;
}
