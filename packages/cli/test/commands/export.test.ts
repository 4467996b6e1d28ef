import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportFormats } from '../../src/export/formats.ts';
import { keyFiles, password } from '../support/credentials.ts';
import { temporaryFolder } from '../support/folder.ts';
import { certgrant } from '../support/run.ts';

const files = keyFiles();
const folder = temporaryFolder();
const tenant = '3f2504e0-4f89-41d3-9a0c-0305e82c3301';
const clientId = '6731de76-14a6-49ae-97bc-6eba6914391e';
const identity = ['--tenant', tenant, '--client-id', clientId];

let outs = 0;
function freshOut(): string {
  outs += 1;
  return join(folder, `out-${outs}`);
}

async function exported(format: string, extra: readonly string[], out = freshOut()) {
  const outcome = await certgrant(['export', format, ...identity, '--out', out, ...extra]);
  expect({ code: outcome.code, stderr: outcome.stderr }).toMatchObject({ code: 0 });
  return { ...outcome, out };
}

function environmentIn(out: string): Record<string, { value: string; type: string }> {
  const { values } = JSON.parse(readFileSync(join(out, 'certgrant.postman_environment.json'), 'utf8'));
  return Object.fromEntries(values.map((entry: { key: string }) => [entry.key, entry]));
}

const collection = 'certgrant.postman_collection.json';
const environment = 'certgrant.postman_environment.json';

describe('certgrant export', () => {
  test('export --list names each format, what it makes, and whether it was run or only checked', async () => {
    const { code, stdout } = await certgrant(['export', '--list']);
    expect(code).toBe(0);
    for (const name of Object.keys(exportFormats)) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    const { stdout: json } = await certgrant(['export', '--list', '--json']);
    expect(JSON.parse(json)).toContainEqual({
      name: 'postman',
      makes: expect.any(String),
      proof: 'run',
      provenBy: expect.stringContaining('newman 6.2.2'),
    });
  });

  test.each(Object.keys(exportFormats))('export %s puts no private key into what it writes', async (format) => {
    // The azuread provider of Terraform takes PFX alone, and everything else PEM.
    const passwordFile = `${files.pfx}.password`;
    writeFileSync(passwordFile, password);
    const pem = ['--cert', files.pem];
    const pfx = ['--cert', files.pfx, '--password-file', passwordFile];
    const { out, stdout, stderr } = await exported(format, [...(format === 'terraform' ? pfx : pem), '--json']);
    const written: readonly { path: string; secret: boolean }[] = JSON.parse(stdout).files;
    expect(written.length).toBeGreaterThan(0);
    for (const { path, secret } of written) {
      expect(path.startsWith(out)).toBe(true);
      expect(readFileSync(path, 'utf8')).not.toContain(files.keyText);
      expect(secret).toBe(false);
      expect(statSync(path).mode & 0o022).toBe(0);
    }
    expect(stderr).toBe('');
  });

  test.each(
    Object.entries(exportFormats)
      .filter(([, { canHoldKey }]) => canHoldKey)
      .map(([name]) => name),
  )(
    'export %s --with-key puts it into one file that only its owner reads, and says what that means',
    async (format) => {
      const { stdout, stderr } = await exported(format, ['--cert', files.pem, '--with-key']);
      const paths = stdout.trimEnd().split('\n');
      const secret = paths.filter((line) => line.endsWith(' (private key)'));
      expect(secret).toHaveLength(1);
      const path = secret[0]?.replace(' (private key)', '') ?? '';
      expect(readFileSync(path, 'utf8')).toContain(files.keyText);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(stderr).toContain('whoever reads it can be the application');
    },
  );

  test('export http --with-key is refused, since such a file reads the key from its own', async () => {
    const out = freshOut();
    const outcome = await certgrant(['export', 'http', ...identity, '--cert', files.pem, '--with-key', '--out', out]);
    expect(outcome).toMatchObject({ code: 2, stderr: expect.stringContaining('has no place for a private key') });
    expect(existsSync(out)).toBe(false);
  });

  test.each([
    ['--cert', files.cer, 'PRIVATE_KEY_MISSING'],
    ['--cert', files.ecPem, 'KEY_UNSUITABLE'],
    ['--cert', files.key, 'CERTIFICATE_MISSING'],
  ])('export postman --with-key %s %s ends with an error', async (option, file, code) => {
    const out = freshOut();
    const outcome = await certgrant([
      'export',
      'postman',
      ...identity,
      option,
      file,
      '--with-key',
      '--out',
      out,
      '--json',
    ]);
    expect(outcome.code).toBe(1);
    expect(JSON.parse(outcome.stderr).error.code).toBe(code);
    expect(existsSync(out)).toBe(false);
  });

  test('a key that does not belong to the certificate is refused', async () => {
    const args = ['--cert', files.cer, '--key', files.otherKey, '--with-key', '--out', freshOut(), '--json'];
    const outcome = await certgrant(['export', 'postman', ...identity, ...args]);
    expect(JSON.parse(outcome.stderr).error.code).toBe('KEY_MISMATCH');
  });

  test('files that are there already stay as they are without --force', async () => {
    const { out } = await exported('postman', []);
    writeFileSync(join(out, environment), 'mine');
    const again = await certgrant(['export', 'postman', ...identity, '--out', out]);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('there are such files already') });
    expect(readFileSync(join(out, environment), 'utf8')).toBe('mine');
    await exported('postman', ['--force'], out);
    expect(environmentIn(out).client_id?.value).toBe(clientId);
  });

  test.each([
    [['export'], 'the format is missing'],
    [['export', 'postmann', ...identity, '--out', 'x'], 'Did you mean certgrant export postman?'],
    [['export', 'postman', ...identity], '--out: it is missing'],
    [['export', 'postman', ...identity, '--out', '-'], 'makes several files'],
    [['export', 'bruno', '--check', 'x'], '--check: it is for collections of Postman'],
    [['export', 'postman', '--list'], '--list: it takes no FORMAT'],
    [
      ['export', 'postman', ...identity, '--out', 'x', '--api', 'http://example.com/'],
      '--api: this is not an https URL',
    ],
  ])('%j is wrong usage: %s', async (argv, message) => {
    expect(await certgrant(argv, { cwd: folder })).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });
});

describe('certgrant export postman', () => {
  test('the environment holds names and public values, and gaps for what is secret', async () => {
    const { out } = await exported('postman', ['--cert', files.pem, '--alg', 'RS256', '--cloud', 'usgov']);
    expect(environmentIn(out)).toMatchObject({
      token_endpoint: { value: `https://login.microsoftonline.us/${tenant}/oauth2/v2.0/token`, type: 'default' },
      client_id: { value: clientId },
      scope: { value: 'https://graph.microsoft.us/.default' },
      api_url: { value: 'https://graph.microsoft.us/v1.0/users?$top=5&$select=id,displayName' },
      alg: { value: 'RS256' },
      certificate_pem: { value: readFileSync(files.cer, 'utf8') },
      private_key_pem: { value: '', type: 'secret' },
      ready_assertion: { value: '', type: 'secret' },
    });
  });

  test('a local authority brings its own Graph, and another API its own address', async () => {
    const local = await exported('postman', ['--authority', 'https://localhost:8443']);
    expect(environmentIn(local.out).api_url?.value).toMatch(/^https:\/\/localhost:8443\/graph\/v1\.0\/users/);
    const other = await exported('postman', ['--scope', 'https://api.contoso.com/.default']);
    expect(environmentIn(other.out).api_url?.value).toBe('https://api.contoso.com');
    const unknown = await exported('postman', ['--scope', 'api://orders/.default']);
    expect(unknown.stderr).toContain('--api URL says it');
    const given = await exported('postman', [
      '--scope',
      'api://orders/.default',
      '--api',
      'https://api.contoso.com/{id}',
    ]);
    expect(environmentIn(given.out).api_url?.value).toBe('https://api.contoso.com/%7Bid%7D');
  });

  test('--check says that the collection follows the schema', async () => {
    const { out } = await exported('postman', []);
    expect(await certgrant(['export', 'postman', '--check', join(out, collection)])).toMatchObject({
      code: 0,
      stdout: 'The collection follows the v2.1.0 schema.\n',
    });
  });

  test('--check names each place that is wrong, and ends with 1', async () => {
    const path = join(folder, 'wrong.json');
    writeFileSync(
      path,
      JSON.stringify({ info: { name: 'x', schema: 'v1' }, item: [{ request: { body: { mode: 'xml' } } }] }),
    );
    const { code, stdout } = await certgrant(['export', 'postman', '--check', path]);
    expect(code).toBe(1);
    expect(stdout).toContain('item[0].request.body.mode: one of raw, urlencoded');
    expect(stdout).toMatch(/^info\.schema: https:\/\/schema\.getpostman\.com\//m);
    writeFileSync(path, '[]');
    expect(await certgrant(['export', 'postman', '--check', path])).toMatchObject({ code: 1 });
  });

  test('--check of what is not JSON is an error that does not repeat it', async () => {
    const path = join(folder, 'not.json');
    writeFileSync(path, 'sesame');
    const { code, stderr } = await certgrant(['export', 'postman', '--check', path]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('the file is not JSON') });
    expect(stderr).not.toContain('sesame');
  });
});
