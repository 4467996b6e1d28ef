import { createClientAssertion, type HeaderProfile, loadCredential } from '@certgrant/core';
import { answer } from './child.ts';
import { sendAll } from './keep-alive-client.ts';
import { cpuTime } from './measure.ts';
import { requestBytes } from './token-request.ts';

/** Where tokens are asked for, and how. */
export interface Target {
  readonly url: string;
  readonly ca: string;
  readonly clientId: string;
  readonly scope: string;
  readonly profile: HeaderProfile;
}

export type LoadQuestion =
  | { readonly prepare: Target; readonly name: string; readonly pem: string; readonly count: number }
  | { readonly run: string; readonly count: number; readonly connections: number };

/** The run's outcome, and what the load generator itself spent, in microseconds. */
export interface LoadAnswer {
  readonly answered: number;
  readonly refused: number;
  readonly wall: number;
  readonly cpu: number;
}

const prepared = new Map<string, { readonly target: Target; readonly requests: Buffer[] }>();

answer<LoadQuestion>(async (question) => {
  if ('prepare' in question) {
    const { prepare: target, name, pem, count } = question;
    const credential = await loadCredential(new TextEncoder().encode(pem));
    // Each request has its own assertion: a server may refuse a repeated one, or remember its verdict.
    const requests = Array.from({ length: count }, async () => {
      const { url: audience, clientId, profile } = target;
      const assertion = await createClientAssertion({ credential, clientId, audience, profile });
      return requestBytes(target, assertion);
    });
    prepared.set(name, { target, requests: await Promise.all(requests) });
    return true;
  }
  const { target, requests } = prepared.get(question.run) ?? { target: undefined, requests: [] };
  if (target === undefined) throw new Error(`load: ${question.run} was never prepared`);
  const cpuStart = cpuTime();
  const load = await sendAll(target, requests.splice(0, question.count), question.connections);
  return { ...load, cpu: cpuTime() - cpuStart } satisfies LoadAnswer;
});
