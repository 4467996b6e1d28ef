import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, runNpm, runTool } from '../../scripts/lib/process.mjs';
import { packages, root } from '../layout/sources.ts';

/**
 * The packages as a user gets them: packed, looked over by publint and Are the types wrong?, then installed from the
 * tarballs into an empty folder far from this repository.
 */
const folder = mkdtempSync(join(tmpdir(), 'certgrant-packaging-'));
const user = join(folder, 'user');
const tarballs = new Map<string, string>();
const libraries = packages.filter((name) => name !== 'cli');

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

async function pack(name: string): Promise<Packed> {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const { stdout } = await runNpm(args, { cwd: join(root, 'packages', name) });
  const answer = JSON.parse(stdout) as Packed[] | Record<string, Packed>;
  const [packed] = Object.values(answer) as Packed[];
  if (packed === undefined) throw new Error(`npm pack ${name}: nothing was packed`);
  return packed;
}

const contents = new Map<string, readonly string[]>();

beforeAll(async () => {
  for (const name of packages) {
    const { filename, files } = await pack(name);
    tarballs.set(name, join(folder, filename));
    contents.set(
      name,
      files.map(({ path }) => path),
    );
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(packages)('%s', (name) => {
  it('holds what it needs and nothing else', () => {
    const files = contents.get(name) ?? [];
    expect(files).toContain('LICENSE');
    expect(files).toContain('README.md');
    expect(files).toContain(name === 'cli' ? 'dist/main.cjs' : 'dist/index.js');
    expect(
      files.filter((file) => /(^|\/)(test|node_modules|fixtures)\/|tsbuildinfo|\.env|\.pem$|\.pfx$/.test(file)),
    ).toEqual([]);
  });

  it('is what publint asks of a package', async () => {
    const { code, output } = await runTool('publint/src/cli.js', ['--strict', tarballs.get(name) ?? '']);
    expect(output).toMatch(/All good|No issues|Linting/);
    expect(code, output).toBe(0);
  });
});

it.each(libraries)('%s resolves with its types for every kind of import of modules', async (name) => {
  const args = ['--profile', 'esm-only', '--no-emoji', tarballs.get(name) ?? ''];
  const { code, output } = await runTool('@arethetypeswrong/cli/dist/index.js', args);
  expect(code, output).toBe(0);
});

describe('installed elsewhere', () => {
  beforeAll(async () => {
    const args = ['install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    mkdirSync(user);
    writeFileSync(join(user, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const { code, output } = await runNpm([...args, ...tarballs.values()], { cwd: user });
    expect(code, output).toBe(0);
  }, 180_000);

  it('the libraries import and sign', async () => {
    writeFileSync(
      join(user, 'use.mjs'),
      `import { createSelfSignedCertificate, generateKeyPair, thumbprints } from '@certgrant/core';
       import * as node from '@certgrant/core/node';
       import { startAuthority } from '@certgrant/authority';
       import { judgeAssertion } from '@certgrant/authority/checks';
       const keyPair = await generateKeyPair('P-256');
       const certificate = await createSelfSignedCertificate({ keyPair, subject: 'CN=elsewhere' });
       const authority = await startAuthority({ port: 0 });
       const { verdict } = await judgeAssertion('hello');
       console.log((await thumbprints(certificate)).sha1.length, typeof node, authority.url.startsWith('https://'), verdict.code);
       await authority.close();`,
    );
    const { code, output } = await run(process.execPath, ['use.mjs'], { cwd: user });
    expect(output).toBe('40 object true AADSTS50027\n');
    expect(code).toBe(0);
  });

  it('the libraries compile with their types, without skipLibCheck', async () => {
    writeFileSync(
      join(user, 'use.ts'),
      `import { type Credential, loadCredential } from '@certgrant/core';
       import { type Authority, startAuthority } from '@certgrant/authority';
       export const credential: Promise<Credential> = loadCredential(new Uint8Array());
       export const authority: Promise<Authority> = startAuthority();`,
    );
    const settings = {
      compilerOptions: {
        module: 'nodenext',
        target: 'es2023',
        strict: true,
        noEmit: true,
        typeRoots: [join(root, 'node_modules', '@types')],
        types: ['node'],
      },
      files: ['use.ts'],
    };
    writeFileSync(join(user, 'tsconfig.json'), JSON.stringify(settings));
    const { code, output } = await runTool('typescript/bin/tsc', ['-p', user]);
    expect(output).toBe('');
    expect(code).toBe(0);
  });

  it('certgrant --version prints its version', async () => {
    const { output } = await run(join(user, 'node_modules', '.bin', 'certgrant'), ['--version'], { cwd: user });
    expect(output).toMatch(/^(certgrant )?\d+\.\d+\.\d+\n$/);
  });

  it('certgrant cert create writes its files', async () => {
    const out = mkdtempSync(join(folder, 'out-'));
    const certgrant = join(user, 'node_modules', '.bin', 'certgrant');
    const { code, output } = await run(certgrant, ['cert', 'create', '--subject', 'CN=elsewhere', '--out', 'a.pem'], {
      cwd: out,
    });
    expect(code, output).toBe(0);
    expect(readdirSync(out)).toEqual(['a.pem']);
  });
});
