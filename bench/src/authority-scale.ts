import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AuthorityQuestion, applicationId, type Opened } from './authority-child.ts';
import { type Child, startChild } from './child.ts';
import type { LatencyQuestion } from './latency-child.ts';
import type { Material } from './material.ts';
import { median, rotated } from './measure.ts';
import type { Finding } from './report.ts';
import { withTemporaryFolder } from './temporary-file.ts';

const [few, many] = [10, 100_000];
const rounds = 9;
const requestsOfRound = 150;

interface Server {
  readonly applications: number;
  readonly child: Child;
  readonly opened: Opened;
}

/** What a hundred thousand registered applications cost a client that asks for tokens, and a restart. */
export function benchAuthorityScale(material: Material): Promise<Finding> {
  return withTemporaryFolder(async (folder) => {
    const certificateFile = join(folder, 'daemon.cer');
    await writeFile(certificateFile, material.certificatePem);
    const servers: Server[] = [];
    for (const applications of [few, many]) {
      servers.push(await restarted({ folder: join(folder, String(applications)), applications, certificateFile }));
    }
    const load = startChild('latency-child');
    const medians = await measure(servers, load, material.pem);
    load.end();
    for (const { child } of servers) {
      await child.ask({ close: true } satisfies AuthorityQuestion);
      child.end();
    }
    return finding(servers, medians);
  });
}

/** Fills a folder in one process and opens it in another, whose CPU until it listens counts. */
async function restarted(wanted: {
  readonly folder: string;
  readonly applications: number;
  readonly certificateFile: string;
}): Promise<Server> {
  const { folder: open, applications, certificateFile } = wanted;
  const filling = startChild('authority-child');
  await filling.ask({ open, applications, certificateFile } satisfies AuthorityQuestion);
  await filling.ask({ close: true } satisfies AuthorityQuestion);
  filling.end();
  const child = startChild('authority-child');
  const opened = await child.ask<Opened>({ open, certificateFile } satisfies AuthorityQuestion);
  return { applications, child, opened };
}

/** By name the median latency of each round. */
async function measure(servers: readonly Server[], load: Child, pem: string): Promise<ReadonlyMap<string, number[]>> {
  const medians = new Map<string, number[]>();
  const turns: { readonly name: string; readonly once: boolean }[] = [];
  for (const { applications, opened } of servers) {
    // The clients of a busy day: as many as are registered in the small one.
    const step = applications / few;
    const busy = Array.from({ length: few }, (_, index) => applicationId(index * step));
    await prepare(load, busyName(applications), opened, busy, pem);
    turns.push({ name: busyName(applications), once: false });
    if (applications === few) continue;
    const count = requestsOfRound * (rounds + 1);
    const others = Array.from({ length: count }, (_, index) =>
      applicationId(Math.floor(((index + 0.5) * many) / count)),
    );
    await prepare(load, newName, opened, others, pem);
    turns.push({ name: newName, once: true });
  }
  // Round -1 warms up and is not counted.
  for (let round = -1; round < rounds; round++) {
    for (const { name, once } of rotated(turns, round)) {
      const question = { measure: name, count: requestsOfRound, once } satisfies LatencyQuestion;
      const latency = await load.ask<number>(question);
      if (round >= 0) medians.set(name, [...(medians.get(name) ?? []), latency]);
    }
  }
  return medians;
}

const newName = `a client that never asked before, of ${many}`;

function busyName(applications: number): string {
  return `one of ${few} clients, of ${applications}`;
}

async function prepare(
  load: Child,
  name: string,
  { target }: Opened,
  ids: readonly string[],
  pem: string,
): Promise<void> {
  const targets = ids.map((clientId) => ({ ...target, clientId }));
  await load.ask({ prepare: targets, name, pem } satisfies LatencyQuestion);
}

function finding(servers: readonly Server[], medians: ReadonlyMap<string, number[]>): Finding {
  const base = medians.get(busyName(few)) ?? [];
  const ratio = (name: string): number =>
    median((medians.get(name) ?? []).map((value, round) => value / (base[round] ?? Number.NaN)));
  const restart = (servers.find(({ applications }) => applications === many)?.opened.cpu ?? Number.NaN) / 1e6;
  return {
    title: `The authority's token endpoint with ${few} and with ${many} registered applications, in a folder`,
    columns: ['', 'median latency µs', `× ${few} registered`],
    rows: [...medians].map(([name, values]) => [name, median(values), ratio(name)]),
    notes: [
      'One connection, one request at a time; the first request of a client reads it from the database.',
      ...servers.map(
        ({ applications, opened }) =>
          `A restart with ${applications} applications: ${(opened.cpu / 1000).toFixed(0)} ms CPU of the whole process until it listens.`,
      ),
    ],
    goals: [
      {
        name: `token latency with ${many} registered ÷ with ${few}`,
        measured: ratio(busyName(many)),
        relation: 'at most',
        goal: 1.1,
      },
      { name: `restart with ${many} applications, s of CPU`, measured: restart, relation: 'at most', goal: 1 },
    ],
  };
}
