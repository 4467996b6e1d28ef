import { platformWith } from '@certgrant/core';
import { describe, expect, it } from 'vitest';
import { isSecretOf, newPasswordCredential } from '../../src/directory/password-credential.ts';
import { testAuthority } from '../support/authority.ts';

const platform = platformWith({ now: () => Date.parse('2026-02-03T04:05:06Z') });

describe('newPasswordCredential', () => {
  it('makes a random secret in the form of Entra ID, good for two years from now', () => {
    const { credential, secretText } = newPasswordCredential({}, platform);
    expect(secretText).toMatch(/^[\w.]{3}8Q~[\w.]{34}$/);
    expect(newPasswordCredential({}, platform).secretText).not.toBe(secretText);
    expect(credential).toEqual({
      keyId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      displayName: null,
      hint: secretText.slice(0, 3),
      startDateTime: '2026-02-03T04:05:06.000Z',
      endDateTime: '2028-02-03T04:05:06.000Z',
      secretHash: expect.any(String),
    });
  });

  it('keeps of the secret only a hash with a salt of its own', () => {
    const [first, second] = [1, 2].map(() => newPasswordCredential({ secretText: 'one of my own' }, platform));
    expect(JSON.stringify(first?.credential)).not.toContain('one of my');
    expect(first?.credential.secretHash).not.toBe(second?.credential.secretHash);
  });

  it('takes the name and the times that are given', () => {
    const details = { displayName: 'ci', startDateTime: '2025-01-01T01:00:00+01:00', endDateTime: '2025-06-01' };
    expect(newPasswordCredential(details, platform).credential).toMatchObject({
      displayName: 'ci',
      startDateTime: '2025-01-01T00:00:00.000Z',
      endDateTime: '2025-06-01T00:00:00.000Z',
    });
  });

  it.each([
    [{ endDateTime: 'soon' }, 'a time is not an ISO 8601 date'],
    [{ secretText: '' }, 'it is empty'],
  ])('refuses %o', (details, fault) => {
    expect(() => newPasswordCredential(details, platform)).toThrow(new RangeError(`make client secret: ${fault}`));
  });
});

describe('isSecretOf', () => {
  it.each(['', 'a', 'one of my ow', 'one of my own ', 'One of my own', 'one of my own'])('of %j', (text) => {
    const { credential } = newPasswordCredential({ secretText: 'one of my own' }, platform);
    expect(isSecretOf(credential, text)).toBe(text === 'one of my own');
  });

  it('knows no secret of a credential whose hash is damaged', () => {
    const { credential } = newPasswordCredential({ secretText: 's' }, platform);
    for (const secretHash of ['', '.', 'x.', credential.secretHash.slice(0, -3)]) {
      expect(isSecretOf({ ...credential, secretHash }, 's')).toBe(false);
    }
  });
});

describe('register', () => {
  it('tells the first secret, and keeps the hash of each', async () => {
    const authority = await testAuthority();
    const { secret = '', objectId } = await authority.register({ secret: true, secrets: ['b', { secretText: 'c' }] });
    const { directory } = authority.services;
    const kept = (await directory.get('applications', authority.tenantId, objectId))?.passwordCredentials ?? [];
    const matching = [secret, 'b', 'c'].map((text) => kept.findIndex((credential) => isSecretOf(credential, text)));
    expect(matching).toEqual([0, 1, 2]);
    expect(JSON.stringify(kept)).not.toContain(secret);
  });

  it('tells no secret where none is registered', async () => {
    expect(await (await testAuthority()).register({})).toMatchObject({ secret: undefined });
  });
});
