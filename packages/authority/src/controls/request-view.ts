import { maskForm, maskHeaders, maskObject, maskText } from '@certgrant/core';
import { parseAssertion } from '../checks/parse-assertion.ts';
import type { ReceivedRequest } from '../http/received-request.ts';

/** A request as the authority received it, with the secrets in it masked. */
export interface RequestView {
  /** ISO 8601, by the authority's clock. */
  readonly time: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The fields of a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** A JSON body. */
  readonly json?: unknown;
  /** What another body is, in words. */
  readonly body?: string;
  /** What stands in the client assertion of the form; without the signature it proves nothing. */
  readonly assertion?: { readonly header: object; readonly claims: object };
  /** The HTTP status of the answer; 0 when there was none. */
  readonly status: number;
}

/** Makes a request fit to be shown. */
export function requestView(request: ReceivedRequest): RequestView {
  const [path = '', ...query] = request.target.split('?');
  return {
    time: new Date(request.at).toISOString(),
    method: request.method,
    path: maskText(path),
    query: maskForm(new URLSearchParams(query.join('?'))),
    headers: maskHeaders(headersOf(request)),
    ...bodyView(request),
    status: request.status,
  };
}

function headersOf({ rawHeaders }: ReceivedRequest): [string, string][] {
  return rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? '']] : [],
  );
}

function bodyView(request: ReceivedRequest): Pick<RequestView, 'form' | 'json' | 'body' | 'assertion'> {
  const { body } = request;
  if (body === undefined || body === '') return {};
  const type = headersOf(request).find(([name]) => name === 'content-type')?.[1] ?? '';
  if (/^\s*application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    const form = new URLSearchParams(body);
    const parsed = parseAssertion(form.get('client_assertion') ?? '');
    if ('refused' in parsed) return { form: maskForm(form) };
    const { header, claims } = parsed.value;
    return { form: maskForm(form), assertion: { header, claims } };
  }
  const json = /\bjson\b/i.test(type) ? maskedJson(body) : undefined;
  // What is neither a form nor JSON has no names that say where a secret stands.
  return json === undefined ? { body: `[${body.length} characters of ${type.slice(0, 100) || 'no type'}]` } : { json };
}

function maskedJson(body: string): unknown {
  try {
    return maskObject({ json: JSON.parse(body) }).json;
  } catch {
    // Not JSON, or nested deeper than anything that is meant to be read.
    return undefined;
  }
}
