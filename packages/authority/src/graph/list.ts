import type { Entities, Kind } from '../directory/entities.ts';
import type { LookupFields, Query } from '../store/store.ts';
import { listAnswer } from './answer.ts';
import { meets, readQuery, selected } from './odata.ts';
import type { GraphContext } from './request.ts';
import type { View } from './views.ts';

/** How a kind of entities is listed. */
export interface Listing<K extends Kind> {
  readonly kind: K;
  /** The name of the set in `@odata.context`. */
  readonly set: string;
  readonly view: (entity: Entities[K]) => View;
  /** The fields that the directory finds by itself. */
  readonly lookups: readonly LookupFields[K][];
  /** Only these, whatever is asked for. */
  readonly within?: Query<K>['where'];
}

/** Answers with the entities that the query options ask for, page by page. */
export async function list<K extends Kind>(context: GraphContext, listing: Listing<K>): Promise<Response> {
  const { kind, set, view, lookups, within } = listing;
  const { conditions, select, top, after, count } = readQuery(context.req.url);
  const lookedUp = conditions.flatMap(({ field, operator, value }) => {
    const known = operator === 'eq' ? lookups.find((lookup) => lookup === field) : undefined;
    return known === undefined ? [] : [{ field: known, value }];
  })[0];
  const where = within ?? lookedUp;
  const { directory } = context.get('services');
  const { tenantId } = context.get('caller');
  // What the directory cannot find by itself is filtered here, after all of it was read.
  const filtered = conditions.length > (within === undefined && lookedUp !== undefined ? 1 : 0) || count;
  const limit = filtered ? Number.MAX_SAFE_INTEGER : top + 1;
  const found = await directory.find(kind, tenantId, { where, limit, after: filtered ? undefined : after });
  const matching = found.filter((entity) => conditions.every((condition) => meets(view(entity), condition)));
  const start = filtered && after !== undefined ? matching.findIndex(({ id }) => id === after) + 1 : 0;
  const page = matching.slice(start, start + top);
  return listAnswer(context, set, {
    value: page.map((entity) => selected(view(entity), select)),
    next: matching.length > start + top ? page.at(-1)?.id : undefined,
    count: count ? matching.length : undefined,
  });
}
