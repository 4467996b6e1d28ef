import { platformWith } from '@certgrant/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { Directory } from '../../src/directory/directory.ts';
import { plantSeed, readySeed } from '../../src/directory/plant-seed.ts';
import { type Registered, register } from '../../src/directory/register.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';

const delay = 60_000;
const tenantId = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const credential = (keyId: string) => ({
  keyId,
  displayName: null,
  hint: 'abc',
  startDateTime: '2026-01-01T00:00:00Z',
  endDateTime: '2027-01-01T00:00:00Z',
  secretHash: '',
});

let now: number;
let store: MemoryStore;
let directory: Directory;
let app: Registered;

const platform = platformWith({ now: () => now });

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  store = new MemoryStore();
  directory = new Directory(store, platform, delay);
  await plantSeed(directory, await readySeed({ tenants: [{ id: tenantId }] }, '.', platform), platform);
  app = await register(directory, tenantId, {}, platform);
});

async function change(...keyIds: string[]): Promise<void> {
  const passwordCredentials = keyIds.map(credential);
  await directory.updateApplication(tenantId, app.objectId, (application) => ({ ...application, passwordCredentials }));
}

/** What the token endpoint goes by. */
async function seen(from: Directory = directory): Promise<readonly string[] | undefined> {
  const client = await from.client(tenantId, app.appId);
  return client?.application.passwordCredentials.map(({ keyId }) => keyId);
}

describe('A key propagation delay', () => {
  it('keeps a change from the token endpoint until it is over, and from nobody else', async () => {
    await change('a');
    const application = await directory.get('applications', tenantId, app.objectId);
    expect(application?.passwordCredentials.map(({ keyId }) => keyId)).toEqual(['a']);
    expect(await seen()).toEqual([]);
    now += delay - 1;
    expect(await seen()).toEqual([]);
    now += 1;
    expect(await seen()).toEqual(['a']);
  });

  it('counts from each of several changes', async () => {
    await change('a');
    now += delay / 2;
    await change('a', 'b');
    now += delay / 4;
    await change('b');
    expect(await seen()).toEqual([]);
    now += delay / 4;
    expect(await seen()).toEqual(['a']);
    now += delay / 2;
    expect(await seen()).toEqual(['a', 'b']);
    now += delay / 4;
    expect(await seen()).toEqual(['b']);
    await directory.updateApplication(tenantId, app.objectId, (each) => ({ ...each, displayName: 'renamed' }));
    // Nothing of what is over stays with the application.
    expect(await directory.get('applications', tenantId, app.objectId)).not.toHaveProperty('credentialsBefore');
  });

  it('goes on after a restart, and holds for service principals and no other change', async () => {
    await change('a');
    await directory.updateServicePrincipal(tenantId, app.servicePrincipalId, () => ({
      passwordCredentials: [credential('c')],
      accountEnabled: false,
    }));
    const restarted = new Directory(store, platform, delay);
    expect(await seen(restarted)).toEqual([]);
    expect((await restarted.client(tenantId, app.appId))?.servicePrincipal.accountEnabled).toBe(false);
    now += delay;
    expect(await seen(restarted)).toEqual(['a', 'c']);
  });

  it('is none unless it is asked for', async () => {
    directory = new Directory(store, platform);
    await change('a');
    expect(await seen()).toEqual(['a']);
    expect(await directory.get('applications', tenantId, app.objectId)).not.toHaveProperty('credentialsBefore');
  });
});
