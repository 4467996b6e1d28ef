import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseSeed, startAuthority } from '../src/index.ts';
import { identity } from './support/identity.ts';

const folder = mkdtempSync(join(tmpdir(), 'certgrant-seed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const app = (application: object): string => JSON.stringify({ tenants: [{ applications: [application] }] });

describe('parseSeed', () => {
  it.each([
    ['{', 'it is not JSON'],
    ['[]', 'the whole of it is not an object'],
    ['{}', 'tenants is missing'],
    ['{"tenants":{}}', 'tenants is not an array'],
    ['{"tenants":[1]}', 'tenants[0] is not an object'],
    ['{"tenants":[],"tenant":1}', 'tenant is not a known name'],
    ['{"tenants":[{"id":"x"}]}', 'tenants[0].id is not a GUID'],
    ['{"tenants":[{"domain":"x"}]}', 'tenants[0].domain is not a domain name'],
    ['{"tenants":[{"name":""}]}', 'tenants[0].name is not a text'],
    ['{"tenants":[{},{"applications":3}]}', 'tenants[1].applications is not an array'],
    [app({}), 'tenants[0].applications[0].displayName is missing'],
    [app({ displayName: 1 }), 'tenants[0].applications[0].displayName is not a text'],
    [app({ displayName: 'a', certificates: [1] }), 'tenants[0].applications[0].certificates[0] is not a text'],
    [app({ displayName: 'a', secrets: 's' }), 'tenants[0].applications[0].secrets is not an array'],
    [app({ displayName: 'a', secrets: [''] }), 'tenants[0].applications[0].secrets[0] is not an object'],
    [app({ displayName: 'a', secrets: [{}] }), 'tenants[0].applications[0].secrets[0].secretText is missing'],
    [
      app({ displayName: 'a', secrets: [{ secretText: 's', endDateTime: 'soon' }] }),
      'tenants[0].applications[0].secrets[0].endDateTime is not a time',
    ],
    [app({ displayName: 'a', permisions: [] }), 'tenants[0].applications[0].permisions is not a known name'],
    [app({ displayName: 'a', enabled: 'no' }), 'tenants[0].applications[0].enabled is neither true nor false'],
    [app({ displayName: 'a', requestedAccessTokenVersion: 3 }), '.requestedAccessTokenVersion is neither 1 nor 2'],
    [app({ displayName: 'a', appRoles: [{}] }), 'tenants[0].applications[0].appRoles[0].value is missing'],
  ])('says of %s: %s', (text, fault) => {
    expect(() => parseSeed(text)).toThrow(
      expect.objectContaining({
        code: 'SETTINGS_INVALID',
        message: expect.stringContaining(fault),
        fix: expect.any(String),
      }),
    );
  });
});

describe('startAuthority with a seed', () => {
  it('makes its tenants and applications, and makes them again on reset', async () => {
    const { certificate } = await identity();
    writeFileSync(join(folder, 'daemon.cer'), certificate.der);
    const tenantId = '11111111-2222-3333-4444-555555555555';
    const appId = '0f8fad5b-d9cb-469f-a165-70867728950e';
    const seed = {
      tenants: [
        {
          id: tenantId,
          name: 'Contoso',
          domain: 'contoso.example',
          applications: [
            {
              appId,
              displayName: 'daemon',
              certificates: ['daemon.cer'],
              permissions: ['User.Read.All', 'api://orders/Read'],
            },
            { displayName: 'orders', identifierUris: ['api://orders'], appRoles: ['Read'], enabled: false },
          ],
        },
      ],
    };
    const authority = await startAuthority({ seed: JSON.stringify(seed), seedFolder: folder });
    try {
      expect(authority.tenantId).toBe(tenantId);
      // The id of the seed is taken, and free again for nobody after a reset.
      for (let round = 0; round < 2; round++) {
        await expect(authority.register({ appId })).rejects.toMatchObject({ code: 'SETTINGS_INVALID' });
        const { appId: other } = await authority.register({ displayName: 'other', permissions: ['api://orders/Read'] });
        await authority.reset();
        await authority.register({ appId: other });
        await authority.reset();
      }
    } finally {
      await authority.close();
    }
  });

  it.each([
    [
      { displayName: 'a', certificates: ['missing.cer'] },
      'tenants[0].applications[0].certificates[0] (missing.cer) cannot be read',
    ],
    [{ displayName: 'a', permissions: ['User.Raed.All'] }, 'Microsoft Graph has no permission User.Raed.All'],
    [{ displayName: 'a', permissions: ['api://x/Read'] }, 'there is no API api://x'],
  ])('says what cannot be made: %o', async (application, fault) => {
    await expect(startAuthority({ seed: app(application), seedFolder: folder })).rejects.toMatchObject({
      code: 'SETTINGS_INVALID',
      message: expect.stringContaining(fault),
    });
  });
});
