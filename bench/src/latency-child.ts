import { createClientAssertion, loadCredential } from '@certgrant/core';
import { answer } from './child.ts';
import { KeptConnection, openSocket, sendAll } from './keep-alive-client.ts';
import { median } from './measure.ts';
import type { Target } from './token-load-child.ts';
import { requestBytes } from './token-request.ts';

export type LatencyQuestion =
  /** One request for each of the clients. */
  | { readonly prepare: readonly Target[]; readonly name: string; readonly pem: string }
  /** The requests one after another, each taken once where `once`, else from the beginning again. */
  | { readonly measure: string; readonly count: number; readonly once?: boolean }
  /** As fast as it goes, the requests again and again. */
  | { readonly load: string; readonly count: number; readonly once?: boolean };

const prepared = new Map<string, { readonly target: Target; readonly requests: Buffer[] }>();

answer<LatencyQuestion>(async (question) => {
  if ('prepare' in question) {
    const { prepare: targets, name, pem } = question;
    const credential = await loadCredential(new TextEncoder().encode(pem));
    const requests: Buffer[] = [];
    for (const target of targets) {
      const { url: audience, clientId, profile } = target;
      const assertion = await createClientAssertion({ credential, clientId, audience, profile });
      requests.push(requestBytes(target, assertion));
    }
    const [target] = targets;
    if (target !== undefined) prepared.set(name, { target, requests });
    return true;
  }
  const name = 'load' in question ? question.load : question.measure;
  const known = prepared.get(name);
  if (known === undefined) throw new Error(`latency: ${name} was never prepared`);
  const { target, requests } = known;
  const once = question.once === true;
  const taken = once
    ? requests.splice(0, question.count)
    : Array.from({ length: question.count }, (_, index) => requests[index % requests.length] ?? Buffer.alloc(0));
  if ('load' in question) {
    const { refused } = await sendAll(target, taken, 16);
    if (refused > 0) throw new Error(`latency: ${name} refused ${refused} requests`);
    return true;
  }
  return medianLatency(target, taken);
});

/** In microseconds. */
async function medianLatency(target: Target, requests: readonly Buffer[]): Promise<number> {
  const { hostname, port } = new URL(target.url);
  const connection = new KeptConnection(await openSocket(hostname, Number(port), target.ca));
  const latencies: number[] = [];
  for (const request of requests) {
    const start = performance.now();
    if ((await connection.exchange(request)) !== 200) throw new Error('latency: a request was refused');
    latencies.push((performance.now() - start) * 1000);
  }
  connection.end();
  return median(latencies);
}
