import type { Fault } from '@certgrant/authority';
import { type Platform, systemPlatform } from '@certgrant/core';
import { describe, expect, test } from 'vitest';
import { hasty, keysOf, newDaemon, run, workshop } from '../support/rotation.ts';

const shop = workshop();
const after = { registered: ['CN=daemon-1', 'CN=daemon-2'], onDisk: 'CN=daemon-2' };

/** The requests of a rotation by what they are for, in their order. */
const requests = {
  'the first token': { step: 'check', url: /oauth2/ },
  'the list of keys': { step: 'check', url: /keyCredentials/ },
  'the list before adding': { step: 'add', url: /keyCredentials/ },
  addKey: { step: 'add', url: /addKey/ },
  'the token with the new certificate': { step: 'wait', url: /oauth2/ },
  'the last token': { step: 'remove', url: /oauth2/ },
  'the list before removing': { step: 'remove', url: /keyCredentials/ },
  removeKey: { step: 'remove', url: /removeKey/ },
} as const;

const passing: readonly Fault[] = [{ status: 429 }, { status: 429, retryAfter: 1 }, { status: 503 }, { drop: true }];
const graphRefusals: readonly Fault[] = [400, 401, 403, 404, 409, 500, 502, 504, 507].map((status) => ({ status }));
const tokenRefusals: readonly Fault[] = [{ status: 400 }, { status: 500 }, { aadsts: 700027 }, { aadsts: 50196 }];

/** The same for taking a rotation back while it overlaps. */
const requestsOfUndo = {
  'the token with the old certificate': { step: 'restore', url: /oauth2/ },
  'the list of keys': { step: 'withdraw', url: /keyCredentials/ },
  removeKey: { step: 'withdraw', url: /removeKey/ },
} as const;

interface AwaitedRequest {
  readonly step: string;
  readonly url: RegExp;
}

/** What passes is met once, which nobody notices, and until the command gives up; a refusal ends it at once. */
function casesOf(awaited: Readonly<Record<string, AwaitedRequest>>) {
  return Object.entries(awaited).flatMap(([name, request]) => {
    const isToken = request.url.source === 'oauth2';
    const target = isToken ? 'token' : 'graph';
    const faults: readonly Fault[] = [
      ...passing.flatMap((fault): readonly Fault[] => [fault, { ...fault, times: 'always' }]),
      ...(isToken ? tokenRefusals : graphRefusals),
    ];
    return faults.map((fault) => [name, JSON.stringify(fault), request, { ...fault, target } as Fault] as const);
  });
}

/** Orders the fault right before the first such request of that step. */
async function meeting(argv: readonly string[], { step, url }: AwaitedRequest, fault: Fault) {
  let begun = false;
  let ordered = false;
  const fetch: Platform['fetch'] = (input, init) => {
    if (begun && !ordered && url.test(input)) {
      shop.authority.faults.add(fault);
      ordered = true;
    }
    return shop.fetch(input, init);
  };
  const onStderr = (text: string): void => {
    begun ||= text.startsWith(`${step} `);
  };
  const outcome = await run(shop, argv, { platform: hasty(shop, { fetch }), onStderr });
  shop.authority.faults.clear();
  expect(ordered).toBe(true);
  return outcome;
}

describe('rotate', () => {
  test.each(casesOf(requests))(
    'rotate ends well by the same command when %s meets %s',
    async (_, __, request, fault) => {
      const daemon = await newDaemon(shop);
      const argv = [...daemon.argv, '--overlap', '0', '--wait', '2s'];
      const { code, stderr } = await meeting(argv, request, fault);
      expect([0, 1, 2]).toContain(code);
      if (code !== 0) {
        expect(stderr).toMatch(/^error: .+\n(cause: .+\n|other .+\n)*hint: .+$/m);
        const { registered } = await keysOf(shop, daemon);
        expect(registered).toContain('CN=daemon-1');
        expect((await run(shop, [...daemon.argv, '--overlap', '0'])).stderr).not.toContain('error:');
      }
      expect(await keysOf(shop, daemon)).toEqual(after);
    },
  );

  test.each([
    ['addKey', [], false],
    ['addKey', ['Application.Read.All'], false],
    ['removeKey', [], false],
    ['removeKey', ['Application.Read.All'], false],
    ['addKey', [], true],
    ['removeKey', [], true],
  ] as const)(
    'rotate finds out what became of %s whose answer was lost, with the permissions %j',
    async (call, permissions, hangs) => {
      const daemon = await newDaemon(shop, { permissions });
      let lost = 0;
      const fetch: Platform['fetch'] = async (url, init) => {
        const response = await shop.fetch(url, init);
        if (!url.endsWith(call)) return response;
        lost++;
        if (!hangs) throw new TypeError('fetch failed');
        return new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
      };
      const argv = [...daemon.argv, '--overlap', '0'];
      // Nobody waits half a minute for the time limit of a request here.
      const delay: Platform['delay'] = (wait, signal) => systemPlatform.delay(Math.min(wait, 3000), signal);
      const { code, stderr } = await run(shop, argv, { platform: hasty(shop, { fetch, delay }) });
      expect([code, lost]).toEqual([1, 1]);
      if (call === 'removeKey') {
        const undo = await run(shop, ['rotate', 'undo', '--cert', daemon.cert]);
        expect([undo.code, undo.stderr]).toEqual([
          1,
          expect.stringContaining('is removed from the application already'),
        ]);
      }
      expect(stderr).toContain(hangs ? 'did not answer within' : 'connection');
      expect((await run(shop, argv)).code).toBe(0);
      expect(await keysOf(shop, daemon)).toEqual(after);
    },
  );

  test('rotate takes no wrong key id for a key that is removed already', async () => {
    const daemon = await newDaemon(shop);
    const { keyId = '' } = daemon.registered;
    const wrong = daemon.argv.map((word) => (word === keyId ? '11111111-2222-4333-8444-555555555555' : word));
    for (const _ of [1, 2]) {
      const { code, stderr } = await run(shop, [...wrong, '--overlap', '0']);
      expect(code).toBe(1);
      expect(stderr).toContain('remove key: Graph answered 400');
    }
    expect((await keysOf(shop, daemon)).registered).toEqual(['CN=daemon-0', 'CN=daemon-1', 'CN=daemon-2']);
  });

  test.each([3_600_000, -3_600_000])('rotate does nothing when the clock is wrong by %i ms', async (wrong) => {
    const daemon = await newDaemon(shop);
    const platform = hasty(shop, { now: () => Date.now() + wrong });
    const { code, stderr } = await run(shop, [...daemon.argv, '--overlap', '0'], { platform });
    expect(code).toBe(1);
    expect(stderr).toContain('AADSTS700024');
    expect(await keysOf(shop, daemon)).toEqual({ registered: ['CN=daemon-0', 'CN=daemon-1'], onDisk: 'CN=daemon-0' });
    expect((await run(shop, [...daemon.argv, '--overlap', '0'])).code).toBe(0);
    expect(await keysOf(shop, daemon)).toEqual(after);
  });

  test.each([7_200_000, -3_600_000])(
    'rotate loses nothing when the clock is wrong by %i ms in the overlap',
    async (wrong) => {
      const daemon = await newDaemon(shop);
      expect((await run(shop, daemon.argv)).stdout).toContain('Waiting: the old key stays registered until');
      const platform = hasty(shop, { now: () => Date.now() + wrong });
      const { code } = await run(shop, daemon.argv, { platform });
      expect(code).toBe(wrong > 0 ? 1 : 0);
      const { registered } = await keysOf(shop, daemon);
      expect(registered).toEqual(['CN=daemon-0', 'CN=daemon-1', 'CN=daemon-2']);
      expect((await run(shop, [...daemon.argv, '--overlap', '0'])).code).toBe(0);
      expect(await keysOf(shop, daemon)).toEqual(after);
    },
  );
});

describe('rotate undo', () => {
  test.each(casesOf(requestsOfUndo))(
    'rotate undo ends well by the same command when %s meets %s',
    async (_, __, request, fault) => {
      const daemon = await newDaemon(shop);
      expect((await run(shop, daemon.argv)).stdout).toContain('Waiting: the old key stays registered until');
      const undo = ['rotate', 'undo', '--cert', daemon.cert];
      const { code, stderr } = await meeting(undo, request, fault);
      expect([0, 1]).toContain(code);
      if (code !== 0) {
        expect(stderr).toMatch(/^error: .+\n(cause: .+\n|other .+\n)*hint: .+$/m);
        expect((await keysOf(shop, daemon)).registered).toContain('CN=daemon-0');
        expect((await run(shop, undo)).stderr).not.toContain('error:');
      }
      expect(await keysOf(shop, daemon)).toEqual({ registered: ['CN=daemon-0', 'CN=daemon-1'], onDisk: 'CN=daemon-0' });
    },
  );
});
