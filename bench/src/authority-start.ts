import { startAuthority } from '@certgrant/authority';
import type { Material } from './material.ts';
import { cpuTime, median, rotated } from './measure.ts';
import { startMockServer, startOidcProvider } from './peer-servers.ts';
import type { Finding } from './report.ts';
import { createTlsCertificate } from './tls-certificate.ts';

const rounds = 15;

/** Starting a server in a process that has started one before, as the second test of a run does. */
export async function benchAuthorityStart({ pem }: Material): Promise<Finding> {
  const tls = await createTlsCertificate();
  const servers: readonly { readonly name: string; start(): Promise<{ close(): Promise<void> }> }[] = [
    { name: 'startAuthority()', start: () => startAuthority() },
    { name: 'oidc-provider', start: () => startOidcProvider(pem, tls) },
    { name: 'oauth2-mock-server', start: () => startMockServer(pem, tls) },
  ];
  const samples = new Map<string, number[]>(servers.map(({ name }) => [name, []]));
  // Round -1 is the first start, which loads and makes what the others share.
  for (let round = -1; round < rounds; round++) {
    for (const { name, start } of rotated(servers, round)) {
      globalThis.gc?.();
      const before = cpuTime();
      const server = await start();
      const spent = (cpuTime() - before) / 1000;
      await server.close();
      if (round >= 0) samples.get(name)?.push(spent);
    }
  }
  const base = samples.get('startAuthority()') ?? [];
  return {
    title: 'Starting a token server in a process after the first: CPU until it listens over TLS',
    columns: ['', 'ms', '× startAuthority()'],
    rows: [...samples].map(([name, values]) => [
      name,
      median(values),
      median(values.map((value, round) => value / (base[round] ?? Number.NaN))),
    ]),
    notes: [
      'startAuthority() makes a CA, a server certificate and a tenant each time; the RSA key that signs tokens is made once a process.',
      'The others are given their certificate; oauth2-mock-server makes an RSA key each time, oidc-provider has one for development.',
    ],
    goals: [
      { name: 'startAuthority() after the first, ms of CPU', measured: median(base), relation: 'at most', goal: 50 },
    ],
  };
}
