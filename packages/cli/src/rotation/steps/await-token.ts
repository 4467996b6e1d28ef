import { CertgrantError, isCertgrantError } from '@certgrant/core';
import type { Step } from '../engine.ts';
import type { HeldKey, World } from '../world.ts';
import { changedFile, known } from './conflict.ts';

/** The first wait and the longest one, in milliseconds. */
const waits = { first: 500, longest: 15_000 };

/** Entra ID takes a minute or two until every server of it knows a new key; nothing else happens before it gets a token. */
export const awaitToken: Step<World> = {
  name: 'wait',
  summary: 'ask for a token with the new certificate until it is accepted',
  done: ({ acceptedAt }) => acceptedAt !== undefined,
  async run(state, world) {
    const next = known(await world.files.next(), 'next key file');
    if (next.thumbprint !== state.new.thumbprint) throw changedFile(state.files.next);
    await awaitAcceptance(next, world);
    return { acceptedAt: new Date(world.now()).toISOString() };
  },
};

/**
 * Resolves as soon as a key gets a token.
 *
 * @throws {CertgrantError} `TIMEOUT` when it did not within the time that it may take; any refusal that has nothing to do with the key
 */
export async function awaitAcceptance({ credential }: HeldKey, world: World): Promise<void> {
  const end = world.now() + world.settings.patience;
  for (let wait = waits.first; ; wait = Math.min(2 * wait, waits.longest)) {
    try {
      await world.server.requestToken(credential);
      return;
    } catch (thrown) {
      if (!mayPass(thrown)) throw thrown;
      if (world.now() + wait > end) throw notAccepted(thrown, world.settings.patience);
    }
    await world.delay(wait);
  }
}

/** An unknown key is `invalid_client` (RFC 6749 §5.2); servers that are busy or out of reach are as good as that here. */
function mayPass(thrown: unknown): boolean {
  if (!isCertgrantError(thrown)) return false;
  if (thrown.code === 'CONNECTION_FAILED' || thrown.code === 'TIMEOUT') return true;
  if ('error' in thrown && thrown.error === 'invalid_client') return true;
  const status = 'status' in thrown ? thrown.status : undefined;
  return typeof status === 'number' && (status === 429 || status >= 500);
}

function notAccepted(cause: unknown, patience: number): CertgrantError {
  const last = isCertgrantError(cause) ? `; the last answer: ${cause.message}` : '';
  const seconds = Math.round(patience / 1000);
  return new CertgrantError('TIMEOUT', `rotate: the new certificate got no token within ${seconds} seconds${last}`, {
    fix: 'Run the same command again: it goes on asking. The old certificate works as before; certgrant rotate undo takes the new one back',
    cause,
  });
}
