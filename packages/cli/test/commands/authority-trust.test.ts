import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startAuthority } from '@certgrant/authority';
import { describe, expect, test } from 'vitest';
import { testAuthority } from '../support/authority.ts';
import { bundledCommandLine } from '../support/bundle.ts';
import { temporaryFolder } from '../support/folder.ts';
import { asOrdinaryUser } from '../support/ordinary-user.ts';
import { certgrant } from '../support/run.ts';

const authority = testAuthority();
const bundle = bundledCommandLine();

/** Why the store of this system cannot be changed by a test, if so. */
function obstacle(): string | undefined {
  if (!existsSync('/usr/sbin/update-ca-certificates')) return 'there is no update-ca-certificates';
  if (userInfo().uid !== 0) return 'changing the store of the system takes root';
  const probe = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'none', '/usr/local/share/ca-certificates']);
  return probe.status === 0 ? undefined : 'the test cannot have file systems of its own (unshare --mount)';
}

describe('certgrant authority trust', () => {
  test('says what to set for each program', async () => {
    const { code, stdout, stderr } = await certgrant(['authority', 'trust', '--ca', authority.caFile]);
    expect([code, stderr]).toEqual([0, '']);
    for (const program of ['Node', 'Python', 'Go', '.NET', 'Java', 'curl', 'The system'])
      expect(stdout).toContain(program);
    expect(stdout).toContain(`NODE_EXTRA_CA_CERTS=${authority.caFile}`);
    expect(stdout).toMatch(/CN=certgrant local CA, SHA-256 [0-9A-F]{64}/);
  });

  test('finds the CA of a data folder, and --json has it for programs', async () => {
    const data = join(temporaryFolder(), 'kept');
    await (await startAuthority({ dataDir: data })).close();
    const { stdout } = await certgrant(['authority', 'trust', '--data', data, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      caFile: join(data, 'ca.pem'),
      sha256: expect.stringMatching(/^[0-9A-F]{64}$/),
      programs: expect.arrayContaining([{ name: 'Node', set: `NODE_EXTRA_CA_CERTS=${join(data, 'ca.pem')}` }]),
    });
  });

  test.each([
    [[], 2],
    [['--ca', 'ca.pem', '--data', 'x'], 2],
    [['--ca', 'nothing.pem'], 1],
    [['--ca', 'ca.pem', '--apply', '--remove'], 2],
  ])('%j is refused with a next step', async (argv, expected) => {
    const { code, stdout, stderr } = await certgrant(['authority', 'trust', ...argv]);
    expect([code, stdout]).toEqual([expected, '']);
    expect(stderr).toMatch(/^error: .+\nhint: .+\n$/);
  });

  test('takes no certificate for a CA that is none, nor several', async () => {
    const cwd = temporaryFolder();
    await certgrant(['cert', 'create', '--subject', 'CN=daemon'], { cwd });
    const ca = readFileSync(authority.caFile, 'utf8');
    writeFileSync(join(cwd, 'two.pem'), ca + readFileSync(join(cwd, 'daemon.pem'), 'utf8'));
    for (const file of ['daemon.cer', 'two.pem']) {
      const { code, stderr } = await certgrant(['authority', 'trust', '--ca', file], { cwd });
      expect([file, code]).toEqual([file, 1]);
      expect(stderr).toMatch(/^error: read CA: .*does not hold one certificate of a CA\nhint: .+\n$/);
    }
  });

  test('--apply has the whole system trust the CA, and --remove undoes it', { timeout: 120_000 }, async ({ skip }) => {
    const reason = obstacle();
    if (reason !== undefined) skip(reason);
    const folder = temporaryFolder();
    const { url } = authority.running;
    // File systems of its own: what this changes nobody else sees, and it is gone with the process.
    const script = `
      set -e
      mkdir certs
      cp -a /etc/ssl/certs/. certs
      mount -t tmpfs none /usr/local/share/ca-certificates
      mount --bind certs /etc/ssl/certs
      ask() { curl --silent --output /dev/null --write-out '%{http_code}' --cacert /etc/ssl/certs/ca-certificates.crt '${url}/healthz' || true; echo; }
      trust() { '${process.execPath}' '${bundle.bin}' authority trust --ca '${authority.caFile}' "$@"; }
      ask
      trust --apply --json
      ask
      trust --remove
      ask
      trust --remove 2>&1 || echo "failed with $?"
    `;
    // The authority runs in this process, which must not stand still meanwhile.
    const { stdout: output } = await promisify(execFile)('unshare', ['--mount', 'sh', '-c', script], {
      cwd: folder,
      timeout: 110_000,
    });
    const [before, applied = '', during, removed, after, ...again] = output.trim().split('\n');
    expect([before, during, after]).toEqual(['000', '200', '000']);
    expect(JSON.parse(applied)).toMatchObject({
      store: { program: '/usr/sbin/update-ca-certificates', changed: 'added' },
    });
    expect(removed).toMatch(/does not trust the CA any more/);
    expect(again.join('\n')).toMatch(/^error: change trust store: this CA is not in it\nhint: .*\nfailed with 1$/);
  });

  test('--apply says what to do when it is not permitted', async ({ skip }) => {
    if (!existsSync('/usr/sbin/update-ca-certificates')) skip('there is no update-ca-certificates');
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, readFileSync(authority.caFile), { mode: 0o644 });
    const { code, stderr } = await asOrdinaryUser(() => certgrant(['authority', 'trust', '--ca', ca, '--apply']));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: change trust store: .*not permitted or failed\nhint: Run the command as administrator/,
    );
  });
});
