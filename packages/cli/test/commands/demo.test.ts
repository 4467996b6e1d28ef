import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/folder.ts';
import { certgrant } from '../support/run.ts';
import { shellWords } from '../support/shell-words.ts';

/** What an in-process shell needs: `certgrant … | certgrant …`, and curl with a header that certgrant prints. */
async function type(line: string, cwd: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { XDG_CACHE_HOME: cwd };
  if (line.startsWith('curl ')) {
    const [, inner = ''] = /"\$\((.*)\)"/.exec(line) ?? [];
    const header = (await type(inner, cwd)).stdout.trim();
    const args = shellWords(line.replace(`"$(${inner})"`, 'HEADER')).slice(1);
    return spawnCurl(
      args.map((word) => (word === 'HEADER' ? header : word)),
      cwd,
    );
  }
  let stdin: string | undefined;
  let outcome = { code: 0, stdout: '', stderr: '' };
  for (const call of line.split(' | ')) {
    const [program, ...argv] = shellWords(call);
    expect(program).toBe('certgrant');
    outcome = await certgrant(argv, { cwd, env, ...(stdin === undefined ? {} : { stdin }) });
    if (outcome.code !== 0) return outcome;
    stdin = outcome.stdout;
  }
  return outcome;
}

/** Not spawnSync: the authority that answers is in this process. */
function spawnCurl(args: readonly string[], cwd: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile('curl', args, { cwd }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

describe('certgrant demo', () => {
  test('demo --keep goes the whole way, and every command that it shows works as typed while it runs', async () => {
    const cwd = temporaryFolder();
    const ctrlC = new AbortController();
    let told = '';
    let ready = (): void => {};
    const kept = new Promise<void>((resolve) => {
      ready = resolve;
    });
    const running = certgrant(['demo', '--keep'], {
      cwd,
      signal: ctrlC.signal,
      onStdout: (text) => {
        told += text;
        if (told.includes('goes on running')) ready();
      },
    });
    try {
      await Promise.race([kept, running.then(({ stderr }) => Promise.reject(new Error(stderr)))]);
      const lines = [...told.matchAll(/^ +\$ (.*)$/gm)].map(([, line]) => line ?? '');
      expect(lines.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
        'certgrant authority',
        'certgrant cert',
        'certgrant cert',
        'certgrant app',
        'certgrant assertion',
        'certgrant token',
        'certgrant token',
        'certgrant token',
        'curl --silent',
      ]);
      // The first one runs until Ctrl-C; its own tests hold it.
      for (const line of lines.slice(1))
        expect([line, await type(line, cwd)]).toEqual([line, expect.objectContaining({ code: 0 })]);
      const answer = await type(lines.at(-1) ?? '', cwd);
      expect(JSON.parse(answer.stdout).value.length).toBeGreaterThan(0);
    } finally {
      ctrlC.abort();
    }
    const { code, stderr } = await running;
    expect([code, stderr]).toEqual([0, '']);
  });

  test('demo ends with the answer of the API, names its folder, and shows no secret', async () => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await certgrant(['demo', '--out', 'files'], { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('"userPrincipalName"');
    expect(stdout).toMatch(/Done in \d+\.\d s\. The files are in files\.\n/);
    const names = [
      'admin-token',
      'ca.pem',
      'demo-daemon.cer',
      'demo-daemon.password',
      'demo-daemon.pem',
      'demo-daemon.pfx',
    ];
    expect(readdirSync(join(cwd, 'files')).sort()).toEqual(names);
    const read = (name: string): string => readFileSync(join(cwd, 'files', name), 'utf8').trim();
    for (const secret of [
      read('admin-token'),
      read('demo-daemon.password'),
      read('demo-daemon.pem').split('\n')[3] ?? '',
    ]) {
      expect(secret.length).toBeGreaterThan(20);
      expect(stdout).not.toContain(secret);
    }
    expect(stdout).not.toMatch(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/);
    // The next run takes the place of this one.
    expect((await certgrant(['demo', '--out', 'files'], { cwd })).code).toBe(0);
  });

  test('demo says when its folder cannot be made', async () => {
    const { code, stderr } = await certgrant(['demo', '--out', '/dev/null/x']);
    expect([code, stderr.split('\n')[0]]).toEqual([1, 'error: make folder /dev/null/x: the system refuses']);
  });
});
