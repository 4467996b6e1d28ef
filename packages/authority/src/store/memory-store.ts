import type { Entities, Kind } from '../directory/entities.ts';
import {
  type Change,
  comparable,
  lookupsOf,
  type Placed,
  type Put,
  type Query,
  type Store,
  tenantOf,
  type Where,
} from './store.ts';

type Kept = Placed<Kind>;

/** The entities of one kind in one tenant. */
interface Shelf {
  readonly kept: Map<string, Kept>;
  /** All of them in the order of their positions. */
  readonly ordered: Kept[];
  /** By field, by value: the ids. */
  readonly ids: Map<string, Map<string, Set<string>>>;
}

/** A change whose lookups are known, so that nothing can fail any more. */
interface Prepared {
  readonly change: Change;
  readonly lookups: ReturnType<typeof lookupsOf>;
}

/** A store that lasts as long as the process. */
export class MemoryStore implements Store {
  readonly #shelves = new Map<string, Shelf>();
  readonly #values = new Map<string, string>();
  #position = 0;

  async get<K extends Kind>(kind: K, tenantId: string, id: string): Promise<Entities[K] | undefined> {
    return this.#shelf(kind, tenantId).kept.get(id)?.entity as Entities[K] | undefined;
  }

  async find<K extends Kind>(kind: K, tenantId: string, query: Query<K>): Promise<readonly Placed<K>[]> {
    const { where, limit, after = 0 } = query;
    const shelf = this.#shelf(kind, tenantId);
    const among = where === undefined ? shelf.ordered : matches(shelf, where);
    const start = firstAfter(among, after);
    return among.slice(start, start + limit) as unknown as Placed<K>[];
  }

  async count<K extends Kind>(kind: K, tenantId: string, where?: Where<K>): Promise<number> {
    const shelf = this.#shelf(kind, tenantId);
    return where === undefined ? shelf.ordered.length : matches(shelf, where).length;
  }

  async write(changes: readonly Change[]): Promise<void> {
    this.#apply(changes.map(prepared));
  }

  async replaceAll(puts: readonly Put[]): Promise<void> {
    const ready = puts.map(prepared);
    this.#shelves.clear();
    this.#apply(ready);
  }

  async readValue(name: string): Promise<string | undefined> {
    return this.#values.get(name);
  }

  async writeValue(name: string, value: string): Promise<void> {
    this.#values.set(name, value);
  }

  async close(): Promise<void> {
    this.#shelves.clear();
    this.#values.clear();
  }

  /** Every entity, kind by kind in order: what {@link Store.replaceAll} of another store takes. */
  everything(): readonly Put[] {
    const all = [...this.#shelves].flatMap(([key, { ordered }]) =>
      ordered.map(({ position, entity }) => ({ position, put: { put: kindIn(key), entity } as Put })),
    );
    return all.sort((a, b) => a.position - b.position).map(({ put }) => put);
  }

  #apply(changes: readonly Prepared[]): void {
    for (const { change, lookups } of changes) {
      if ('put' in change) this.#put(change.put, change.entity, lookups);
      else forget(change.delete, this.#shelf(change.delete, change.tenantId), change.id);
    }
  }

  #put(kind: Kind, entity: Entities[Kind], lookups: Prepared['lookups']): void {
    const shelf = this.#shelf(kind, tenantOf(entity));
    const before = shelf.kept.get(entity.id);
    const kept = { entity, position: before?.position ?? ++this.#position };
    if (before === undefined) {
      shelf.ordered.push(kept);
    } else {
      unlist(kind, shelf, before.entity);
      shelf.ordered[firstAfter(shelf.ordered, before.position) - 1] = kept;
    }
    shelf.kept.set(entity.id, kept);
    for (const { field, value } of lookups) {
      const values = shelf.ids.get(field) ?? new Map<string, Set<string>>();
      shelf.ids.set(field, values);
      const ids = values.get(value);
      if (ids === undefined) values.set(value, new Set([entity.id]));
      else ids.add(entity.id);
    }
  }

  #shelf(kind: Kind, tenantId: string): Shelf {
    const key = `${kind} ${tenantId}`;
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) {
      shelf = { kept: new Map(), ordered: [], ids: new Map() };
      this.#shelves.set(key, shelf);
    }
    return shelf;
  }
}

/** The kind in the name of a shelf. */
function kindIn(key: string): Kind {
  return key.slice(0, key.indexOf(' ')) as Kind;
}

function prepared(change: Change): Prepared {
  return { change, lookups: 'put' in change ? lookupsOf(change.put, change.entity) : [] };
}

function forget(kind: Kind, shelf: Shelf, id: string): void {
  const known = shelf.kept.get(id);
  if (known === undefined) return;
  unlist(kind, shelf, known.entity);
  shelf.kept.delete(id);
  shelf.ordered.splice(firstAfter(shelf.ordered, known.position) - 1, 1);
}

/** The index of the first one behind a position, by halving. */
function firstAfter(ordered: readonly Kept[], position: number): number {
  let [low, high] = [0, ordered.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ordered[middle]?.position ?? 0) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

function matches({ kept, ids }: Shelf, { field, value, match }: Where<Kind>): Kept[] {
  const values = ids.get(field) ?? new Map<string, Set<string>>();
  const wanted = comparable(value);
  const found =
    match === 'prefix'
      ? new Set([...values].flatMap(([text, each]) => (text.startsWith(wanted) ? [...each] : [])))
      : (values.get(wanted) ?? []);
  const entities = Array.from(found, (id) => kept.get(id)).filter((each) => each !== undefined);
  return entities.sort((a, b) => a.position - b.position);
}

/** Takes an entity out of the lookups. */
function unlist<K extends Kind>(kind: K, { ids }: Shelf, entity: Entities[K]): void {
  for (const { field, value } of lookupsOf(kind, entity)) {
    const values = ids.get(field);
    const others = values?.get(value);
    others?.delete(entity.id);
    if (others?.size === 0) values?.delete(value);
  }
}
