import { type Measured, startCapacity } from './capacity.ts';
import { type Child, startChild } from './child.ts';
import type { Material } from './material.ts';
import { median, rotated } from './measure.ts';
import type { Finding } from './report.ts';
import { createTlsCertificate } from './tls-certificate.ts';
import type { LoadAnswer, LoadQuestion, Target } from './token-load-child.ts';
import type { ServerName, ServerQuestion } from './token-server-child.ts';

const rounds = 7;
/** So many requests it takes until V8 has compiled the whole way for good; a server runs for longer than that. */
const warmUpRounds = 4;
const connections = 16;
const capacityTime = 500;

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
  // Node's own four threads are too many for two cores and too few for eight, whoever the server is.
  const env = { UV_THREADPOOL_SIZE: String(capacity.cores) };
  // As `certgrant authority` sets it: its event loop keeps one core busy.
  const ours = { UV_THREADPOOL_SIZE: String(Math.max(1, capacity.cores - 1)) };
  const servers: Server[] = [
    { name: 'authority', count: 1200, child: startChild('token-server-child', { env: ours }) },
    { name: 'oidc-provider', count: 400, child: startChild('token-server-child', { env }) },
    { name: 'oauth2-mock-server', count: 400, child: startChild('token-server-child', { env }) },
    { name: 'node:https and RSA', count: 1200, child: startChild('token-server-child', { env }) },
  ];
  for (const { name, count, child } of servers) {
    const target = await child.ask<Target>({ start: name, pem: material.pem, tls } satisfies ServerQuestion);
    const all = count * (rounds + warmUpRounds);
    await load.ask({ prepare: target, name, pem: material.pem, count: all } satisfies LoadQuestion);
  }

  const bounds: Measured[] = [];
  const runs: Record<ServerName, Run[]> = {
    authority: [],
    'oidc-provider': [],
    'oauth2-mock-server': [],
    'node:https and RSA': [],
  };
  // Rounds below 0 warm up and are not counted.
  for (let round = -warmUpRounds; round < rounds; round++) {
    const bound = await capacity.measure(capacityTime);
    if (round >= 0) bounds.push(bound);
    for (const server of rotated(servers, round)) {
      const run = await runLoad(load, server);
      if (round >= 0) runs[server.name].push(run);
    }
  }
  load.end();
  for (const { child } of servers) child.end();
  await capacity.end();
  return finding(bounds, runs, capacity.cores);
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

function finding(bounds: readonly Measured[], runs: Record<ServerName, readonly Run[]>, cores: number): Finding {
  const perRound = (name: ServerName, of: (run: Run, bound: Measured) => number): number =>
    median(runs[name].flatMap((run, round) => of(run, bounds[round] ?? { rate: Number.NaN, cpu: Number.NaN })));
  const ofBound = (name: ServerName): number => perRound(name, (run, bound) => run.rate / bound.rate);
  const rows = (Object.keys(runs) as ServerName[]).map((name) => [
    name,
    perRound(name, ({ rate }) => rate),
    ofBound(name),
    perRound(name, (run, bound) => run.rate / (bound.rate * (1 - run.loadCores / cores))),
    perRound(name, ({ serverCpu }) => serverCpu),
    perRound(name, (run, bound) => bound.cpu / run.serverCpu),
    perRound(name, ({ loadCpu }) => loadCpu),
  ]);
  const [boundRate, boundCpu] = [median(bounds.map(({ rate }) => rate)), median(bounds.map(({ cpu }) => cpu))];
  const over = (other: ServerName): string =>
    median(runs.authority.map(({ rate }, round) => rate / (runs[other][round]?.rate ?? Number.NaN))).toFixed(2);
  return {
    title: `Token endpoint over TLS in one process, ${connections} connections: client_credentials with private_key_jwt`,
    columns: ['', 'tokens/s', '× RSA', '× RSA less load', 'server CPU µs', 'RSA of it', 'load CPU µs'],
    rows: [[`RSA alone on ${cores} cores`, boundRate, 1, 1, boundCpu, 1, 0], ...rows],
    notes: [
      'RSA: a PS256 verification and an RS256 signature for each token, on all cores, and nothing else.',
      'node:https and RSA: an endpoint that does nothing else, so the most that any server on node:https can reach.',
      'less load: without what the load generator took of the cores, which a client elsewhere would not take.',
      'RSA of it: what part of the CPU is RSA, that is the first ratio if all cores were the server’s.',
      'oauth2-mock-server verifies nothing.',
      `authority ÷ oidc-provider: ${over('oidc-provider')}; ÷ node:https and RSA: ${over('node:https and RSA')}`,
    ],
    goals: [
      {
        name: 'tokens/s ÷ what the cores can sign and verify',
        measured: ofBound('authority'),
        relation: 'at least',
        goal: 0.85,
      },
    ],
  };
}
