import type { ReceivedRequest } from '../http/received-request.ts';
import { type Filter, isAdvanced, parseFilter } from './filter.ts';
import { badRequest, GraphError } from './graph-error.ts';

/** The query options of OData that are understood here. */
export interface QueryOptions {
  readonly filter: Filter | undefined;
  readonly select: readonly string[] | undefined;
  readonly top: number;
  /** The position after which the page begins. */
  readonly after: number | undefined;
  readonly count: boolean;
}

/** As in Graph: a hundred unless asked otherwise, never more than 999. */
const pageSize = { usual: 100, most: 999 };

/** Options that would change the answer; to ignore one would be to answer something else. */
const unsupported = ['$expand', '$orderby', '$search', '$skip', '$apply', '$compute'];

/**
 * Reads `$filter`, `$select`, `$top`, `$skiptoken` and `$count`.
 *
 * As in Graph, an advanced filter takes the header `ConsistencyLevel: eventual` beside `$count=true`, and without the
 * header nothing is counted.
 *
 * @param properties what can be filtered by
 */
export function readQuery(request: ReceivedRequest, properties: readonly string[]): QueryOptions {
  const query = new URL(request.url).searchParams;
  refuseUnsupported(query, unsupported);
  const top = query.get('$top');
  if (top !== null && !(/^\d{1,9}$/.test(top) && Number(top) >= 1 && Number(top) <= pageSize.most)) {
    throw badRequest(
      `Invalid page size specified: '${top.slice(0, 20)}'. Must be between 1 and ${pageSize.most} inclusive.`,
    );
  }
  const text = query.get('$filter');
  const filter = text === null ? undefined : parseFilter(text, properties);
  const count = query.get('$count')?.toLowerCase() === 'true' && isEventual(request);
  if (filter !== undefined && isAdvanced(filter) && !count) {
    const message =
      'Unsupported query: ne, not and endswith take $count=true and the header ConsistencyLevel: eventual.';
    throw new GraphError(400, 'Request_UnsupportedQuery', message);
  }
  return {
    filter,
    select: readSelect(query),
    top: top === null ? pageSize.usual : Number(top),
    after: readSkipToken(query.get('$skiptoken')),
    count,
  };
}

/** The filter of a bare count, which takes the header in every case. */
export function readCountQuery(request: ReceivedRequest, properties: readonly string[]): Filter | undefined {
  if (!isEventual(request)) {
    throw badRequest('$count is not currently supported without the header ConsistencyLevel: eventual.');
  }
  const text = new URL(request.url).searchParams.get('$filter');
  return text === null ? undefined : parseFilter(text, properties);
}

/** The properties that `$select` names, or `undefined` for all. */
export function readSelect(query: URLSearchParams): readonly string[] | undefined {
  refuseUnsupported(query, ['$expand']);
  const names = query
    .get('$select')
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names === undefined || names.length === 0 || names.includes('*') ? undefined : names;
}

/** What was selected of an entity; in OData an object's `id` comes along only when it is named too. */
export function selected<T extends object>(entity: T, select: readonly string[] | undefined): object {
  if (select === undefined) return entity;
  const isShown = (field: string): boolean => select.includes(field) || field.startsWith('@odata.');
  return Object.fromEntries(Object.entries(entity).filter(([field]) => isShown(field)));
}

/** Where the next page begins, in a form that clients have no reason to look into. */
export function skipToken(position: number): string {
  return Buffer.from(`after ${position}`).toString('base64url');
}

function readSkipToken(token: string | null): number | undefined {
  if (token === null) return undefined;
  const [, position] = /^after (\d{1,15})$/.exec(Buffer.from(token, 'base64url').toString('latin1')) ?? [];
  if (position === undefined) throw badRequest('Invalid $skiptoken: take the @odata.nextLink of an answer as it is.');
  return Number(position);
}

function refuseUnsupported(query: URLSearchParams, names: readonly string[]): void {
  const found = names.find((name) => query.has(name));
  if (found !== undefined) throw badRequest(`The query option '${found}' is not supported here.`);
}

function isEventual(request: ReceivedRequest): boolean {
  return request.header('consistencylevel')?.trim().toLowerCase() === 'eventual';
}
