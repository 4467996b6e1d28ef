import { CertgrantError, isCertgrantError } from '../errors.ts';
import { type HttpResponse, httpRequest, isRecord, parseJsonObject } from '../lib/http.ts';
import { type Platform, platformWith, randomUuid } from '../platform.ts';
import { graphError } from './graph-refusal.ts';
import { pause } from './pause.ts';

/** A JSON object of Graph; nothing is known of its members. */
export type GraphObject = Readonly<Record<string, unknown>>;

/** What a {@link GraphClient} is made from. */
export interface GraphClientOptions {
  /** `https://graph.microsoft.com` or another cloud's; `/v1.0` is added where no version stands at the end. */
  readonly graphUrl: string;
  /** Is asked for the bearer token before each request. */
  readonly accessToken: () => Promise<string>;
  /** How long a request may take with all its tries and the waiting between them, in milliseconds; by default 60000. */
  readonly deadline?: number | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

/** How one request is made. */
export interface GraphRequestOptions {
  /** How an error message begins: what is being done, such as "create application". */
  readonly action: string;
  /** The application permission that the request needs, for the advice when it is refused. */
  readonly permission?: string | undefined;
  /** The proof of possession in the body, and whose: it tells the causes of a refusal apart, and is never repeated. */
  readonly proof?: { readonly jwt: string; readonly objectId: string } | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface GraphRequest extends GraphRequestOptions {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly body?: GraphObject | (() => Promise<GraphObject>) | undefined;
}

/** How often a request is tried, how long one try may take and the first waiting after it, in milliseconds. */
const limits = { attempts: 4, timeout: 30_000, firstWait: 500 };
/** The description of Microsoft Graph itself, with all its permissions, comes near a megabyte. */
const maxBytes = 4 * 1024 * 1024;
/** No list that certgrant reads is this long. */
const maxPages = 1000;

/**
 * Calls Microsoft Graph: JSON in, JSON out, a bearer token on each request, patience when Graph is busy.
 *
 * A request that only reads is tried again after 429, 5xx and a broken connection; one that changes something only
 * after 429 and 503, which say that it was not done.
 *
 * @example
 * const graph = new GraphClient({ graphUrl: 'https://graph.microsoft.com', accessToken });
 * const application = await graph.get(`/applications(appId='${appId}')`, { action: 'read application' });
 */
export class GraphClient {
  readonly #root: string;
  readonly #accessToken: () => Promise<string>;
  readonly #deadline: number;
  readonly #platform: Platform;

  /** @throws {CertgrantError} `USAGE` when the URL is none of https, or of http to this machine */
  constructor(options: GraphClientOptions) {
    this.#root = rootOf(options.graphUrl);
    this.#accessToken = options.accessToken;
    this.#deadline = options.deadline ?? 60_000;
    this.#platform = platformWith(options.platform);
  }

  /** Where it takes its clock, its delays and its network from. */
  get platform(): Platform {
    return this.#platform;
  }

  /**
   * Reads one object.
   *
   * @param path begins with `/` and follows the version; ids in it are to be encoded by the caller
   * @throws {GraphError} when Graph refuses
   * @throws {CertgrantError} what the network does, `RESPONSE_…`, `CANCELLED`
   */
  get(path: string, options: GraphRequestOptions): Promise<GraphObject> {
    return this.#object({ ...options, method: 'GET', url: this.#root + path });
  }

  /** Creates an object, or calls an action; see {@link GraphClient.get} for what is thrown. */
  post(path: string, body: GraphObject, options: GraphRequestOptions): Promise<GraphObject> {
    return this.#object({ ...options, method: 'POST', url: this.#root + path, body });
  }

  /** Calls an action that answers nothing; see {@link GraphClient.get} for what is thrown. */
  async call(path: string, body: GraphObject, options: GraphRequestOptions): Promise<void> {
    await this.#send({ ...options, method: 'POST', url: this.#root + path, body });
  }

  /**
   * Changes the members of an object that `body` has.
   *
   * @param body a function is asked before each try, for what rests on a state that may have changed by then
   */
  async patch(
    path: string,
    body: GraphObject | (() => Promise<GraphObject>),
    options: GraphRequestOptions,
  ): Promise<void> {
    await this.#send({ ...options, method: 'PATCH', url: this.#root + path, body });
  }

  /** Deletes an object. */
  async delete(path: string, options: GraphRequestOptions): Promise<void> {
    await this.#send({ ...options, method: 'DELETE', url: this.#root + path });
  }

  /** The objects of a list, page after page as they are wanted. */
  async *list(path: string, options: GraphRequestOptions): AsyncGenerator<GraphObject, void, undefined> {
    let url: string | undefined = this.#root + path;
    for (let page = 0; url !== undefined; page++) {
      if (page === maxPages) throw unexpected(options.action, 'more pages than any list has');
      const answer: GraphObject = await this.#object({ ...options, method: 'GET', url });
      const { value } = answer;
      if (!Array.isArray(value) || !value.every(isRecord)) throw unexpected(options.action, 'no list');
      yield* value;
      url = this.#nextPage(answer, options.action);
    }
  }

  /** The token goes with the request, so a link to anywhere else is not followed. */
  #nextPage(answer: GraphObject, action: string): string | undefined {
    const link = answer['@odata.nextLink'];
    if (link === undefined || link === null) return undefined;
    if (typeof link === 'string' && URL.canParse(link) && new URL(link).origin === new URL(this.#root).origin)
      return link;
    throw unexpected(action, 'a link to the next page that leads to another server');
  }

  async #object(request: GraphRequest): Promise<GraphObject> {
    return parseJsonObject(await this.#send(request), request.action);
  }

  async #send(request: GraphRequest): Promise<HttpResponse> {
    const end = this.#platform.now() + this.#deadline;
    for (let tried = 1; ; tried++) {
      try {
        return await this.#sendOnce(request, end - this.#platform.now());
      } catch (thrown) {
        const wait = mayRetry(thrown, request.method) ? this.#waitAfter(thrown, tried) : Number.POSITIVE_INFINITY;
        if (tried >= limits.attempts || this.#platform.now() + wait >= end) throw thrown;
        await pause(this.#platform, wait, request);
      }
    }
  }

  async #sendOnce(
    { method, url, body, action, permission, proof, signal }: GraphRequest,
    left: number,
  ): Promise<HttpResponse> {
    const content = typeof body === 'function' ? await body() : body;
    const accessToken = checkedToken(await this.#accessToken(), action);
    const headers: Record<string, string> = {
      authorization: `Bearer ${accessToken}`,
      accept: 'application/json',
      'client-request-id': randomUuid(this.#platform),
    };
    if (content !== undefined) headers['content-type'] = 'application/json';
    const response = await httpRequest({
      platform: this.#platform,
      url,
      action,
      method,
      headers,
      body: content === undefined ? undefined : JSON.stringify(content),
      timeout: Math.max(1, Math.min(left, limits.timeout)),
      signal,
      maxBytes,
    });
    if (response.status >= 200 && response.status < 300) return response;
    throw await graphError(response, { action, permission, proof, accessToken, now: this.#platform.now() });
  }

  /** What Graph asks for and a random part more, or ever longer; so many callers do not come back together. */
  #waitAfter(thrown: unknown, tried: number): number {
    const [share = 0] = this.#platform.randomBytes(1);
    const asked = statusOf(thrown)?.retryAfter;
    if (asked !== undefined) return asked + share;
    return limits.firstWait * 2 ** (tried - 1) * (0.5 + share / 512);
  }
}

function mayRetry(thrown: unknown, method: GraphRequest['method']): boolean {
  const status = statusOf(thrown)?.status;
  if (status === 429 || status === 503) return true;
  if (method !== 'GET') return false;
  if (status !== undefined) return status >= 500 && status !== 501;
  // Whoever has waited for a timeout has waited long enough.
  return isCertgrantError(thrown) && thrown.code === 'CONNECTION_FAILED';
}

/** Told by shape and not by class, as bundled copies of this module have classes of their own. */
function statusOf(thrown: unknown): { status: number; retryAfter: number | undefined } | undefined {
  if (!isCertgrantError(thrown) || !('status' in thrown) || typeof thrown.status !== 'number') return undefined;
  const asked = 'retryAfter' in thrown && typeof thrown.retryAfter === 'number' ? thrown.retryAfter : undefined;
  return { status: thrown.status, retryAfter: asked };
}

/** Checked here, because the runtime's complaint about a header that it cannot send quotes the header. */
function checkedToken(accessToken: string, action: string): string {
  const trimmed = accessToken.trim();
  if (/^[\x21-\x7e]+$/.test(trimmed)) return trimmed;
  throw new CertgrantError(
    'TOKEN_MALFORMED',
    `${action}: the access token is empty or holds characters that none has`,
    {
      fix: 'Pass the token alone, as certgrant token prints it',
    },
  );
}

function rootOf(graphUrl: string): string {
  const url = URL.canParse(graphUrl) ? new URL(graphUrl) : undefined;
  const fix = 'Write it as https://graph.microsoft.com; http is for this machine alone';
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.username + url.password + url.search + url.hash !== ''
  ) {
    throw new CertgrantError('USAGE', 'call Graph: the URL of Graph is not a plain https URL', { fix });
  }
  if (url.protocol === 'http:' && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname)) {
    throw new CertgrantError('USAGE', `call Graph: ${url.host} is not reached over https`, { fix });
  }
  const path = url.pathname.replace(/\/+$/, '');
  return `${url.origin}${path}${/\/(v1\.0|beta)$/.test(path) ? '' : '/v1.0'}`;
}

function unexpected(action: string, what: string): CertgrantError {
  return new CertgrantError('RESPONSE_UNEXPECTED', `${action}: Graph answered with ${what}`, {
    fix: 'Check that the URL is the one of Microsoft Graph',
  });
}
