import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuthorityQuestion, Memory, ServerName } from './authority-child.ts';
import { startChild } from './child.ts';
import type { LatencyQuestion } from './latency-child.ts';
import type { Material } from './material.ts';
import type { Finding } from './report.ts';
import { withTemporaryFolder } from './temporary-file.ts';
import { createTlsCertificate } from './tls-certificate.ts';
import type { Target } from './token-load-child.ts';

/** As many requests as each server is asked, after a tenth of them for warming up. */
const requests: Readonly<Record<ServerName, number>> = {
  authority: 200_000,
  'oauth2-mock-server': 10_000,
  'oidc-provider': 5_000,
};

/** So many different assertions; who refuses a repeated one is sent each once. */
const assertions = 500;

interface Growth {
  readonly name: ServerName;
  readonly count: number;
  readonly before: Memory;
  readonly after: Memory;
}

/** What a server still holds after many token requests. */
export function benchAuthorityMemory(material: Material): Promise<Finding> {
  return withTemporaryFolder(async (folder) => {
    const certificateFile = join(folder, 'daemon.cer');
    await writeFile(certificateFile, material.certificatePem);
    const tls = await createTlsCertificate();
    const grown: Growth[] = [];
    for (const [name, count] of Object.entries(requests) as [ServerName, number][]) {
      const child = startChild('authority-child');
      const load = startChild('latency-child');
      const { pem } = material;
      const target = await child.ask<Target>({ start: name, pem, certificateFile, tls } satisfies AuthorityQuestion);
      const warm = count / 10;
      const isOnce = name === 'oidc-provider';
      const targets = Array.from({ length: isOnce ? count + warm : assertions }, () => target);
      await load.ask({ prepare: targets, name, pem } satisfies LatencyQuestion);
      await load.ask({ load: name, count: warm, once: isOnce } satisfies LatencyQuestion);
      const before = await child.ask<Memory>({ memory: true } satisfies AuthorityQuestion);
      await load.ask({ load: name, count, once: isOnce } satisfies LatencyQuestion);
      const after = await child.ask<Memory>({ memory: true } satisfies AuthorityQuestion);
      grown.push({ name, count, before, after });
      load.end();
      child.end();
    }
    return finding(grown);
  });
}

function finding(grown: readonly Growth[]): Finding {
  const mega = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const authority = grown.find(({ name }) => name === 'authority');
  return {
    title: 'Memory over many token requests, after the garbage was collected',
    columns: ['', 'requests', 'heap MB before', 'after', 'resident MB before', 'after', 'heap bytes a request'],
    rows: grown.map(({ name, count, before, after }) => [
      name,
      count,
      mega(before.heap),
      mega(after.heap),
      mega(before.resident),
      mega(after.resident),
      (after.heap - before.heap) / count,
    ]),
    notes: [
      'Before: when a tenth as many requests were answered. oidc-provider keeps assertions and tokens until they expire.',
    ],
    goals: [
      {
        name: `heap after ${requests.authority} token requests ÷ before`,
        measured: authority === undefined ? Number.NaN : authority.after.heap / authority.before.heap,
        relation: 'at most',
        goal: 1.05,
      },
    ],
  };
}
