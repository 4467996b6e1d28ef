import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { keysOf, newDaemon, run, workshop } from '../support/rotation.ts';

const shop = workshop();
/** Of the file system, in bytes: the least that a file takes. */
const page = 4096;

test('rotate says that the disk is full, at any moment, and goes on when there is room again', async (context) => {
  const small = join(temporaryFolder(), 'small');
  mkdirSync(small);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${16 * page}`, 'tmpfs', small]);
  if (mounted.status !== 0) {
    context.skip('a small disk cannot be mounted here');
    return;
  }
  try {
    const failed = new Set<string>();
    for (let free = 0; free < 10; free++) {
      for (const name of readdirSync(small)) rmSync(join(small, name));
      const daemon = await newDaemon(shop, { folder: small });
      const before = readFileSync(daemon.cert, 'utf8');
      fill(join(small, 'ballast'), free);
      const argv = [...daemon.argv, '--overlap', '0'];
      const { code, stderr } = await run(shop, argv);
      if (code !== 0) {
        expect(stderr).toContain('the disk is full');
        expect([before, readFileSync(daemon.next, 'utf8')]).toContain(readFileSync(daemon.cert, 'utf8'));
        failed.add(stderr.split(' ', 1)[0] ?? '');
      }
      rmSync(join(small, 'ballast'));
      expect((await run(shop, code === 0 ? ['rotate', 'status', '--cert', daemon.cert] : argv)).code).toBe(0);
      expect(await keysOf(shop, daemon)).toEqual({ registered: ['CN=daemon-1', 'CN=daemon-2'], onDisk: 'CN=daemon-2' });
    }
    expect(failed.size).toBeGreaterThan(0);
  } finally {
    spawnSync('umount', [small]);
  }
});

/** Fills the disk but for so many pages. */
function fill(path: string, free: number): void {
  let length = 16 * page;
  for (; ; length -= page) {
    try {
      writeFileSync(path, new Uint8Array(Math.max(0, length)));
      break;
    } catch {
      rmSync(path, { force: true });
    }
  }
  writeFileSync(path, new Uint8Array(Math.max(0, length - free * page)));
}
