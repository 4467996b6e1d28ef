import { CertgrantError, isCertgrantError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { networkError } from './network-error.ts';
import type { Bytes } from './text-encoding.ts';

/** What an answer may weigh when nothing else is said: far more than any token, key set or page of a directory. */
const defaultMaxBytes = 1024 * 1024;
const defaultTimeout = 30_000;

export interface HttpRequest {
  readonly platform: Platform;
  readonly url: string;
  /** How an error message begins: what was being done, for example "request token". */
  readonly action: string;
  /** By default GET. */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** For the whole exchange, in milliseconds; by default 30 seconds. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The longest body that is read; by default 1 MB. */
  readonly maxBytes?: number | undefined;
}

/** An answer that has arrived as a whole. */
export interface HttpResponse {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Bytes;
}

/**
 * Makes one request, within bounds: of time, of size, and to the server that was named and no other.
 *
 * A redirect is refused, because an assertion or a token would follow it. Any status that arrives is an answer, not an
 * error.
 *
 * @returns the answer with its whole body, whatever its status
 * @throws {CertgrantError} `HOST_NOT_FOUND`, `CONNECTION_FAILED`, `TLS_NOT_TRUSTED`, `TIMEOUT`, `CANCELLED`,
 * `RESPONSE_REDIRECT`, `RESPONSE_TOO_LARGE`; `USAGE` for a URL that is none
 * @example
 * const response = await httpRequest({ platform: systemPlatform, url, action: 'read key set' });
 */
export async function httpRequest(request: HttpRequest): Promise<HttpResponse> {
  const { platform, action, signal, timeout = defaultTimeout } = request;
  const host = hostOf(request);
  if (signal?.aborted) throw cancelledError(action, signal.reason);

  const exchange = new AbortController();
  const timer = new AbortController();
  let timedOut = false;
  platform.delay(timeout, timer.signal).then(
    () => {
      timedOut = true;
      exchange.abort();
    },
    () => {},
  );
  const abort = (): void => exchange.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  // Not every fetch heeds its signal, above all while the body arrives.
  const ended = new Promise<never>((_, reject) => {
    exchange.signal.addEventListener('abort', () => reject(exchange.signal.reason), { once: true });
  });
  ended.catch(() => {});

  try {
    return await exchangeOnce(request, exchange, ended);
  } catch (thrown) {
    if (signal?.aborted) throw cancelledError(action, signal.reason);
    if (timedOut) {
      throw new CertgrantError('TIMEOUT', `${action}: ${host} did not answer within ${seconds(timeout)}`, {
        fix: 'Check the network connection and, behind a proxy, HTTPS_PROXY; then try again',
        cause: thrown,
      });
    }
    throw isCertgrantError(thrown) ? thrown : networkError(thrown, action, host);
  } finally {
    timer.abort();
    signal?.removeEventListener('abort', abort);
  }
}

async function exchangeOnce(
  request: HttpRequest,
  exchange: AbortController,
  ended: Promise<never>,
): Promise<HttpResponse> {
  const { platform, url, method = 'GET', headers, body, maxBytes = defaultMaxBytes } = request;
  const init: RequestInit = { method, redirect: 'manual', credentials: 'omit', signal: exchange.signal };
  if (headers !== undefined) init.headers = headers;
  if (body !== undefined) init.body = body;
  const response = await Promise.race([platform.fetch(url, init), ended]);
  // A browser hides everything about a redirect that it was told not to follow: type opaqueredirect, status 0.
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    discard(response);
    throw redirected(request, response);
  }
  const content = await readBody(response, maxBytes, ended);
  if (content === undefined) {
    exchange.abort();
    throw new CertgrantError(
      'RESPONSE_TOO_LARGE',
      `${request.action}: the answer of ${hostOf(request)} is longer than ${kilobytes(maxBytes)}`,
      { fix: 'Check that the URL is the right one: no answer that belongs here is that long' },
    );
  }
  return { url, status: response.status, headers: response.headers, body: content };
}

/** The whole body, or `undefined` as soon as it proves too long: the rest is not read. */
async function readBody(response: Response, maxBytes: number, ended: Promise<never>): Promise<Bytes | undefined> {
  if (response.body === null) return new Uint8Array(0);
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) {
    discard(response);
    return undefined;
  }
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await Promise.race([reader.read(), ended]);
    if (done) break;
    length += value.length;
    if (length > maxBytes) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    chunks.push(value);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return body;
}

function discard(response: Response): void {
  response.body?.cancel().catch(() => {});
}

/** The host with its port, for messages: the rest of a URL may hold what must not be shown. */
function hostOf({ url, action }: HttpRequest): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'https:' && parsed?.protocol !== 'http:') {
    throw new CertgrantError('USAGE', `${action}: the address is not an http or https URL`, {
      fix: 'Write it as https://host/path',
    });
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new CertgrantError('USAGE', `${action}: the URL holds a user name or a password`, {
      fix: 'Leave them out: everything before @ in https://user:password@host',
    });
  }
  return parsed.host;
}

function redirected(request: HttpRequest, response: Response): CertgrantError {
  const location = response.headers.get('location');
  const target = location !== null && URL.canParse(location, request.url) ? new URL(location, request.url) : undefined;
  const where = target === undefined ? 'elsewhere' : `to ${target.origin}${target.pathname}`;
  return new CertgrantError(
    'RESPONSE_REDIRECT',
    `${request.action}: ${hostOf(request)} redirects ${where}, and a redirect is not followed`,
    { fix: 'If that is the right server, give its URL; if not, a proxy or a sign-in page stands in the way' },
  );
}

/** What is thrown when the caller's signal is aborted. */
export function cancelledError(action: string, reason: unknown): CertgrantError {
  return new CertgrantError('CANCELLED', `${action}: cancelled`, {
    fix: 'Start again when it is wanted',
    cause: reason,
  });
}

/**
 * The body of an answer as a JSON value.
 *
 * @throws {CertgrantError} `RESPONSE_NOT_JSON`, which says the status and the kind of content and never the content
 */
export function parseJson(response: HttpResponse, action: string): unknown {
  const text = bodyText(response);
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own error quotes the body, so it is not passed on as the cause.
    throw notJson(response, action, text);
  }
}

/**
 * The body of an answer as a JSON object.
 *
 * @param response of any status
 * @param action how an error message begins, for example "read key set"
 * @returns the object; nothing is known of its members
 * @throws {CertgrantError} `RESPONSE_NOT_JSON`, `RESPONSE_UNEXPECTED` for JSON of another kind
 * @example
 * const { keys } = parseJsonObject(response, 'read key set');
 */
export function parseJsonObject(response: HttpResponse, action: string): Record<string, unknown> {
  const value = parseJson(response, action);
  if (isRecord(value)) return value;
  const { host } = new URL(response.url);
  throw new CertgrantError(
    'RESPONSE_UNEXPECTED',
    `${action}: ${host} answered ${response.status} with JSON that is not an object`,
    { fix: 'Check that the URL is the right one' },
  );
}

/** The body as a JSON object, or `undefined`: for error answers, which may be anything. */
export function tryJsonObject(response: HttpResponse): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bodyText(response));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an answer that is not JSON seems to be, in words: "an HTML page", "an empty body", "text/plain". */
export function describeContent(response: HttpResponse): string {
  if (response.body.length === 0) return 'an empty body';
  if (isHtml(response, bodyText(response))) return 'an HTML page';
  const contentType = mediaType(response);
  return contentType === undefined ? 'content of no stated type' : `content of type ${contentType}`;
}

function notJson(response: HttpResponse, action: string, text: string): CertgrantError {
  const { host } = new URL(response.url);
  const fix = isHtml(response, text)
    ? 'Check the URL, and whether a proxy, a gateway or a sign-in page answers in place of the server'
    : 'Check that the URL is the right one';
  return new CertgrantError(
    'RESPONSE_NOT_JSON',
    `${action}: ${host} answered ${response.status} with ${describeContent(response)}, not with JSON`,
    { fix },
  );
}

function isHtml(response: HttpResponse, text: string): boolean {
  return mediaType(response)?.includes('html') || /^\s*<(!doctype html|html|head|body)\b/i.test(text);
}

/** The media type without its parameters, if it looks like one: it goes into a message. */
function mediaType({ headers }: HttpResponse): string | undefined {
  return /^\s*([\w.+-]{1,60}\/[\w.+-]{1,60})\s*(?:;|$)/.exec(headers.get('content-type') ?? '')?.[1]?.toLowerCase();
}

/** The decoder drops a byte order mark and never fails; what is not UTF-8 fails as JSON instead. */
function bodyText({ body }: HttpResponse): string {
  return new TextDecoder().decode(body);
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1000} s`;
}

function kilobytes(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${bytes / (1024 * 1024)} MB` : `${Math.ceil(bytes / 1024)} KB`;
}
