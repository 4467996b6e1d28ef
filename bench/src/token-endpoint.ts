import { startCapacity } from './capacity.ts';
import { type Child, startChild } from './child.ts';
import type { Material } from './material.ts';
import { median, rotated } from './measure.ts';
import type { Finding } from './report.ts';
import { createTlsCertificate } from './tls-certificate.ts';
import type { LoadAnswer, LoadQuestion, Target } from './token-load-child.ts';
import type { ServerQuestion } from './token-server-child.ts';

const rounds = 7;
const connections = 16;
const capacityTime = 500;

type ServerName = 'authority' | 'oidc-provider';

interface Server {
  readonly name: ServerName;
  /** Requests in a round. */
  readonly count: number;
  readonly child: Child;
}

/** One round with one server; rates per second, CPU in microseconds a token. */
interface Run {
  readonly rate: number;
  readonly serverCpu: number;
  readonly loadCpu: number;
  /** How many cores the load generator kept from the server. */
  readonly loadCores: number;
}

/** Tokens per second of one server process, over what the cores could do if RSA were all there is. */
export async function benchTokenEndpoint(material: Material): Promise<Finding> {
  const tls = await createTlsCertificate();
  const capacity = startCapacity(material);
  const load = startChild('token-load-child');
  const servers: Server[] = [
    { name: 'authority', count: 1200, child: startChild('token-server-child') },
    { name: 'oidc-provider', count: 400, child: startChild('token-server-child') },
  ];
  for (const { name, count, child } of servers) {
    const target = await child.ask<Target>({ start: name, pem: material.pem, tls } satisfies ServerQuestion);
    const all = count * (rounds + 1);
    await load.ask({ prepare: target, name, pem: material.pem, count: all } satisfies LoadQuestion);
  }

  const capacities: number[] = [];
  const runs: Record<ServerName, Run[]> = { authority: [], 'oidc-provider': [] };
  // Round -1 warms up and is not counted.
  for (let round = -1; round < rounds; round++) {
    const rate = await capacity.measure(capacityTime);
    if (round >= 0) capacities.push(rate);
    for (const server of rotated(servers, round)) {
      const run = await runLoad(load, server);
      if (round >= 0) runs[server.name].push(run);
    }
  }
  load.end();
  for (const { child } of servers) child.end();
  await capacity.end();
  return finding(capacities, runs, capacity.cores);
}

async function runLoad(load: Child, { name, count, child }: Server): Promise<Run> {
  const cpuBefore = await child.ask<number>({ cpu: true });
  const { answered, refused, wall, cpu } = await load.ask<LoadAnswer>({ run: name, count, connections });
  const serverCpu = (await child.ask<number>({ cpu: true })) - cpuBefore;
  if (refused > 0) throw new Error(`bench: ${name} refused ${refused} of ${answered} requests`);
  return {
    rate: (answered * 1e6) / wall,
    serverCpu: serverCpu / answered,
    loadCpu: cpu / answered,
    loadCores: cpu / wall,
  };
}

function finding(capacities: readonly number[], runs: Record<ServerName, readonly Run[]>, cores: number): Finding {
  const bound = median(capacities);
  const share = (name: ServerName, of: (run: Run, capacity: number) => number): number =>
    median(runs[name].map((run, round) => of(run, capacities[round] ?? Number.NaN)));
  const ofCapacity = (name: ServerName): number => share(name, ({ rate }, capacity) => rate / capacity);
  const ofLeft = (name: ServerName): number =>
    share(name, ({ rate, loadCores }, capacity) => rate / (capacity * (1 - loadCores / cores)));
  const rows = (Object.keys(runs) as ServerName[]).map((name) => [
    name,
    share(name, ({ rate }) => rate),
    ofCapacity(name),
    ofLeft(name),
    share(name, ({ serverCpu }) => serverCpu),
    share(name, ({ loadCpu }) => loadCpu),
  ]);
  const againstPeer = median(
    runs.authority.map(({ rate }, round) => rate / (runs['oidc-provider'][round]?.rate ?? Number.NaN)),
  );
  return {
    title: `Token endpoint over TLS in one process, ${connections} connections: client_credentials with private_key_jwt`,
    columns: ['', 'tokens/s', '× RSA bound', '× bound less load', 'server CPU µs', 'load CPU µs'],
    rows: [[`RSA alone, ${cores} cores`, bound, 1, 1, (cores * 1e6) / bound, 0], ...rows],
    notes: [
      'RSA bound: a PS256 verification and an RS256 signature for each token, on all cores, nothing else.',
      'less load: without the cores that the load generator used, which a client elsewhere would not take.',
      `authority ÷ oidc-provider: ${againstPeer.toFixed(2)} ×`,
    ],
    goals: [
      {
        name: 'tokens/s ÷ what the cores can sign and verify',
        measured: ofCapacity('authority'),
        relation: 'at least',
        goal: 0.8,
      },
    ],
  };
}
