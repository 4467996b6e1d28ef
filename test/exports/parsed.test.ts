import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse as parseHcl } from '@cdktf/hcl2json';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { createDaemonIdentity, openssl } from '../interop/support/identities.ts';
import { certgrant, runProgram } from '../interop/support/program.ts';
import { missingTools } from './support/exporting.ts';
import { faultsIn, type GrammarName, parsed, stringsIn } from './support/grammars.ts';

// Exports that cannot run here. They are parsed, and compared with files that a person has read.

const folder = mkdtempSync(join(tmpdir(), 'certgrant-exports-'));
const oddName = `it's "my" $HOME \`key\` \\n 100% a+b {{c}} \${d} %{e} \${{ f }} Schlüssel\nnext 😀`;
const oddScope = `api://it's-"my"-$HOME-\`x\`-\\n-100%-a+b-{{c}}-\${d}-%{e}-\${{f}}-’ü😀/.default`;

beforeAll(() => {
  const { pemFile } = createDaemonIdentity(folder);
  openssl(folder, 'pkcs12', '-export', '-in', pemFile, '-out', 'daemon.pfx', '-passout', 'pass:');
  for (const kind of ['pem', 'pfx']) cpSync(join(folder, `daemon.${kind}`), join(folder, `${oddName}.${kind}`));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Case {
  readonly format: string;
  readonly kind: 'pem' | 'pfx' | 'none';
  readonly alg?: 'PS256' | 'RS256';
  readonly golden: string;
}

const programs: readonly (Case & { readonly grammar: GrammarName })[] = [
  { format: 'powershell', kind: 'pfx', golden: 'pfx-PS256.ps1', grammar: 'powershell' },
  { format: 'powershell', kind: 'pfx', alg: 'RS256', golden: 'pfx-RS256.ps1', grammar: 'powershell' },
  { format: 'powershell', kind: 'pem', golden: 'pem-PS256.ps1', grammar: 'powershell' },
  { format: 'powershell', kind: 'pem', alg: 'RS256', golden: 'pem-RS256.ps1', grammar: 'powershell' },
  // MSAL chooses the algorithm itself.
  { format: 'go', kind: 'pem', golden: 'main.go', grammar: 'go' },
  { format: 'csharp', kind: 'pem', golden: 'Program.cs', grammar: 'c-sharp' },
  { format: 'java', kind: 'pem', golden: 'Token.java', grammar: 'java' },
];
const settings: readonly Case[] = [
  { format: 'terraform', kind: 'pfx', golden: 'provider.tf' },
  { format: 'github-actions', kind: 'none', golden: 'sign-in.yml' },
];

async function exported(format: string, cert: string | undefined, ...more: readonly string[]): Promise<string> {
  const identity = ['--tenant', 'contoso.com', '--client-id', '6731de76-14a6-49ae-97bc-6eba6914391e'];
  const certificate = cert === undefined ? [] : ['--cert', cert];
  const ended = await certgrant(['export', format, ...identity, ...certificate, ...more, '--out', '-'], folder);
  expect(ended.code).toBe(0);
  return ended.stdout;
}

/** As {@link exported}, of the plain key file. */
function exportedCase({ format, kind, alg = 'PS256' }: Case): Promise<string> {
  return exported(format, kind === 'none' ? undefined : join(folder, `daemon.${kind}`), '--alg', alg);
}

describe.each([...programs, ...settings])('export $format: $golden', (what) => {
  test('is as it was read', async () => {
    const text = await exportedCase(what);
    await expect(text.replaceAll(folder, '/folder')).toMatchFileSnapshot(`golden/${what.golden}`);
  });

  test('holds no secret', async () => {
    expect(await exportedCase(what)).not.toMatch(/PRIVATE KEY-----\n?[A-Za-z0-9+/]|MII[A-Za-z0-9]/);
  });
});

describe.each(programs)('export $format: $golden', (what) => {
  test('fits the grammar', async () => {
    expect(faultsIn(await parsed(await exportedCase(what), what.grammar))).toEqual([]);
  });

  test('holds any path and scope as a literal with their very characters, all in ASCII', async () => {
    const path = join(folder, `${oddName}.${what.kind}`);
    const text = await exported(what.format, path, '--scope', oddScope);
    expect(text).toMatch(/^[\n\t -~]*$/);
    const root = await parsed(text, what.grammar);
    expect(faultsIn(root)).toEqual([]);
    expect(stringsIn(root, what.grammar)).toEqual(expect.arrayContaining([path, oddScope]));
  });
});

describe('export go', () => {
  test('is formatted as gofmt formats it', async ({ skip }) => {
    const missing = missingTools('gofmt');
    if (missing !== undefined) return skip(missing);
    const text = await exported('go', join(folder, `${oddName}.pem`), '--scope', oddScope);
    expect(await runProgram('gofmt', [], { input: text })).toEqual({ code: 0, stdout: text, stderr: '' });
  });
});

describe('export java', () => {
  test('compiles but for the names of MSAL, which is not here', async ({ skip }) => {
    const missing = missingTools('javac');
    if (missing !== undefined) return skip(missing);
    const file = join(folder, 'Token.java');
    writeFileSync(file, await exported('java', join(folder, `${oddName}.pem`), '--scope', oddScope));
    const flags = ['-J-Duser.language=en', '-Xmaxerrs', '1000', '-d', folder];
    const { stderr } = await runProgram('javac', [...flags, file]);
    const faults = [...stderr.matchAll(/^.*: error: (.*)$|^ {2}symbol: +(.*)$/gm)].map(
      ([, error, symbol]) => error ?? symbol,
    );
    expect(new Set(faults)).toEqual(
      new Set([
        'package com.microsoft.aad.msal4j does not exist',
        'cannot find symbol',
        'class IClientCertificate',
        'class ConfidentialClientApplication',
        'variable ConfidentialClientApplication',
        'variable ClientCredentialParameters',
        'variable ClientCredentialFactory',
      ]),
    );
  });
});

describe('export terraform', () => {
  test('sets the provider up with the certificate, and holds any path', async () => {
    const path = join(folder, `${oddName}.pfx`);
    const text = await exported('terraform', path);
    const { provider } = await parseHcl('provider.tf', text);
    // The parser leaves the escapes of template markers in a text without templates as they are.
    const written = path.replaceAll(/[$%](?=\{)/g, '$&$&');
    expect(provider.azuread).toEqual([
      {
        tenant_id: 'contoso.com',
        client_id: '6731de76-14a6-49ae-97bc-6eba6914391e',
        client_certificate_path: written,
        environment: 'global',
        use_cli: false,
        use_msi: false,
      },
    ]);
  });

  test('is formatted as terraform fmt formats it', async ({ skip }) => {
    const missing = missingTools('terraform');
    if (missing !== undefined) return skip(missing);
    const text = await exported('terraform', join(folder, `${oddName}.pfx`));
    expect(await runProgram('terraform', ['fmt', '-'], { input: text })).toMatchObject({ code: 0, stdout: text });
  });
});

describe('export github-actions', () => {
  test('is a workflow whose variables hold any scope, and whose secret stays a secret', async () => {
    const text = await exported('github-actions', undefined, '--scope', oddScope);
    const { jobs } = parseYaml(text);
    const { env, steps } = jobs['sign-in'];
    expect(asGitHub(env.SCOPE)).toBe(oddScope);
    expect(steps[0].env).toEqual({ AZURE_CLIENT_CERTIFICATE: '$' + '{{ secrets.AZURE_CLIENT_CERTIFICATE }}' });
    // No expression inside a script: its value would become a part of the script.
    for (const { run } of steps) expect(run).not.toContain('{{');
  });

  test('has scripts that bash reads', async () => {
    const { jobs } = parseYaml(await exported('github-actions', undefined));
    for (const { run } of jobs['sign-in'].steps) {
      expect(await runProgram('bash', ['-n'], { input: run })).toEqual({ code: 0, stdout: '', stderr: '' });
    }
  });
});

/** GitHub's own replacement, for the one expression that a value may hold: a text in single quotes. */
function asGitHub(value: string): string {
  return value.replaceAll(/\$\{\{ '([^']*)' \}\}/g, (_, text) => text);
}
