import { createPrivateKey } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDaemonIdentity, openssl } from '../interop/support/identities.ts';
import { type Ended, runProgram } from '../interop/support/program.ts';
import { compileC } from './support/compile-c.ts';
import { exportedFile, missingTools, openWorkshop, tokenOf, type Workshop } from './support/exporting.ts';

/** Files in place of those that a program was exported for: the export itself would refuse them. */
let workshop: Workshop;
let certificateFile: string;
let keyFile: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  certificateFile = join(workshop.folder, 'used.crt');
  keyFile = join(workshop.folder, 'used.key');
  useGoodFiles();
});
afterAll(() => workshop?.close());

function useGoodFiles(): void {
  cpSync(workshop.daemon.certificateFile, certificateFile);
  cpSync(workshop.daemon.keyFile, keyFile);
}

const password = 'p ä$s"w\'o\\r%d';
const passwordVariable = 'AZURE_CLIENT_CERTIFICATE_PASSWORD';

interface BadFiles {
  readonly what: string;
  /** Writes the bad files in place of the good ones. */
  readonly put: () => void;
  readonly env?: Readonly<Record<string, string>>;
  readonly error: RegExp;
}

const unreadable = /^error: the private key: .*(cannot be read|password)/m;
const encrypted = /private key is encrypted: set AZURE_CLIENT_CERTIFICATE_PASSWORD/;

const badFiles: readonly BadFiles[] = [
  { what: 'a key that is cut off', put: () => writeFileSync(keyFile, goodKey().slice(0, 900)), error: unreadable },
  { what: 'a text that is no key', put: () => writeFileSync(keyFile, 'no key\n'), error: unreadable },
  { what: 'an empty file', put: () => writeFileSync(keyFile, ''), error: unreadable },
  { what: 'an encrypted key without a password', put: () => writeFileSync(keyFile, encryptedKey()), error: encrypted },
  {
    what: 'an encrypted key with a wrong password',
    put: () => writeFileSync(keyFile, encryptedKey()),
    env: { [passwordVariable]: 'wrong' },
    error: unreadable,
  },
  { what: 'an EC key', put: () => useEcFiles(), error: /^error: the private key: Entra ID takes RSA keys alone$/m },
  {
    what: 'the key of another certificate',
    put: useOtherKey,
    error: /^error: the private key does not belong to the certificate$/m,
  },
  {
    what: 'a key whose private numbers are damaged',
    put: () => writeFileSync(keyFile, damagedKey()),
    error: /^error: the private key (is damaged|does not belong to the certificate)$/m,
  },
  {
    what: 'a file with a key in place of the certificate',
    put: () => writeFileSync(certificateFile, goodKey()),
    error: /^error: the certificate: .*none in/m,
  },
];

const goodKey = (): string => readFileSync(workshop.daemon.keyFile, 'utf8');

function encryptedKey(): string {
  return createPrivateKey(goodKey())
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: password })
    .toString();
}

/** Modulus and public exponent stay as they are, so that the public key still is the certificate's. */
function damagedKey(): string {
  const jwk = createPrivateKey(goodKey()).export({ format: 'jwk' });
  const damaged = (name: 'd' | 'p' | 'dp'): string => {
    const bytes = Buffer.from(jwk[name] ?? '', 'base64url');
    bytes[20] = (bytes[20] ?? 0) ^ 0x10;
    return bytes.toString('base64url');
  };
  return createPrivateKey({ key: { ...jwk, d: damaged('d'), dp: damaged('dp') }, format: 'jwk' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

function useOtherKey(): void {
  cpSync(createDaemonIdentity(workshop.folder, 'other').keyFile, keyFile);
}

function useEcFiles(): void {
  const parameters = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  openssl(workshop.folder, 'req', '-x509', ...parameters, '-subj', '/CN=ec', '-keyout', 'used.key', '-out', 'used.crt');
}

const engines = [
  ...['dash', 'bash'].map((shell) => ({
    engine: shell,
    format: 'curl',
    missing: missingTools(shell, 'curl', 'openssl'),
    build: async (file: string) => [shell, file],
  })),
  {
    engine: 'gcc',
    format: 'c',
    missing: missingTools('gcc', 'curl-config'),
    build: async (file: string) => [await compileC(file)],
  },
] as const;

describe.each(engines)('export $format, run by $engine', ({ format, missing, build }) => {
  let command: readonly string[];

  beforeAll(async () => {
    useGoodFiles();
    if (missing === undefined)
      command = await build(await exportedFile(format, { cert: certificateFile, key: keyFile }, workshop));
  });

  const runIt = (
    [program = '', ...args]: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ended> => runProgram(program, args, { env: { CURL_CA_BUNDLE: workshop.caFile, ...env } });

  test.for(badFiles)('sends nothing and ends with 1 for $what', async ({ put, env, error }, { skip }) => {
    if (missing !== undefined) return skip(missing);
    useGoodFiles();
    put();
    const before = workshop.authority.signIns().length;
    const { code, stdout, stderr } = await runIt(command, env);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(error);
    expect(stderr).not.toMatch(/PRIVATE KEY-|MII/);
    expect(workshop.authority.signIns()).toHaveLength(before);
  });

  test('opens an encrypted key with the password of the environment', async ({ skip }) => {
    if (missing !== undefined) return skip(missing);
    useGoodFiles();
    writeFileSync(keyFile, encryptedKey());
    expect(tokenOf(await runIt(command, { [passwordVariable]: password }))).toMatchObject({ appid: workshop.clientId });
  });

  test('opens a key of PKCS#1', async ({ skip }) => {
    if (missing !== undefined) return skip(missing);
    useGoodFiles();
    writeFileSync(keyFile, createPrivateKey(goodKey()).export({ type: 'pkcs1', format: 'pem' }));
    expect(tokenOf(await runIt(command))).toMatchObject({ appid: workshop.clientId });
  });

  test('ends with 1 when the server cannot be reached, and sends to no server that it does not trust', async ({
    skip,
  }) => {
    if (missing !== undefined) return skip(missing);
    useGoodFiles();
    const before = workshop.authority.signIns().length;
    const { code, stdout, stderr } = await runIt(command, { CURL_CA_BUNDLE: workshop.daemon.certificateFile });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: the token request: the server did not answer$/m);
    expect(workshop.authority.signIns()).toHaveLength(before);
  });
});

describe.each([
  { engine: 'Python with MSAL', format: 'python', program: '/usr/bin/python3', args: [] },
  { engine: 'Node with certgrant', format: 'node', program: process.execPath, args: [] },
  { engine: 'Node with MSAL', format: 'node', program: process.execPath, args: ['--msal'] },
])('export $format, run by $engine', ({ format, program, args }) => {
  // What the libraries find is said in their own words.
  test.for(badFiles)('sends nothing and ends with 1 for $what', async ({ put, env }, { skip }) => {
    if (format === 'python' && !(await hasMsal(program))) return skip(`${program} has no msal`);
    useGoodFiles();
    const file = await exportedFile(format, { cert: certificateFile, key: keyFile }, workshop);
    put();
    const before = workshop.authority.signIns().length;
    const trust = { REQUESTS_CA_BUNDLE: workshop.caFile, NODE_EXTRA_CA_CERTS: workshop.caFile };
    const { code, stdout, stderr } = await runProgram(program, [file, ...args], { env: { ...trust, ...env } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: /m);
    expect(workshop.authority.signIns()).toHaveLength(before);
  });
});

async function hasMsal(python: string): Promise<boolean> {
  const { code } = await runProgram(python, ['-c', 'import msal']).catch(() => ({ code: 1 }));
  return code === 0;
}

describe('export curl', () => {
  test('gives neither the password nor the assertion to a program as an argument', async ({ skip }) => {
    const missing = missingTools('sh', 'curl', 'openssl');
    if (missing !== undefined) return skip(missing);
    useGoodFiles();
    const script = await exportedFile('curl', { cert: certificateFile, key: keyFile }, workshop);
    writeFileSync(keyFile, encryptedKey());
    // Each program under its name, through a script that first writes down its arguments.
    const folder = mkdtempSync(join(workshop.folder, 'watched-'));
    const log = join(folder, 'arguments');
    for (const name of ['curl', 'openssl', 'sed', 'tr', 'grep']) {
      const line = `printf '%s\\n' "$@" >>'${log}'\nPATH=\${PATH#*:} exec ${name} "$@"\n`;
      writeFileSync(join(folder, name), `#!/bin/sh\n${line}`, { mode: 0o755 });
    }
    const env = {
      CURL_CA_BUNDLE: workshop.caFile,
      PATH: `${folder}:${process.env.PATH}`,
      [passwordVariable]: password,
    };
    tokenOf(await runProgram('sh', [script], { env }));
    const seen = readFileSync(log, 'utf8');
    expect(seen).toContain('client_assertion@-');
    expect(seen).not.toContain(password);
    // How every part of a JWT in JSON begins.
    expect(seen).not.toContain('eyJ');
  });
});

describe('export c', () => {
  const missing = missingTools('gcc', 'curl-config');

  test.for([
    { what: 'a token', put: () => undefined, ends: 0 },
    { what: 'a key of another certificate', put: useOtherKey, ends: 1 },
    { what: 'no key', put: () => writeFileSync(keyFile, ''), ends: 1 },
  ])('frees all that it takes, and stays within it: $what', async ({ put, ends }, { skip }) => {
    if (missing !== undefined) return skip(missing);
    useGoodFiles();
    const file = await exportedFile('c', { cert: certificateFile, key: keyFile }, workshop);
    // The sanitizers report what leaks at the end, and make another exit code of it.
    const program = await compileC(file, '-fsanitize=address,undefined', '-fno-sanitize-recover=all');
    put();
    const env = {
      CURL_CA_BUNDLE: workshop.caFile,
      ASAN_OPTIONS: 'detect_leaks=1:exitcode=99',
      LSAN_OPTIONS: 'exitcode=99',
    };
    const { code, stderr } = await runProgram(program, [], { env });
    expect(stderr).not.toMatch(/Sanitizer|runtime error/);
    expect(code).toBe(ends);
  });
});
