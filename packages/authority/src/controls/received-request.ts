import type { HttpBindings } from '@hono/node-server';
import type { AssertionContext } from '../checks/assertion-context.ts';
import type { SignInCheckName } from '../checks/sign-in-checks.ts';
import type { ServicePrincipal, Tenant } from '../directory/entities.ts';
import type { Client } from '../directory/sign-in-lookups.ts';
import { readBody } from '../http/body.ts';
import type { Exchange } from '../http/exchange.ts';

/** What the token endpoint has found out about a request, as far as it came. */
export interface SignInFacts {
  readonly version: 1 | 2;
  /** As it stands in the URL. */
  readonly tenantName: string;
  clientId?: string | undefined;
  credential?: 'certificate' | 'secret';
  tenant?: Tenant;
  client?: Client;
  context?: AssertionContext | undefined;
  /** Of the registered certificate that the assertion is by: SHA-1 in upper-case hexadecimal. */
  thumbprint?: string | undefined;
  resource?: ServicePrincipal;
  roles?: readonly string[];
  /** The check that refused, and what it said. */
  failed?: SignInCheckName | undefined;
  refused?: Refused;
  /** The id of the fault that answered in place of the checks. */
  fault?: string;
}

/** An error as far as the log shows it. */
export interface Refused {
  readonly code: number;
  readonly error: string;
  readonly message: string;
  readonly expected?: string | undefined;
  readonly received?: string | undefined;
}

/**
 * A request as it came, with what was found out about it on its way to the answer.
 *
 * Only references are kept: most of these are never looked at, and forgotten when a thousand others have come.
 */
export class ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
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
  #request: Request | undefined;
  #reading: Promise<string | undefined> | undefined;

  constructor(request: Request, incoming: HttpBindings['incoming'] | undefined, now: number) {
    this.method = request.method;
    this.target = incoming?.url ?? request.url.replace(/^https?:\/\/[^/?#]*/, '');
    this.rawHeaders = incoming?.rawHeaders ?? [...request.headers].flat();
    this.at = now;
    this.#request = request;
  }

  /** The body as text, or `undefined` when it is too large. */
  text(): Promise<string | undefined> {
    this.#reading ??= this.#read();
    return this.#reading;
  }

  /** Lets go of what only the checks needed: a thousand requests are kept, and an assertion taken apart is large. */
  settle(status: number): void {
    this.status = status;
    const facts = this.signIn;
    if (facts?.context === undefined) return;
    facts.thumbprint = thumbprintOf(facts.context);
    facts.context = undefined;
  }

  async #read(): Promise<string | undefined> {
    const request = this.#request;
    // What is kept for long must not hold the socket.
    this.#request = undefined;
    this.body = request === undefined ? undefined : await readBody(request);
    return this.body;
  }
}

/** Where the header gives no hint, the key is known once it has verified the signature. */
function thumbprintOf({ provenBy, candidates }: AssertionContext): string | undefined {
  return (provenBy ?? (candidates.length === 1 ? candidates[0] : undefined))?.thumbprints.sha1;
}
