import { type SignInFacts, thumbprintOf } from '../controls/sign-in-facts.ts';
import type { Exchange } from './exchange.ts';
import type { RequestSource } from './request-source.ts';

/**
 * A request as it came, with what was found out about it on its way to the answer.
 *
 * Only references are kept: most of these are never looked at, and forgotten when a thousand others have come.
 */
export class ReceivedRequest {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly target: string;
  /** Empty when target and host make none. */
  readonly url: string;
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[];
  /** When it came, in milliseconds since the epoch, by the authority's clock. */
  readonly at: number;
  exchange: Exchange | undefined;
  signIn: SignInFacts | undefined;
  /** Of the answer. */
  status = 0;
  /** Whether the log has it. */
  isLogged = false;
  /** `undefined` until it is read, and when it is too large. */
  body: string | undefined;
  #source: RequestSource | undefined;
  #reading: Promise<string | undefined> | undefined;

  constructor(source: RequestSource, now: number) {
    this.method = source.method;
    this.target = source.target;
    this.url = source.url;
    this.rawHeaders = source.rawHeaders;
    this.at = now;
    this.#source = source;
  }

  /** @param name in lower case */
  header(name: string): string | undefined {
    return this.#source?.header(name);
  }

  /** The body as text, or `undefined` when it is too large. */
  text(): Promise<string | undefined> {
    this.#reading ??= this.#read();
    return this.#reading;
  }

  /** Lets go of what only the answer needed: a thousand requests are kept, and they must not hold sockets and assertions. */
  settle(status: number): void {
    this.status = status;
    this.#source = undefined;
    const facts = this.signIn;
    if (facts?.context === undefined) return;
    facts.thumbprint = thumbprintOf(facts.context);
    facts.context = undefined;
  }

  async #read(): Promise<string | undefined> {
    this.body = await this.#source?.readBody();
    return this.body;
  }
}
