import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { shellWord } from '../src/output/trust.ts';
import { bundledCommandLine } from './support/bundle.ts';
import { keyFiles, password } from './support/credentials.ts';

/** The command line as a process of its own: what the tests in this process stand in for is real here. */
const files = keyFiles();
const { bin, folder } = bundledCommandLine();
const identity = ['--tenant', 'contoso.com', '--client-id', '6731de76-14a6-49ae-97bc-6eba6914391e'];
const graphScope = ['--scope', 'https://graph.microsoft.com/.default'];
const noColours = { ...process.env, NO_COLOR: '1', XDG_CACHE_HOME: folder };

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(argv: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return spawn(process.execPath, [bin, ...argv], { env: noColours, ...options });
}

/** Collects what a process says until it ends. */
function end(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (text) => {
    stdout += text;
  });
  child.stderr?.on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

describe('the process', () => {
  test.each([
    [['--version'], 0, `${manifest.version}\n`],
    [['tokn'], 2, ''],
    [['assertion', ...identity, '--cert', '/nowhere'], 1, ''],
  ])('certgrant %j ends with %d', async (argv, code, stdout) => {
    expect(await end(start(argv))).toMatchObject({ code, stdout });
  });

  test('a key comes in by a pipe, an assertion goes out by one', async () => {
    const child = start(['assertion', ...identity, '--cert', '-']);
    child.stdin?.end(readFileSync(files.pem));
    expect(await end(child)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^[\w.-]{500,}\n$/), stderr: '' });
  });

  test('nothing is said when the reader of a pipe has gone', async () => {
    const child = start(['--help']);
    child.stdout?.destroy();
    expect(await end(child)).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  test.skipIf(process.platform !== 'linux')('a full disk behind standard output is an error', async () => {
    const child = start(['--help'], { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
    expect(await end(child)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: write to standard output: .*ENOSPC.*\nhint: /),
    });
  });

  test.skipIf(process.platform === 'win32')('Ctrl-C ends a request with 130 and a message', async () => {
    const server = createServer(() => child.kill('SIGINT')).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const argv = ['--cert', files.pem, '--authority', url, '--scope', 'https://graph.microsoft.com/.default'];
    const child = start(['token', ...identity, ...argv]);
    const { code, stdout, stderr } = await end(child);
    server.close();
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toMatch(/error: .*\nhint: .*\n$/);
  });

  test.skipIf(process.platform === 'win32')('Ctrl-C ends doctor with 130, whatever it waits for', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    // The second one: the handshake, which nobody answers.
    let connections = 0;
    server.on('connection', () => ++connections === 2 && child.kill('SIGINT'));
    await new Promise((resolve) => server.once('listening', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const child = start(['doctor', ...identity, '--cert', files.pem, '--authority', url, ...graphScope]);
    const { code, stdout, stderr } = await end(child);
    server.close();
    expect([code, stderr]).toEqual([130, expect.stringMatching(/^error: .*\nhint: .*\n$/)]);
    expect(stdout).toMatch(/^passed +header .*$/m);
  });

  test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
    '%s ends the authority with 0',
    async (signal) => {
      const child = start(['authority', '--port', '0', '--json']);
      child.stdout?.once('data', () => child.kill(signal));
      const { code, stdout, stderr } = await end(child);
      expect([code, stderr]).toEqual([0, '']);
      expect(Object.keys(JSON.parse(stdout))).toContain('adminTokenFile');
    },
  );
});

/**
 * A module to load before the command line, which ends the process as `kill -9` does at one call of node:fs for a file
 * that is written: `halfway` through it, `before` it or `after` it.
 */
const killer = `
const fs = require('node:fs');
const { call, moment } = JSON.parse(process.env.KILL_AT);
const original = fs[call];
const die = () => { process.kill(process.pid, 'SIGKILL'); for (;;); };
fs[call] = (...args) => {
  if (call === 'writeSync' && args[0] <= 2) return original(...args);
  if (moment === 'halfway') original(args[0], args[1], args[2], Math.floor(args[3] / 2));
  if (moment === 'after') original(...args);
  die();
};
`;

describe.skipIf(process.platform === 'win32')('kill -9 while a private key is written', () => {
  const convert = (target: string, ...force: string[]): string[] => {
    return ['cert', 'convert', files.pfx, '--password-env', 'PASSWORD', '--to', 'pem', '--out', target, ...force];
  };
  const env = { ...noColours, PASSWORD: password };

  test.each([
    { call: 'writeSync', moment: 'halfway', old: true, written: false },
    { call: 'fsyncSync', moment: 'before', old: true, written: false },
    { call: 'renameSync', moment: 'before', old: true, written: false },
    { call: 'renameSync', moment: 'after', old: true, written: true },
    { call: 'writeSync', moment: 'halfway', old: false, written: false },
    { call: 'linkSync', moment: 'before', old: false, written: false },
    { call: 'linkSync', moment: 'after', old: false, written: true },
  ])('at $call, $moment, leaves the whole file or the one of before: $old, $written', async (point) => {
    const place = mkdtempSync(join(folder, 'killed-'));
    const target = join(place, 'daemon.pem');
    if (point.old) writeFileSync(target, 'what was there before');
    writeFileSync(join(folder, 'killer.cjs'), killer);
    const argv = ['--require', join(folder, 'killer.cjs'), bin, ...convert(target, ...(point.old ? ['--force'] : []))];
    const child = spawn(process.execPath, argv, { env: { ...env, KILL_AT: JSON.stringify(point) } });
    expect(await end(child)).toEqual({ code: null, stdout: '', stderr: '' });
    expect(child.signalCode).toBe('SIGKILL');

    const before = point.old ? 'what was there before' : undefined;
    const now = existsSync(target) ? readFileSync(target, 'utf8') : undefined;
    if (point.written) expect(now).toMatch(/^-----BEGIN PRIVATE KEY-----.*-----END CERTIFICATE-----\n$/s);
    else expect(now).toBe(before);
    // What is left besides is for nobody else to read.
    for (const name of readdirSync(place).filter((name) => name !== 'daemon.pem')) {
      expect(name).toMatch(/^\.certgrant-[0-9a-f]{16}\.tmp$/);
      expect(statSync(join(place, name)).mode & 0o777).toBe(0o600);
    }
    // Nor does it stand in the way of the next attempt.
    expect(await end(start(convert(target, '--force'), { env }))).toMatchObject({ code: 0 });
  });
});

/** A name server of one's own takes a mount namespace and port 53, which root alone may have. */
const canMount = spawnSync('unshare', ['-m', 'true']).status === 0 && process.geteuid?.() === 0;
const noNamespace = canMount ? undefined : 'unshare(1) is not allowed here';

describe.skipIf(noNamespace)(`where no name server answers ${noNamespace ?? ''}`, () => {
  test('doctor is done in its time, however long the system waits', async () => {
    const server = createSocket('udp4');
    await new Promise<void>((resolve) => server.bind(53, '127.0.0.53', resolve));
    const resolver = join(folder, 'resolv.conf');
    writeFileSync(resolver, 'nameserver 127.0.0.53\noptions timeout:20 attempts:1\n');
    const argv = ['doctor', ...identity, '--cert', files.pem, ...graphScope, '--timeout', '1', '--json'];
    const line = [process.execPath, bin, ...argv].map(shellWord).join(' ');
    const mounted = `mount --bind ${shellWord(resolver)} /etc/resolv.conf && exec ${line}`;
    const child = spawn('unshare', ['-m', 'sh', '-c', mounted], { env: noColours, timeout: 10_000 });
    const { code, stdout } = await end(child);
    server.close();
    expect(code).toBe(1);
    const { checks } = JSON.parse(stdout) as { checks: { id: string; code?: string }[] };
    expect(checks.find(({ id }) => id === 'dns')).toMatchObject({ status: 'failed', code: 'TIMEOUT' });
  }, 12_000);
});

/** util-linux's script gives a process a terminal of its own. */
const noScript = spawnSync('script', ['--version']).error ? 'script(1) of util-linux is not there' : undefined;

describe.skipIf(noScript)(`on a terminal ${noScript ?? ''}`, () => {
  /** Runs on a new terminal and types `answers`, each when something ends with a colon and a space. */
  function onTerminal(
    argv: readonly string[],
    answers: readonly string[],
    env: NodeJS.ProcessEnv = noColours,
  ): Promise<Ended> {
    const line = [process.execPath, bin, ...argv].map(shellWord).join(' ');
    const child = spawn('script', ['-qec', line, '/dev/null'], { env });
    const waiting = [...answers];
    child.stdout.on('data', (text: Buffer) => {
      if (/: $/.test(text.toString())) child.stdin.write(waiting.shift() ?? '\u0003');
    });
    return end(child);
  }

  test('a password is asked for and not shown', async () => {
    const { code, stdout } = await onTerminal(
      ['cert', 'inspect', files.pfx, '--json'],
      ['wrong\r', `${password}x\u007f\r`],
    );
    expect(code).toBe(0);
    expect(stdout).toContain(`Password of ${files.pfx}: `);
    expect(stdout).toContain('That is not the password.');
    expect(stdout).toContain('"keyMatches":true');
    expect(stdout).not.toContain(password);
    expect(stdout).not.toContain('wrong');
  });

  test('a password is asked for while the key file itself comes by a pipe', async () => {
    const inner = `${shellWord(process.execPath)} ${shellWord(bin)} cert inspect - --json < ${shellWord(files.pfx)}`;
    const child = spawn('script', ['-qec', inner, '/dev/null'], { env: noColours });
    child.stdout.once('data', () => child.stdin.write(`${password}\r`));
    const { code, stdout } = await end(child);
    expect(code).toBe(0);
    expect(stdout).toContain('Password of standard input: ');
    expect(stdout).not.toContain(password);
  });

  test('Ctrl-C at the question ends with 130', async () => {
    const { code, stdout } = await onTerminal(['cert', 'inspect', files.pfx], ['\u0003']);
    expect(code).toBe(130);
    expect(stdout).toContain('hint: ');
  });

  test('doctor shows the check that runs, asks for a password in between, and leaves only results', async () => {
    const closed = ['--authority', 'https://127.0.0.1:1', ...graphScope];
    const env = { ...noColours, TERM: 'xterm', AZURE_CLIENT_CERTIFICATE_PASSWORD: '' };
    const { code, stdout } = await onTerminal(
      ['doctor', ...identity, '--cert', files.pfx, ...closed],
      [`${password}\r`],
      env,
    );
    expect(code).toBe(1);
    expect(stdout).toContain('running  tcp ');
    const clearLine = `\r${String.fromCharCode(27)}[K`;
    const left = stdout
      .split('\n')
      .map((line) => line.split(clearLine).at(-1))
      .join('\n');
    expect(left).not.toContain('running');
    expect(left).toContain(`Password of ${files.pfx}: `);
    expect(left).toMatch(/passed +password +it opens\s+the file/);
    expect(left).toMatch(/failed +tcp +connect:\s+127\.0\.0\.1:1\s+refuses\s+connections/);
    expect(stdout).not.toContain(password);
  });

  test('there are colours, unless NO_COLOR is set', async () => {
    const { NO_COLOR: _, ...colours } = noColours;
    const esc = String.fromCharCode(27);
    expect((await onTerminal(['--help'], [], { ...colours, TERM: 'xterm' })).stdout).toContain(`${esc}[1m`);
    expect((await onTerminal(['--help'], [])).stdout).not.toContain(esc);
    expect((await onTerminal(['--help'], [], { ...colours, TERM: 'dumb' })).stdout).not.toContain(esc);
  });
});
