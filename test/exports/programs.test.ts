import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, runProgram } from '../interop/support/program.ts';
import { compileC } from './support/compile-c.ts';
import { exportedFile, missingTools, openWorkshop, tokenOf, type Wanted, type Workshop } from './support/exporting.ts';

/** A name that means something to every language: each format has to bring it to the file system byte for byte. */
const oddName = `it's "my" $HOME \`key\` \\n 100% a+b {{c}} \${d} Schlüssel\nnext 😀`;

let workshop: Workshop;
let oddFolder: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  oddFolder = join(workshop.folder, oddName);
  mkdirSync(oddFolder);
  const { certificateFile, keyFile, pemFile } = workshop.daemon;
  for (const file of [certificateFile, keyFile, pemFile]) cpSync(file, join(oddFolder, file.split('/').at(-1) ?? ''));
});
afterAll(() => workshop?.close());

interface Engine {
  readonly engine: string;
  readonly format: string;
  /** A reason why it cannot run on this machine. */
  readonly missing: () => string | undefined | Promise<string | undefined>;
  readonly run: (file: string) => Promise<Ended>;
  /** The headers of the assertions that it can make. */
  readonly algs: readonly ('PS256' | 'RS256')[];
}

/** Debian's: another one on the path has not Debian's packages. */
const python = '/usr/bin/python3';

async function missingMsalPython(): Promise<string | undefined> {
  const { code } = await runProgram(python, ['-c', 'import msal']).catch(() => ({ code: 1 }));
  return code === 0 ? undefined : `${python} has no msal`;
}

const engines: readonly Engine[] = [
  ...['dash', 'bash'].map((shell) => ({
    engine: shell,
    format: 'curl',
    missing: () => missingTools(shell, 'curl', 'openssl'),
    run: (file: string) => runProgram(shell, [file], { env: { CURL_CA_BUNDLE: workshop.caFile } }),
    algs: ['PS256', 'RS256'] as const,
  })),
  {
    engine: 'gcc',
    format: 'c',
    missing: () => missingTools('gcc', 'curl-config'),
    run: async (file) => runProgram(await compileC(file), [], { env: { CURL_CA_BUNDLE: workshop.caFile } }),
    algs: ['PS256', 'RS256'],
  },
  {
    engine: 'Python',
    format: 'python',
    missing: missingMsalPython,
    run: (file) => runProgram(python, [file], { env: { REQUESTS_CA_BUNDLE: workshop.caFile } }),
    algs: ['RS256'],
  },
  ...[[], ['--msal']].map((args) => ({
    engine: `Node with ${args.length === 0 ? 'certgrant' : 'MSAL'}`,
    format: 'node',
    missing: () => undefined,
    run: (file: string) =>
      runProgram(process.execPath, [file, ...args], { env: { NODE_EXTRA_CA_CERTS: workshop.caFile } }),
    algs: ['PS256', 'RS256'] as const,
  })),
];

describe.each(engines)('export $format, run by $engine', ({ format, missing, run, algs }) => {
  const granted = async (wanted: Wanted, alg: string): Promise<void> => {
    const { authority, clientId, daemon } = workshop;
    const claims = tokenOf(await run(await exportedFile(format, wanted, workshop)));
    expect(claims).toMatchObject({ appid: clientId, tid: authority.tenantId, roles: ['User.Read.All'] });
    expect(authority.signIns().at(-1)).toMatchObject({ outcome: 'granted', clientId, thumbprint: daemon.sha1 });
    const request = await tokenRequest();
    expect(request.assertion?.header).toMatchObject({ alg, [alg === 'PS256' ? 'x5t#S256' : 'x5t']: expect.anything() });
  };

  test.for(algs)('gets a token with an assertion signed with %s', async (alg, { skip }) => {
    const reason = await missing();
    if (reason !== undefined) return skip(reason);
    const { certificateFile, keyFile } = workshop.daemon;
    await granted({ cert: certificateFile, key: keyFile, alg }, alg);
  });

  test('opens files with any name, byte for byte', async ({ skip }) => {
    const reason = await missing();
    if (reason !== undefined) return skip(reason);
    const [alg = 'PS256'] = algs;
    await granted({ cert: join(oddFolder, 'daemon.crt'), key: join(oddFolder, 'daemon.key'), alg }, alg);
    await granted({ cert: join(oddFolder, 'daemon.pem'), alg }, alg);
  });

  test('sends any scope, byte for byte, and shows why it is refused', async ({ skip }) => {
    const reason = await missing();
    if (reason !== undefined) return skip(reason);
    const scope = `api://it's-"my"-$HOME-\`x\`-\\n-100%-a+b-{{c}}-\${d}-&e=f-ü😀/.default`;
    const file = await exportedFile(format, { cert: workshop.daemon.pemFile, scope }, workshop);
    const { code, stdout, stderr } = await run(file);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/AADSTS\d+/);
    const sent = new Set((await tokenRequest()).form?.scope?.split(' '));
    // The MSALs add scopes of their own.
    expect([...sent]).toContain(scope);
  });
});

/** The token request among the requests that have come since the last time; MSALs ask for metadata before it. */
async function tokenRequest(): Promise<Awaited<ReturnType<Workshop['authority']['takeRequest']>>> {
  for (let taken = 0; taken < 10; taken++) {
    const request = await workshop.authority.takeRequest();
    if (request.method === 'POST' && request.path.endsWith('/token')) return request;
  }
  throw new Error('ten requests, and none for a token');
}
