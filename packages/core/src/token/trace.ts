import { isCertgrantError } from '../errors.ts';
import { describeContent, type HttpRequest, type HttpResponse, httpRequest, tryJsonObject } from '../lib/http.ts';

/** What is sent, with the secrets in it masked. */
export interface RequestTrace {
  readonly type: 'request';
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The fields of the form, if one is sent. */
  readonly form: Readonly<Record<string, string>> | undefined;
}

/** What came back, with the secrets in it masked. */
export interface ResponseTrace {
  readonly type: 'response';
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The members of the JSON object; for anything else what it seems to be, in words. */
  readonly body: Readonly<Record<string, unknown>> | string;
  /** From the request to the end of the answer, in milliseconds. */
  readonly duration: number;
}

/** That nothing came back. */
export interface FailureTrace {
  readonly type: 'failure';
  readonly url: string;
  readonly message: string;
  readonly duration: number;
}

/** One thing that a {@link Trace} is told. */
export type TraceEvent = RequestTrace | ResponseTrace | FailureTrace;

/** Is told of each request and each answer; nothing that it is given is secret. */
export type Trace = (event: TraceEvent) => void;

/** Makes a request and tells `trace` about it. */
export async function tracedRequest(request: HttpRequest, trace: Trace | undefined): Promise<HttpResponse> {
  if (trace === undefined) return httpRequest(request);
  const { platform, url, method = 'GET', headers = {}, body } = request;
  const sentAt = platform.now();
  const form = body === undefined ? undefined : maskForm(new URLSearchParams(body));
  trace({ type: 'request', method, url, headers: maskHeaders(Object.entries(headers)), form });
  try {
    const response = await httpRequest(request);
    const content = tryJsonObject(response);
    trace({
      type: 'response',
      url,
      status: response.status,
      headers: maskHeaders(response.headers),
      body: content === undefined ? describeContent(response) : maskObject(content),
      duration: platform.now() - sentAt,
    });
    return response;
  } catch (thrown) {
    const message = isCertgrantError(thrown) ? thrown.message : 'the request failed';
    trace({ type: 'failure', url, message, duration: platform.now() - sentAt });
    throw thrown;
  }
}

const secretHeaders = /^(authorization|proxy-authorization|cookie|set-cookie|.*(token|secret|key).*)$/i;

/**
 * The headers of a request or an answer, with the values masked that are credentials, and whatever looks like a JWT.
 *
 * @param headers names and values, as `Headers` and `Object.entries` give them
 * @returns the same names
 * @example
 * maskHeaders([['authorization', 'Bearer secret']]); // { authorization: '[masked]' }
 */
export function maskHeaders(headers: Iterable<[string, string]>): Record<string, string> {
  const masked: Record<string, string> = {};
  for (const [name, value] of headers) masked[name] = secretHeaders.test(name) ? '[masked]' : maskText(value);
  return masked;
}

/**
 * The fields of a form, with the secrets in it masked: of an assertion the header stays, of any other its length.
 *
 * @param form as it is sent
 * @returns the same names; of a name that is there twice the last value
 * @example
 * maskForm(new URLSearchParams('scope=s&client_secret=secret')); // { scope: 's', client_secret: '[6 characters]' }
 */
export function maskForm(form: URLSearchParams): Record<string, string> {
  const masked: Record<string, string> = {};
  for (const [name, value] of form) masked[name] = maskMember(name, value);
  return masked;
}

/**
 * A JSON object, with the secrets in it masked at any depth.
 *
 * @param object as it was parsed
 * @returns an object of the same shape
 * @example
 * maskObject({ displayName: 'd', secretText: 'x' }); // { displayName: 'd', secretText: '[1 characters]' }
 */
export function maskObject(object: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, maskValue(name, value)]));
}

function maskValue(name: string, value: unknown): unknown {
  if (typeof value === 'string') return maskMember(name, value);
  if (Array.isArray(value)) return value.map((item) => maskValue(name, item));
  if (typeof value === 'object' && value !== null) return maskObject(value as Record<string, unknown>);
  return value;
}

/** Names of members that hold a secret; those that only speak of one are not masked. */
const secretMember = /(assertion|token|secret(text)?|password|code|key|proof|ticket)$/i;
const publicMember = /^(token_type|.*_endpoint|.*_uri|.*_type)$/i;

function maskMember(name: string, value: string): string {
  if (name === 'client_assertion') return maskAssertion(value);
  if (secretMember.test(name) && !publicMember.test(name)) return `[${value.length} characters]`;
  return maskText(value);
}

/** The header says which certificate and algorithm; whoever has no signature can do nothing with it. */
function maskAssertion(assertion: string): string {
  const [header = '', payload = ''] = assertion.split('.');
  return `${header}.[payload of ${payload.length} characters, signature left out]`;
}

/** Anything of the shape of a JWT, wherever it stands: base64url of `{"`, then a second part. */
const jwtShape = /eyJ[\w-]+\.[\w-]*(?:\.[\w-]*){0,3}/g;

/**
 * Replaces whatever looks like a JWT.
 *
 * @returns the text with a note in the place of each
 * @example
 * maskText('Bearer eyJhbGciOi.eyJhdWQi.c2ln'); // 'Bearer [a JWT, masked]'
 */
export function maskText(text: string): string {
  return text.replace(jwtShape, '[a JWT, masked]');
}
