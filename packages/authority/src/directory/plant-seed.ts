import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Certificate, isCertgrantError, type Platform, randomUuid } from '@certgrant/core';
import { certificateFrom } from '../lib/certificate-input.ts';
import { invalid, type Seed, type SeedApplication, type SeedTenant } from '../seed.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { Put } from '../store/store.ts';
import { Directory } from './directory.ts';
import { asSettingsError, type Registration, register } from './register.ts';

/** People for a token to read. */
const people = [
  { givenName: 'Ada', surname: 'Marsh', jobTitle: 'Accountant' },
  { givenName: 'Bruno', surname: 'Okafor', jobTitle: 'Site engineer' },
  { givenName: 'Carla', surname: 'Lindqvist', jobTitle: 'Head of purchasing' },
];

/** Groups of them, by their given names. */
const groups = [
  { displayName: 'Everyone', description: 'All who work here', members: ['Ada', 'Bruno', 'Carla'] },
  { displayName: 'Purchasing', description: 'Orders and suppliers', members: ['Carla'] },
];

/** A seed whose ids are settled and whose files are read, so that it can be planted again and again. */
export interface ReadySeed {
  readonly tenants: readonly (Required<Pick<SeedTenant, 'id' | 'name' | 'domain'>> & {
    readonly id: string;
    readonly name: string;
    readonly domain: string;
    readonly applications: readonly ReadyApplication[];
  })[];
}

interface ReadyApplication {
  /** Where it stands in the seed. */
  readonly path: string;
  readonly registration: Registration;
}

/** Reads the certificates of a seed and gives an id to all that has none. */
export async function readySeed(seed: Seed, folder: string, platform: Platform): Promise<ReadySeed> {
  const files = new Map<string, Promise<Certificate>>();
  // Many applications may name one file.
  const read = (file: string): Promise<Certificate> => {
    const path = resolve(folder, file);
    const known = files.get(path) ?? readFile(path).then(certificateFrom);
    files.set(path, known);
    return known;
  };
  const tenants = seed.tenants.map(async (tenant, index) => {
    const applications = (tenant.applications ?? []).map((application, position) =>
      readyApplication(application, `tenants[${index}].applications[${position}]`, read, platform),
    );
    return {
      id: tenant.id ?? randomUuid(platform),
      name: tenant.name ?? 'Local directory',
      domain: tenant.domain ?? (index === 0 ? 'local.example' : `local${index + 1}.example`),
      applications: await Promise.all(applications),
    };
  });
  return { tenants: await Promise.all(tenants) };
}

async function readyApplication(
  application: SeedApplication,
  path: string,
  readCertificateFile: (file: string) => Promise<Certificate>,
  platform: Platform,
): Promise<ReadyApplication> {
  const { appId = randomUuid(platform), certificates = [], ...rest } = application;
  const read = certificates.map(async (file, index) => {
    try {
      return await readCertificateFile(file);
    } catch (cause) {
      const fault = isCertgrantError(cause) ? 'is not a certificate' : 'cannot be read';
      throw invalid(`${path}.certificates[${index}] (${file})`, fault, 'Name a certificate file, DER or PEM', cause);
    }
  });
  return { path, registration: { ...rest, appId, certificates: await Promise.all(read) } };
}

/**
 * All that a seed comes to, to be put into a store in one step: an authority that is killed meanwhile must not find half
 * of a seed when it is started again.
 */
export async function grownSeed(seed: ReadySeed, platform: Platform): Promise<readonly Put[]> {
  const store = new MemoryStore();
  await plantSeed(new Directory(store, platform), seed, platform);
  return store.everything();
}

/** Makes everything that the seed names, in an empty directory; APIs first, whose permissions others are granted. */
export async function plantSeed(directory: Directory, seed: ReadySeed, platform: Platform): Promise<void> {
  for (const { id, name, domain, applications } of seed.tenants) {
    await settled('tenants', () => directory.createTenant({ id, displayName: name, domain }));
    await plantPeople(directory, id, domain);
    const offers = ({ registration }: ReadyApplication): number => (registration.appRoles?.length ? 0 : 1);
    for (const { path, registration } of applications.toSorted((a, b) => offers(a) - offers(b))) {
      await settled(path, () => register(directory, id, registration, platform));
    }
  }
}

async function plantPeople(directory: Directory, tenantId: string, domain: string): Promise<void> {
  const ids = new Map<string, string>();
  for (const { givenName, surname, jobTitle } of people) {
    const mail = `${givenName}.${surname}@${domain}`.toLowerCase();
    const displayName = `${givenName} ${surname}`;
    const named = { displayName, givenName, surname, jobTitle, mail, userPrincipalName: mail };
    ids.set(givenName, (await directory.createUser({ tenantId, ...named })).id);
  }
  for (const { members, ...group } of groups) {
    const memberIds = members.map((name) => ids.get(name) ?? '');
    await directory.createGroup(tenantId, { ...group, mailNickname: group.displayName.toLowerCase() }, memberIds);
  }
}

async function settled<T>(path: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (thrown) {
    const cause = asSettingsError(thrown);
    if (!isCertgrantError(cause)) throw cause;
    throw invalid(path, `cannot be made: ${cause.message.replace(/^[^:]*: /, '')}`, cause.fix, cause);
  }
}
