import { badRequest } from './graph-error.ts';

/** One condition of a `$filter`. */
export interface Condition {
  readonly field: string;
  readonly operator: 'eq' | 'startswith';
  readonly value: string;
}

/** The query options of OData that are understood here. */
export interface QueryOptions {
  readonly conditions: readonly Condition[];
  readonly select: readonly string[] | undefined;
  readonly top: number;
  /** Where the next page begins. */
  readonly after: string | undefined;
  readonly count: boolean;
}

/** As in Graph: a hundred unless asked otherwise, never more than 999. */
const pageSize = { usual: 100, most: 999 };

/** Reads `$filter`, `$select`, `$top`, `$skiptoken` and `$count`; any other query option is ignored. */
export function readQuery(url: string): QueryOptions {
  const query = new URL(url).searchParams;
  const top = query.get('$top');
  if (top !== null && !(/^\d{1,9}$/.test(top) && Number(top) >= 1 && Number(top) <= pageSize.most)) {
    throw badRequest(
      `Invalid page size specified: '${top.slice(0, 20)}'. Must be between 1 and ${pageSize.most} inclusive.`,
    );
  }
  return {
    conditions: readFilter(query.get('$filter')),
    select: readSelect(query),
    top: top === null ? pageSize.usual : Number(top),
    after: query.get('$skiptoken') ?? undefined,
    count: query.get('$count') === 'true',
  };
}

/** `$select` alone, for a single object. */
export function readSelect(query: URLSearchParams): readonly string[] | undefined {
  const select = query.get('$select');
  if (select === null) return undefined;
  return select
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '');
}

/** The fields that were asked for; without `$select` all of them. */
export function selected(entity: Readonly<Record<string, unknown>>, select: QueryOptions['select']): object {
  if (select === undefined) return entity;
  return Object.fromEntries(Object.entries(entity).filter(([field]) => select.includes(field)));
}

/** Whether an entity as it is shown meets a condition; text is compared without regard to case. */
export function meets(entity: Readonly<Record<string, unknown>>, { field, operator, value }: Condition): boolean {
  const wanted = value.toLowerCase();
  const found = entity[field];
  return (Array.isArray(found) ? found : [found]).some((each: unknown) => {
    const text = typeof each === 'string' || typeof each === 'boolean' ? String(each).toLowerCase() : undefined;
    return operator === 'eq' ? text === wanted : text?.startsWith(wanted) === true;
  });
}

/** `appId eq 'x'`, `accountEnabled eq true`, `startswith(displayName,'x')`, `identifierUris/any(u:u eq 'x')`. */
const forms: readonly { readonly operator: Condition['operator']; readonly form: RegExp }[] = [
  { operator: 'eq', form: /^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'/ },
  { operator: 'eq', form: /^\s*(\w+)\s+eq\s+(true|false)\b/ },
  { operator: 'eq', form: /^\s*(\w+)\/any\(\s*(?:\w+)\s*:\s*(?:\w+)\s+eq\s+'((?:[^']|'')*)'\s*\)/ },
  { operator: 'startswith', form: /^\s*startswith\(\s*(\w+)\s*,\s*'((?:[^']|'')*)'\s*\)/ },
];

function readFilter(filter: string | null): readonly Condition[] {
  if (filter === null) return [];
  const conditions: Condition[] = [];
  let rest = filter;
  for (;;) {
    const match = forms.map(({ operator, form }) => ({ operator, found: form.exec(rest) })).find(({ found }) => found);
    const [whole, field, value] = match?.found ?? [];
    if (match === undefined || whole === undefined || field === undefined || value === undefined) {
      throw badRequest(`Invalid filter clause: '${filter.slice(0, 200)}'.`);
    }
    conditions.push({ field, operator: match.operator, value: value.replaceAll("''", "'") });
    rest = rest.slice(whole.length).trimStart();
    if (rest === '') return conditions;
    if (!/^and\s/.test(rest)) throw badRequest(`Invalid filter clause: '${filter.slice(0, 200)}'.`);
    rest = rest.slice(3);
  }
}
