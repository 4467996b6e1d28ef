import { CertgrantError } from '../errors.ts';
import { randomUuid } from '../platform.ts';
import type { GraphClient, GraphObject } from './graph-client.ts';
import type { KeyCredential } from './key-credential.ts';
import { type KeyHolder, pathOf } from './key-holder.ts';
import { pause } from './pause.ts';
import { listKeys, type RegisteredKey } from './registered-key.ts';

/** How the keys of an application or a service principal are changed. */
export interface ReplaceKeyCredentialsOptions {
  /** Certificates to add. */
  readonly add?: readonly KeyCredential[] | undefined;
  /**
   * Which of the present keys to leave out, asked with the keys as they are at that moment; what it throws ends the
   * change before anything is written. By default all are kept.
   */
  readonly remove?: ((key: RegisteredKey, all: readonly RegisteredKey[]) => boolean) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits before each look at what was written, in milliseconds. The first is longer than another writer needs between
 * its reading and its writing, so that of two writers at least one sees what the other did; the later ones are for
 * replicas that are behind.
 */
const waitsBeforeCheck = [2000, 2000, 4000, 8000] as const;

/**
 * Changes the key credentials with an access token that may, without any proof. Graph replaces the whole collection by
 * what is sent, and has no condition to write under: so the keys are read, the others sent along, and read again
 * afterwards to see that nothing was lost. Where a proof can be made, {@link addKey} and {@link removeKey} are safer:
 * they touch one key.
 *
 * @param client with an access token that has Application.ReadWrite.All, or Application.ReadWrite.OwnedBy as an owner
 * @returns the keys as they are afterwards
 * @throws {CertgrantError} `KEYS_CHANGED` when somebody else wrote meanwhile and what is registered is not what was
 * asked for; `KEY_UNSUITABLE` when a key that is to stay cannot be sent along; what the network does
 * @throws {GraphError} when Graph refuses
 * @example
 * await replaceKeyCredentials(graph, holder, { add: [await keyCredentialOf(certificate)] });
 */
export async function replaceKeyCredentials(
  client: GraphClient,
  holder: KeyHolder,
  { add = [], remove = () => false, signal }: ReplaceKeyCredentialsOptions,
): Promise<readonly RegisteredKey[]> {
  const action = 'write keys';
  // Ids of our own, by which the new keys are found again.
  const added = add.map((key) => ({ ...key, keyId: randomUuid(client.platform) }));
  let kept: readonly RegisteredKey[] = [];
  let removed: readonly RegisteredKey[] = [];
  const body = async (): Promise<GraphObject> => {
    const present = await listKeys(client, holder, { signal });
    removed = present.filter((key) => remove(key, present));
    kept = present.filter((key) => !removed.includes(key));
    for (const key of kept) requireWhole(key, action);
    return { keyCredentials: [...kept.map(({ entry }) => entry), ...added] };
  };
  const permission = 'Application.ReadWrite.All';
  await client.patch(pathOf(holder, action), body, { action, permission, signal });

  const expected = [...kept, ...added].map(({ keyId }) => keyId);
  let lost: readonly string[] = [];
  let back: readonly string[] = [];
  for (const wait of waitsBeforeCheck) {
    await pause(client.platform, wait, { action, signal });
    const keys = await listKeys(client, holder, { signal });
    const ids = new Set(keys.map(({ keyId }) => keyId));
    lost = expected.filter((keyId) => !ids.has(keyId));
    back = removed.map(({ keyId }) => keyId).filter((keyId) => ids.has(keyId));
    if (lost.length + back.length === 0) return keys;
  }
  throw changed(action, lost, back);
}

/** The private half of a SAML signing key never leaves Graph; sent along without it, the key may be lost. */
function requireWhole({ keyId, der, type, usage }: RegisteredKey, action: string): void {
  if (der !== undefined && type === 'AsymmetricX509Cert' && usage === 'Verify') return;
  throw new CertgrantError(
    'KEY_UNSUITABLE',
    `${action}: key ${keyId} (${type}, ${usage}) cannot be sent along, and would be lost`,
    { fix: 'Add and remove by proof of possession, which touches no other key' },
  );
}

function changed(action: string, lost: readonly string[], back: readonly string[]): CertgrantError {
  const parts = [
    ...(lost.length > 0 ? [`${lost.join(', ')} not there`] : []),
    ...(back.length > 0 ? [`${back.join(', ')} still there`] : []),
  ];
  return new CertgrantError('KEYS_CHANGED', `${action}: somebody else wrote at the same time: ${parts.join('; ')}`, {
    fix: 'Look at the keys that are there now, agree who changes them, and do it again',
  });
}
