import { CertgrantError } from '@certgrant/core';
import type { Step } from '../engine.ts';
import type { RotationState } from '../state.ts';
import type { World } from '../world.ts';
import { changedFile } from './conflict.ts';

/**
 * Nothing is begun with a certificate that does not work: a wrong clock, a wrong id or an expired certificate show here. It also
 * finds out what the other steps need: the object id, and the key id of the old key.
 */
export const checkCurrent: Step<World> = {
  name: 'check',
  summary: 'get a token with the current certificate',
  done: ({ checkedAt }) => checkedAt !== undefined,
  async run(state, { files, server, settings, now }) {
    const current = await files.current();
    if (current.thumbprint !== state.old.thumbprint) throw changedFile(state.files.current);
    await server.requestToken(current.credential);
    const objectId = settings.objectId ?? state.objectId ?? (await server.findObjectId(current.credential));
    if (objectId === undefined) throw withoutObjectId();
    const keys = await server.listKeys(objectId, current.credential);
    const keyId = keys === undefined ? (state.old.keyId ?? settings.keyId) : registered(keys, state);
    if (keyId === undefined) throw withoutKeyId();
    return { checkedAt: new Date(now()).toISOString(), objectId, old: { ...state.old, keyId } };
  },
};

function registered(
  keys: readonly { readonly keyId: string; readonly thumbprint: string | undefined }[],
  { old, files }: RotationState,
): string {
  const found = keys.find(({ thumbprint }) => thumbprint === old.thumbprint);
  if (found !== undefined) return found.keyId;
  throw new CertgrantError('CERTIFICATE_MISSING', `rotate: the application has no key for ${files.current}`, {
    fix: 'Check --object-id; a key of the service principal instead of the application is not rotated',
  });
}

function withoutObjectId(): CertgrantError {
  return new CertgrantError('USAGE', 'rotate: the application may not look up its own object id', {
    fix: 'Give --object-id ID: "Object ID" on the overview page of the app registration, not that of the enterprise application',
  });
}

function withoutKeyId(): CertgrantError {
  return new CertgrantError('USAGE', 'rotate: the application may not look up the id of its own key', {
    fix: 'Give --key-id ID: "Certificate ID" on the page of certificates of the app registration; later rotations know it',
  });
}
