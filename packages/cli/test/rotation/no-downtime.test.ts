import { copyFileSync, readFileSync } from 'node:fs';
import { setTimeout as elapse } from 'node:timers/promises';
import { loadCredential, systemPlatform, TokenClient } from '@certgrant/core';
import { expect, test } from 'vitest';
import { hasty, keysOf, newDaemon, run, workshop } from '../support/rotation.ts';

const shop = workshop();
/** How many rotations follow one another, and how often the client asks, in milliseconds. */
const rotations = 100;
const interval = 50;
/** Longer than a request of the client may take: it may have read the file just before the switch. */
const overlap = 1;

test('a client that reads the key file and asks for a token every 50 ms never fails during a hundred rotations', {
  timeout: 600_000,
}, async () => {
  const daemon = await newDaemon(shop);
  const { tenantId: tenant, appId: clientId } = daemon.registered;
  const work = new AbortController();
  let asked = 0;
  const seen = new Set<string>();
  const client = (async () => {
    for (let due = performance.now(); !work.signal.aborted; due += interval) {
      await elapse(Math.max(0, due - performance.now()));
      const credential = await loadCredential(readFileSync(daemon.cert));
      const platform = { fetch: hasty(shop).fetch ?? systemPlatform.fetch };
      const authority = shop.authority.url;
      const tokens = new TokenClient({ tenant, clientId, authority, credential, attempts: 1, platform });
      await tokens.getToken({ scope: 'https://graph.microsoft.com/.default' });
      asked++;
      seen.add(credential.certificate.subject);
    }
  })();
  const rotating = (async () => {
    for (let rotation = 0; rotation < rotations; rotation++) {
      const from = shop.pems[2 + (rotation % 3)] ?? '';
      copyFileSync(from, `${daemon.folder}/new.pem`);
      const argv = daemon.argv.map((word) => (word === daemon.next ? `${daemon.folder}/new.pem` : word));
      // A tenth of a second: the client has its answer long before.
      const delay = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
        systemPlatform.delay(milliseconds <= overlap * 1000 ? milliseconds / 5 : milliseconds, signal);
      const { code, stderr } = await run(shop, [...argv, '--overlap', `${overlap}`], {
        platform: hasty(shop, { delay }),
      });
      expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    }
  })();
  await Promise.race([client, rotating]);
  work.abort();
  await Promise.all([client, rotating]);
  expect(seen.size).toBeGreaterThan(2);
  expect(asked).toBeGreaterThan(rotations);
  const { registered } = await keysOf(shop, daemon);
  expect(registered).toEqual(['CN=daemon-1', `CN=daemon-${2 + ((rotations - 1) % 3)}`].sort());
  console.log(`${rotations} rotations, ${asked} tokens, no failure`);
});
