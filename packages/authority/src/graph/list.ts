import type { Entities, Kind } from '../directory/entities.ts';
import type { LookupFields, Placed, Where } from '../store/store.ts';
import { countAnswer, listAnswer } from './answer.ts';
import { type Condition, type Filter, meets } from './filter.ts';
import { readCountQuery, readQuery, selected, skipToken } from './odata.ts';
import type { GraphContext } from './request.ts';
import type { View } from './views.ts';

/** How a kind of entities is listed. */
export interface Listing<K extends Kind> {
  readonly kind: K;
  /** The name of the set in `@odata.context`. */
  readonly set: string;
  readonly view: (entity: Entities[K]) => View | Promise<View>;
  /** What can be filtered by. */
  readonly properties: readonly string[];
  /** Those of the properties that the store finds by itself. */
  readonly lookups: readonly LookupFields[K][];
  /** Only these, whatever is asked for. */
  readonly within?: Where<K> | undefined;
}

/** What the store is asked for, and what of its answer has to be looked at here. */
interface Plan<K extends Kind> {
  /** Each finds some of the entities; without any the store gives all. */
  readonly lookups: readonly Where<K>[];
  /** `undefined` where the store's answer is the answer. */
  readonly filter: Filter | undefined;
}

/** How many entities are read at a time where they have to be looked at one by one. */
const batch = 500;

/** Answers with the entities that the query options ask for, page by page. */
export async function list<K extends Kind>(context: GraphContext, listing: Listing<K>): Promise<Response> {
  const { filter, select, top, after, count } = readQuery(context.env.received, listing.properties);
  const plan = planOf(filter, listing);
  const found: { readonly position: number; readonly view: View }[] = [];
  for await (const { position, entity } of matching(context, listing, plan, after, top + 1)) {
    found.push({ position, view: await listing.view(entity) });
    if (found.length > top) break;
  }
  const page = found.slice(0, top);
  const last = page.at(-1);
  return listAnswer(context, listing.set, {
    value: page.map(({ view }) => selected(view, select)),
    next: found.length > top && last !== undefined ? skipToken(last.position) : undefined,
    count: count ? await countOf(context, listing, plan) : undefined,
  });
}

/** Answers with how many entities there are, as a bare number. */
export async function count<K extends Kind>(context: GraphContext, listing: Listing<K>): Promise<Response> {
  const filter = readCountQuery(context.env.received, listing.properties);
  return countAnswer(context, await countOf(context, listing, planOf(filter, listing)));
}

function planOf<K extends Kind>(filter: Filter | undefined, { within, lookups }: Listing<K>): Plan<K> {
  if (within !== undefined) return { lookups: [within], filter };
  if (filter === undefined) return { lookups: [], filter };
  const found = lookupsOf(filter, lookups);
  const isWhole = found !== undefined && filter.kind === 'condition';
  return { lookups: found ?? [], filter: isWhole ? undefined : filter };
}

/** Lookups that find at least everything that meets the filter; `undefined` where none do. */
function lookupsOf<K extends Kind>(
  filter: Filter,
  fields: readonly LookupFields[K][],
): readonly Where<K>[] | undefined {
  if (filter.kind === 'not') return undefined;
  if (filter.kind === 'condition') return lookupsOfCondition(filter, fields);
  const [left, right] = [lookupsOf<K>(filter.left, fields), lookupsOf<K>(filter.right, fields)];
  if (filter.kind === 'and') return left ?? right;
  return left === undefined || right === undefined ? undefined : [...left, ...right];
}

function lookupsOfCondition<K extends Kind>(
  { property, operator, values }: Condition,
  fields: readonly LookupFields[K][],
): readonly Where<K>[] | undefined {
  const field = fields.find((name) => name === property);
  if (field === undefined || operator === 'endswith') return undefined;
  const texts = values.filter((value) => typeof value === 'string');
  if (texts.length < values.length) return undefined;
  const match = operator === 'startswith' ? 'prefix' : 'whole';
  return texts.map((value) => ({ field, value, match }));
}

/** Every entity that meets the plan, in the order of their positions. */
async function* matching<K extends Kind>(
  context: GraphContext,
  { kind, view }: Listing<K>,
  { lookups, filter }: Plan<K>,
  start: number | undefined,
  wanted: number,
): AsyncGenerator<Placed<K>> {
  const { directory } = context.get('services');
  const { tenantId } = context.get('caller');
  const limit = filter === undefined ? Math.min(wanted, batch) : batch;
  const wheres: readonly (Where<K> | undefined)[] = lookups.length === 0 ? [undefined] : lookups;
  for (let after = start; ; ) {
    const pages = await Promise.all(wheres.map((where) => directory.page(kind, tenantId, { where, limit, after })));
    const read = merged(pages).slice(0, limit);
    for (const placed of read) if (filter === undefined || meets(await view(placed.entity), filter)) yield placed;
    const last = read.at(-1);
    if (last === undefined || read.length < limit) return;
    after = last.position;
    // A search through a hundred thousand entities must not keep token requests waiting.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Several pages as one, each entity once. */
function merged<K extends Kind>(pages: readonly (readonly Placed<K>[])[]): readonly Placed<K>[] {
  const [only] = pages;
  if (pages.length === 1 && only !== undefined) return only;
  const byPosition = new Map(pages.flat().map((placed) => [placed.position, placed]));
  return [...byPosition.values()].sort((a, b) => a.position - b.position);
}

async function countOf<K extends Kind>(context: GraphContext, listing: Listing<K>, plan: Plan<K>): Promise<number> {
  if (plan.filter === undefined && plan.lookups.length <= 1) {
    const { directory } = context.get('services');
    return directory.count(listing.kind, context.get('caller').tenantId, plan.lookups[0]);
  }
  let counted = 0;
  for await (const _placed of matching(context, listing, plan, undefined, batch)) counted++;
  return counted;
}
