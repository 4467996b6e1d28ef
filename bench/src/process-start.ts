import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBenchAuthority } from './bench-authority.ts';
import { type Command, cpuOfCommand } from './child-cpu.ts';
import type { Material } from './material.ts';
import { median, medianRatio, rotated } from './measure.ts';
import type { Finding } from './report.ts';
import { withTemporaryFolder } from './temporary-file.ts';

const rounds = 15;
const runsPerRound = 6;
const base = 'node -e 0';
const assertion = 'certgrant assertion';
const token = 'certgrant token, from its cache';

/** Whole processes, from start to end: CPU over that of a Node that does nothing. */
export function benchProcessStart({ pem }: Material): Promise<Finding> {
  return withTemporaryFolder(async (folder) => {
    const { authority, target } = await startBenchAuthority(pem);
    const [certFile, caFile] = [join(folder, 'daemon.pem'), join(folder, 'ca.pem')];
    await writeFile(certFile, pem, { mode: 0o600 });
    await writeFile(caFile, authority.ca);
    const certgrant = fileURLToPath(new URL(import.meta.resolve('certgrant/bin/certgrant.cjs')));
    const who = ['--tenant', authority.tenantId, '--client-id', target.clientId, '--cert', certFile];
    const where = ['--authority', authority.url, '--ca', caFile, '--scope', target.scope];
    const program = process.execPath;
    const fromCache: Command = { name: token, program, args: [certgrant, 'token', ...who, ...where] };
    const commands: readonly Command[] = [
      { name: base, program, args: ['-e', '0'] },
      { name: assertion, program, args: [certgrant, 'assertion', ...who] },
      fromCache,
    ];
    await primeTokenCache(fromCache, folder);
    await authority.close();

    const samples = new Map<string, number[]>(commands.map(({ name }) => [name, []]));
    for (let round = -1; round < rounds; round++) {
      for (const command of rotated(commands, round)) {
        const spent = cpuOfCommand(command, environment(folder), runsPerRound);
        if (round >= 0) samples.get(command.name)?.push(spent);
      }
    }
    return {
      title: 'Whole processes: CPU',
      columns: ['', 'ms', '× node -e 0'],
      rows: [...samples].map(([name, values]) => [name, median(values), medianRatio(samples, name, base)]),
      goals: [
        {
          name: `${assertion} ÷ ${base} (CPU)`,
          measured: medianRatio(samples, assertion, base),
          relation: 'at most',
          goal: 1.4,
        },
        {
          name: `${token} ÷ ${base} (CPU)`,
          measured: medianRatio(samples, token, base),
          relation: 'at most',
          goal: 1.6,
        },
      ],
    };
  });
}

/** Gets the first token over the network, without blocking this process, where the authority answers. */
function primeTokenCache({ args }: Command, folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { env: environment(folder) }, (error, _, stderr) => {
      if (error === null) resolve();
      else reject(new Error(`bench: ${token} failed\n${stderr}`));
    });
  });
}

/** Caches of its own, and nothing that makes every Node process slower or lets the environment decide. */
function environment(folder: string): NodeJS.ProcessEnv {
  const { PATH } = process.env;
  return { ...(PATH === undefined ? {} : { PATH }), HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') };
}
