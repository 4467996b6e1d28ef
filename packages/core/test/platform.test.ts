import { randomUuid, systemPlatform } from '@certgrant/core';
import { expect, it } from 'vitest';

it('randomUuid writes a version 4 UUID', () => {
  expect(randomUuid(systemPlatform)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

it('systemPlatform.delay rejects with the reason of an abort', async () => {
  const controller = new AbortController();
  const delay = systemPlatform.delay(60_000, controller.signal);
  controller.abort(new Error('stopped'));
  await expect(delay).rejects.toThrow('stopped');
});
