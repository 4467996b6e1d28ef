import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemPlatform } from '@certgrant/core';
import { describe, expect, test } from 'vitest';
import { takeLock } from '../../src/rotation/lock.ts';
import { temporaryFolder } from '../support/folder.ts';

function place(): string {
  return join(temporaryFolder(), 'daemon.pem.rotation.lock');
}

function leave(path: string, holder: object): void {
  writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname(), id: 'x', ...holder }));
}

describe('takeLock', () => {
  test('takeLock refuses what is held, and gives it again when it was given back', async () => {
    const path = place();
    const unlock = await takeLock(path, systemPlatform);
    await expect(takeLock(path, systemPlatform)).rejects.toThrow(
      expect.objectContaining({
        code: 'DATA_IN_USE',
        message: `rotate: process ${process.pid} is at work on this key file`,
      }),
    );
    unlock();
    (await takeLock(path, systemPlatform))();
    expect(existsSync(path)).toBe(false);
  });

  test('takeLock takes over from a process that is gone, and leaves nothing else behind', async () => {
    const path = place();
    const { pid } = spawnSync(process.execPath, ['--version']);
    leave(path, { pid });
    const unlock = await takeLock(path, systemPlatform);
    expect(JSON.parse(readFileSync(path, 'utf8')).pid).toBe(process.pid);
    expect(readdirSync(join(path, '..'))).toEqual(['daemon.pem.rotation.lock']);
    unlock();
  });

  test('takeLock takes over from an earlier process that had the same number', async () => {
    const path = place();
    leave(path, { born: '1' });
    (await takeLock(path, systemPlatform))();
  });

  test('takeLock takes over where the process was killed while it took over', async () => {
    const path = place();
    const { pid } = spawnSync(process.execPath, ['--version']);
    leave(path, { pid });
    leave(`${path}.broken`, { pid });
    (await takeLock(path, systemPlatform))();
    expect(readdirSync(join(path, '..'))).toEqual([]);
  });

  test.each([
    ['of another machine', JSON.stringify({ pid: 1, host: 'elsewhere', id: 'x' }), 'process 1 on elsewhere'],
    ['that it cannot read', 'not a lock', 'another process'],
  ])('takeLock leaves a lock %s alone and says how to get rid of it', async (_, content, who) => {
    const path = place();
    writeFileSync(path, content);
    await expect(takeLock(path, systemPlatform)).rejects.toThrow(
      expect.objectContaining({
        message: `rotate: ${who} is at work on this key file`,
        fix: expect.stringContaining(`remove ${path}`),
      }),
    );
    expect(readFileSync(path, 'utf8')).toBe(content);
  });
});
