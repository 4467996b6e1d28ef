import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Platform, systemPlatform } from '@certgrant/core';

/** A request as the server got it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown> | undefined;
}

/** What the server answers: a JSON value, text, or what it does to the response by itself. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server on a real socket, whose answers the test decides. */
export class GraphServer {
  readonly received: Received[] = [];
  answer: (request: Received, response: ServerResponse) => Answer | undefined = () => ({ status: 404 });
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const received: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.received.push(received);
    const answer = this.answer(received, response);
    if (answer === undefined) return;
    const { status, json, headers = {} } = answer;
    const type = answer.text === undefined ? 'application/json' : 'text/html';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(answer.text ?? (json === undefined ? '' : JSON.stringify(json)));
  }
}

/** Graph's error body. */
export function refused(status: number, code: string, message: string, headers?: Record<string, string>): Answer {
  const innerError = {
    date: '2026-11-24T03:00:00',
    'request-id': 'the-request-id',
    'client-request-id': 'the-client-id',
  };
  return { status, json: { error: { code, message, innerError } }, ...(headers === undefined ? {} : { headers }) };
}

/**
 * The system's platform with waiting left out: short delays are over at once and move the clock. Long ones, which are
 * time limits, stay real.
 */
export function impatientPlatform(): { platform: Partial<Platform>; waits: number[] } {
  const waits: number[] = [];
  let ahead = 0;
  const platform: Partial<Platform> = {
    now: () => Date.now() + ahead,
    delay: async (milliseconds, signal) => {
      if (milliseconds > 19_000) return systemPlatform.delay(milliseconds, signal);
      signal?.throwIfAborted();
      waits.push(milliseconds);
      ahead += milliseconds;
    },
  };
  return { platform, waits };
}
