import type { Signer } from '@certgrant/core';

interface Waiting {
  readonly data: Uint8Array;
  readonly resolve: (signature: Promise<Uint8Array<ArrayBuffer>>) => void;
}

/**
 * A signer for a server: what is wanted within one turn of the event loop is handed over together.
 *
 * A signer with a key in memory makes a lone signature in place and several on all cores. Requests that wait at the same
 * time still reach it one by one, each in a callback of its own, so that it would take every one of them for a lone one.
 */
export function batchingSigner({ alg, sign }: Signer): Signer {
  let waiting: Waiting[] = [];
  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    for (const { data, resolve } of batch) resolve(sign(data));
  };
  return {
    alg,
    sign: (data) =>
      new Promise((resolve) => {
        if (waiting.push({ data, resolve }) === 1) setImmediate(flush);
      }),
  };
}
