import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readInputFile, writeFileAtomically } from '../../src/node/files.ts';
import { bundle } from './support/bundle.ts';

let folder: string;
const file = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certgrant-files-'));
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

describe('readInputFile', () => {
  test.each([1, 4095, 4096, 4097, 4 * 1024 * 1024])('reads %i bytes', async (length) => {
    const bytes = new Uint8Array(length).fill(7);
    bytes[length - 1] = 8;
    writeFileSync(file('a'), bytes);
    expect(Buffer.compare(await readInputFile(file('a')), bytes)).toBe(0);
  });

  test('reads a pipe, as a shell gives it for <(…)', async () => {
    execFileSync('mkfifo', [file('pipe')]);
    const writing = spawn('sh', ['-c', `printf one > '${file('pipe')}'`]);
    const written = new Promise((resolve) => writing.on('close', resolve));
    expect(Buffer.from(await readInputFile(file('pipe'))).toString()).toBe('one');
    await written;
  });

  test('reads a file whose size the system does not know', async () => {
    expect((await readInputFile('/proc/self/status')).length).toBeGreaterThan(100);
  });

  test.each<[string, string, () => string]>([
    ['FILE_NOT_FOUND', 'there is no such file', () => file('none')],
    ['FILE_NOT_FOUND', 'not a folder', () => after(writeFileSync(file('a'), 'x'), file('a/b'))],
    ['FILE_IS_DIRECTORY', 'it is a folder', () => folder],
    ['FILE_EMPTY', 'it is empty', () => after(writeFileSync(file('a'), ''), file('a'))],
    [
      'FILE_TOO_LARGE',
      'longer than 4 MB',
      () => after(writeFileSync(file('a'), Buffer.alloc(4 * 1024 * 1024 + 1)), file('a')),
    ],
    ['FILE_TOO_LARGE', 'longer than 4 MB', () => '/dev/zero'],
    ['FILE_EMPTY', 'it is empty', () => '/dev/null'],
    ['FILE_NOT_READABLE', 'links lead in a circle', () => after(symlinkSync('a', file('a')), file('a'))],
  ])('fails with %s, %s', async (code, message, make) => {
    const path = make();
    await expect(readInputFile(path)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(new RegExp(`^read ${path}: .*${message}`)),
      fix: expect.stringMatching(/^[A-Z].*[^.]$/),
    });
  });

  test('fails with FILE_NOT_READABLE without the permission', () => {
    writeFileSync(file('key.pem'), 's3cret', { mode: 0o000 });
    chmodSync(folder, 0o755);
    const code = `
      import { readInputFile } from '${new URL('../../src/node/files.ts', import.meta.url).pathname}';
      readInputFile(process.argv[2]).catch((error) => console.log(error.code, error.message));`;
    const result = asNobody([bundle(code, folder), file('key.pem')]);
    expect(result).toBe(`FILE_NOT_READABLE read ${file('key.pem')}: permission denied\n`);
  });
});

describe('writeFileAtomically', () => {
  const bytes = new TextEncoder().encode('new');
  const content = (name: string): string => readFileSync(file(name), 'utf8');

  test.each([0o600, 0o644])('makes a file with mode %o and leaves nothing else', async (mode) => {
    await writeFileAtomically(file('a'), bytes, { mode, overwrite: false });
    expect(content('a')).toBe('new');
    expect(statSync(file('a')).mode & 0o777).toBe(mode & ~process.umask());
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('replaces a file only when it may, and then its permissions too', async () => {
    writeFileSync(file('a'), 'old', { mode: 0o644 });
    await expect(writeFileAtomically(file('a'), bytes, { mode: 0o600, overwrite: false })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
      message: `write ${file('a')}: there is such a file already`,
    });
    expect(content('a')).toBe('old');
    await writeFileAtomically(file('a'), bytes, { mode: 0o600, overwrite: true });
    expect(content('a')).toBe('new');
    expect(statSync(file('a')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['a']);
  });

  test('takes a name once when many want it', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => writeFileAtomically(file('a'), bytes, { mode: 0o600, overwrite: false })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('replaces a symbolic link, not what it points to', async () => {
    writeFileSync(file('target'), 'old');
    symlinkSync('target', file('link'));
    await expect(writeFileAtomically(file('link'), bytes, { mode: 0o600, overwrite: false })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    await writeFileAtomically(file('link'), bytes, { mode: 0o600, overwrite: true });
    expect([content('target'), content('link')]).toEqual(['old', 'new']);
  });

  test('does not write through a dangling link', async () => {
    symlinkSync('nowhere', file('link'));
    await expect(writeFileAtomically(file('link'), bytes, { mode: 0o600, overwrite: false })).rejects.toMatchObject({
      code: 'FILE_EXISTS',
    });
    expect(existsSync(file('nowhere'))).toBe(false);
  });

  test.each<[string, string, () => string]>([
    ['FILE_NOT_WRITABLE', 'its folder does not exist', () => file('none/a')],
    ['FILE_NOT_WRITABLE', 'not a folder', () => after(writeFileSync(file('a'), ''), file('a/b'))],
    ['FILE_IS_DIRECTORY', 'it is a folder', () => after(mkdirSync(file('d')), file('d'))],
    ['FILE_NOT_WRITABLE', 'not a regular file', () => after(execFileSync('mkfifo', [file('pipe')]), file('pipe'))],
    ['FILE_NOT_WRITABLE', 'not a regular file', () => after(symlinkSync('/dev/null', file('null')), file('null'))],
    ['FILE_NOT_WRITABLE', 'the name is too long', () => file('x'.repeat(300))],
  ])('fails with %s, %s, and leaves nothing', async (code, message, make) => {
    const path = make();
    const before = readdirSync(folder);
    for (const overwrite of [true, false]) {
      await expect(writeFileAtomically(path, bytes, { mode: 0o600, overwrite })).rejects.toMatchObject({
        code,
        message: expect.stringContaining(message),
      });
    }
    expect(readdirSync(folder)).toEqual(before);
  });

  test('fails with FILE_NOT_WRITABLE in a folder of somebody else', () => {
    chmodSync(folder, 0o755);
    const result = asNobody([bundle(writer, folder), file('a')]);
    expect(result).toBe(`FILE_NOT_WRITABLE write ${file('a')}: permission denied\n`);
  });

  test('leaves the old file and nothing else when there is no room for the whole', () => {
    writeFileSync(file('a'), 'old');
    const script = bundle(writer, folder);
    const before = readdirSync(folder);
    // A limit of the shell on the length of files stops the write half way, as a full disk does.
    const limited = `trap '' XFSZ; ulimit -f 8; exec "$0" "$1" "$2" 1000000`;
    const { stdout, stderr } = spawnSync('sh', ['-c', limited, process.execPath, script, file('a')], {
      encoding: 'utf8',
    });
    expect(stdout + stderr).toBe(`FILE_NOT_WRITABLE write ${file('a')}: files may not be that long here\n`);
    expect(readdirSync(folder)).toEqual(before);
    expect(content('a')).toBe('old');
  });

  test('says that the disk is full', (context) => {
    const small = file('small');
    mkdirSync(small);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small]);
    if (mounted.status !== 0) {
      context.skip('a small disk cannot be mounted here');
      return;
    }
    try {
      writeFileSync(join(small, 'a'), 'old');
      const result = spawnSync(process.execPath, [bundle(writer, folder), join(small, 'a'), '1000000'], {
        encoding: 'utf8',
      });
      expect(result.stdout).toBe(`FILE_NOT_WRITABLE write ${join(small, 'a')}: the disk is full\n`);
      expect(readdirSync(small)).toEqual(['a']);
      expect(readFileSync(join(small, 'a'), 'utf8')).toBe('old');
    } finally {
      spawnSync('umount', [small]);
    }
  });
});

/** The path of what was made just before. */
function after(_made: unknown, path: string): string {
  return path;
}

const writer = `
  import { writeFileAtomically } from '${new URL('../../src/node/files.ts', import.meta.url).pathname}';
  const [, , path, length = '3'] = process.argv;
  writeFileAtomically(path, new Uint8Array(Number(length)), { mode: 0o600, overwrite: true })
    .catch((error) => console.log(error.code, error.message));`;

/** Runs Node without the rights of root, whom no permission stops. */
function asNobody(args: readonly string[]): string {
  const identity = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const { stdout, stderr } = spawnSync(process.execPath, args, { ...identity, encoding: 'utf8', cwd: '/' });
  return stdout + stderr;
}
