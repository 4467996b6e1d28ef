import type { IncomingMessage } from 'node:http';
import { largestBody } from '../checks/size.ts';
import { requestUrl } from './request-url.ts';

/** Where a request comes from, in the terms of `ReceivedRequest`. */
export interface RequestSource {
  readonly method: string;
  readonly target: string;
  readonly url: string;
  readonly rawHeaders: readonly string[];
  header(name: string): string | undefined;
  /** All of it as text, or `undefined` when it is larger than {@link largestBody}: the rest is not read then. */
  readBody(): Promise<string | undefined>;
}

/** A request over a connection. */
export class SocketSource implements RequestSource {
  readonly url: string;
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
    this.url = requestUrl(this.target, incoming.headers.host) ?? '';
  }

  get method(): string {
    return this.#incoming.method ?? '';
  }

  get target(): string {
    return this.#incoming.url ?? '';
  }

  get rawHeaders(): readonly string[] {
    return this.#incoming.rawHeaders;
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name];
    return typeof value === 'object' ? value.join(', ') : value;
  }

  readBody(): Promise<string | undefined> {
    const incoming = this.#incoming;
    const stated = Number(incoming.headers['content-length'] ?? 0);
    if (stated > largestBody) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const read = (chunk: Buffer): void => {
        length += chunk.length;
        chunks.push(chunk);
        if (length <= largestBody) return;
        // Node throws away what still comes, once there is an answer.
        incoming.off('data', read).pause();
        resolve(undefined);
      };
      incoming
        .on('data', read)
        .once('end', () => resolve(textOf(chunks)))
        .once('error', reject)
        .once('close', () => {
          if (!incoming.complete) reject(new Error('the client went away'));
        });
    });
  }
}

function textOf(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  const whole = first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks);
  return whole.toString('utf8');
}

/** A request without a connection, from a program that calls the authority as a function. */
export class FetchSource implements RequestSource {
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method;
  }

  get target(): string {
    return this.url.replace(/^https?:\/\/[^/?#]*/, '');
  }

  get url(): string {
    return this.#request.url;
  }

  get rawHeaders(): readonly string[] {
    return [...this.#request.headers].flat();
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  async readBody(): Promise<string | undefined> {
    const text = await this.#request.text();
    return Buffer.byteLength(text) <= largestBody ? text : undefined;
  }
}
