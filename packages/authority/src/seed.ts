import { CertgrantError } from '@certgrant/core';
import { isDomain, isGuid } from './lib/identifiers.ts';

/** What an authority begins with. */
export interface Seed {
  readonly tenants: readonly SeedTenant[];
}

/** A tenant of a {@link Seed}. */
export interface SeedTenant {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly domain?: string | undefined;
  readonly applications?: readonly SeedApplication[] | undefined;
}

/** An application of a {@link Seed}. */
export interface SeedApplication {
  readonly appId?: string | undefined;
  readonly displayName: string;
  /** Files, DER or PEM; a relative path starts at the seed's folder. */
  readonly certificates?: readonly string[] | undefined;
  /** Client secrets: the text, or more of it. */
  readonly secrets?: readonly (string | SeedSecret)[] | undefined;
  /** Of Microsoft Graph (`User.Read.All`), or of another API of the tenant (`api://orders/Orders.Read`). */
  readonly permissions?: readonly string[] | undefined;
  readonly identifierUris?: readonly string[] | undefined;
  /** The permissions that this application offers as an API. */
  readonly appRoles?: readonly SeedAppRole[] | undefined;
  readonly requestedAccessTokenVersion?: 1 | 2 | null | undefined;
  readonly enabled?: boolean | undefined;
}

/** A client secret of a {@link SeedApplication}; times are ISO 8601. */
export interface SeedSecret {
  readonly secretText: string;
  readonly displayName?: string | undefined;
  readonly startDateTime?: string | undefined;
  readonly endDateTime?: string | undefined;
}

/** A permission that an application offers: its value, or more of it. */
export type SeedAppRole =
  | string
  | { readonly id?: string | undefined; readonly value: string; readonly displayName?: string | undefined };

/**
 * Reads a seed.
 *
 * @param text JSON
 * @throws {CertgrantError} `SETTINGS_INVALID`, with the path of the value that is wrong
 */
export function parseSeed(text: string): Seed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new CertgrantError('SETTINGS_INVALID', 'read seed: it is not JSON', {
      fix: 'Check commas and quotes',
      cause,
    });
  }
  return checkSeed(value);
}

/** A seed that was not read here may still be anything. */
export function checkSeed(value: unknown): Seed {
  const at = objectAt(value, '');
  only(at, '', ['tenants', '$schema']);
  return { tenants: arrayAt(at, '', 'tenants').map((tenant, index) => seedTenant(tenant, `tenants[${index}]`)) };
}

function seedTenant(value: unknown, path: string): SeedTenant {
  const at = objectAt(value, path);
  only(at, path, ['id', 'name', 'domain', 'applications']);
  const applications = at.applications === undefined ? [] : arrayAt(at, path, 'applications');
  return {
    id: guidAt(at, path, 'id'),
    name: textAt(at, path, 'name'),
    domain: domainAt(at, path),
    applications: applications.map((each, index) => seedApplication(each, `${path}.applications[${index}]`)),
  };
}

/** An application of a seed; `path` says where it stands in it. */
export function seedApplication(value: unknown, path: string): SeedApplication {
  const at = objectAt(value, path);
  only(at, path, [
    'appId',
    'displayName',
    'certificates',
    'secrets',
    'permissions',
    'identifierUris',
    'appRoles',
    'requestedAccessTokenVersion',
    'enabled',
  ]);
  const displayName = textAt(at, path, 'displayName');
  if (displayName === undefined) throw invalid(below(path, 'displayName'), 'is missing', 'Name the application');
  return {
    appId: guidAt(at, path, 'appId'),
    displayName,
    certificates: textsAt(at, path, 'certificates'),
    secrets: secretsAt(at, path),
    permissions: textsAt(at, path, 'permissions'),
    identifierUris: textsAt(at, path, 'identifierUris'),
    appRoles: rolesAt(at, path),
    requestedAccessTokenVersion: versionAt(at, path),
    enabled: booleanAt(at, path, 'enabled'),
  };
}

type Members = Readonly<Record<string, unknown>>;

function objectAt(value: unknown, path: string): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw invalid(path || 'the whole of it', 'is not an object', 'Write { … } there');
}

function arrayAt(at: Members, path: string, name: string): readonly unknown[] {
  const value = at[name];
  if (Array.isArray(value)) return value;
  throw invalid(below(path, name), value === undefined ? 'is missing' : 'is not an array', 'Write [ … ] there');
}

function textAt(at: Members, path: string, name: string): string | undefined {
  const value = at[name];
  if (value === undefined || (typeof value === 'string' && value.trim() !== '')) return value;
  throw invalid(below(path, name), 'is not a text', 'Write a text in quotes there');
}

function textsAt(at: Members, path: string, name: string): readonly string[] | undefined {
  if (at[name] === undefined) return undefined;
  return arrayAt(at, path, name).map((value, index) => {
    if (typeof value === 'string' && value !== '') return value;
    throw invalid(`${below(path, name)}[${index}]`, 'is not a text', 'Write a text in quotes there');
  });
}

function booleanAt(at: Members, path: string, name: string): boolean | undefined {
  const value = at[name];
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalid(below(path, name), 'is neither true nor false', 'Write true or false, without quotes');
}

function guidAt(at: Members, path: string, name: string): string | undefined {
  const value = textAt(at, path, name);
  if (value === undefined || isGuid(value)) return value?.toLowerCase();
  throw invalid(below(path, name), 'is not a GUID', 'Write it as 8-4-4-4-12 hexadecimal digits, or leave it out');
}

function domainAt(at: Members, path: string): string | undefined {
  const value = textAt(at, path, 'domain');
  if (value === undefined || isDomain(value)) return value;
  throw invalid(below(path, 'domain'), 'is not a domain name', 'Write it as contoso.example');
}

function versionAt(at: Members, path: string): SeedApplication['requestedAccessTokenVersion'] {
  const value = at.requestedAccessTokenVersion;
  if (value === undefined || value === null || value === 1 || value === 2) return value;
  throw invalid(below(path, 'requestedAccessTokenVersion'), 'is neither 1 nor 2', 'Write 1, 2 or null');
}

function rolesAt(at: Members, path: string): readonly SeedAppRole[] | undefined {
  if (at.appRoles === undefined) return undefined;
  return arrayAt(at, path, 'appRoles').map((value, index) => {
    const place = `${below(path, 'appRoles')}[${index}]`;
    if (typeof value === 'string' && value !== '') return value;
    const role = objectAt(value, place);
    const name = textAt(role, place, 'value');
    if (name === undefined) throw invalid(`${place}.value`, 'is missing', 'Write the value that tokens carry');
    return { id: guidAt(role, place, 'id'), value: name, displayName: textAt(role, place, 'displayName') };
  });
}

function secretsAt(at: Members, path: string): SeedApplication['secrets'] {
  if (at.secrets === undefined) return undefined;
  return arrayAt(at, path, 'secrets').map((value, index) => {
    const place = `${below(path, 'secrets')}[${index}]`;
    if (typeof value === 'string' && value !== '') return value;
    const secret = objectAt(value, place);
    only(secret, place, ['secretText', 'displayName', 'startDateTime', 'endDateTime']);
    const secretText = textAt(secret, place, 'secretText');
    if (secretText === undefined) throw invalid(`${place}.secretText`, 'is missing', 'Write the secret there');
    return {
      secretText,
      displayName: textAt(secret, place, 'displayName'),
      startDateTime: timeAt(secret, place, 'startDateTime'),
      endDateTime: timeAt(secret, place, 'endDateTime'),
    };
  });
}

function timeAt(at: Members, path: string, name: string): string | undefined {
  const value = textAt(at, path, name);
  if (value === undefined || !Number.isNaN(Date.parse(value))) return value;
  throw invalid(below(path, name), 'is not a time', 'Write it as 2026-01-31T00:00:00Z');
}

/** A name that nobody knows is most likely one that was misspelt. */
function only(at: Members, path: string, known: readonly string[]): void {
  const foreign = Object.keys(at).find((name) => !known.includes(name));
  if (foreign === undefined) return;
  throw invalid(
    below(path, foreign),
    'is not a known name',
    `Known here: ${known.filter((name) => name !== '$schema').join(', ')}`,
  );
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

/** What is wrong with the seed, and where in it. */
export function invalid(path: string, fault: string, fix: string, cause?: unknown): CertgrantError {
  return new CertgrantError('SETTINGS_INVALID', `read seed: ${path} ${fault}`, { fix, cause });
}
