import type { Entities, Kind } from '../directory/entities.ts';
import { type Change, comparable, lookupsOf, type Query, type Store, tenantOf } from './store.ts';

interface Kept {
  readonly entity: Entities[Kind];
  /** Counts up with each entity that is put for the first time. */
  readonly order: number;
}

/** The entities of one kind in one tenant. */
interface Shelf {
  readonly kept: Map<string, Kept>;
  /** The ids by field and value. */
  readonly ids: Map<string, Set<string>>;
}

/** A store that lasts as long as the process. */
export class MemoryStore implements Store {
  readonly #shelves = new Map<string, Shelf>();
  readonly #values = new Map<string, string>();
  #order = 0;

  async get<K extends Kind>(kind: K, tenantId: string, id: string): Promise<Entities[K] | undefined> {
    return this.#shelf(kind, tenantId).kept.get(id)?.entity as Entities[K] | undefined;
  }

  async find<K extends Kind>(kind: K, tenantId: string, query: Query<K>): Promise<readonly Entities[K][]> {
    const shelf = this.#shelf(kind, tenantId);
    const { where, limit, after } = query;
    const start = after === undefined ? 0 : (shelf.kept.get(after)?.order ?? Number.POSITIVE_INFINITY);
    const found: Entities[Kind][] = [];
    for (const { entity, order } of where === undefined ? shelf.kept.values() : matches(shelf, where)) {
      if (found.length >= limit) break;
      if (order > start) found.push(entity);
    }
    return found as Entities[K][];
  }

  async write(changes: readonly Change[]): Promise<void> {
    for (const change of changes) {
      if ('put' in change) this.#put(change.put, change.entity);
      else this.#forget(change.delete, this.#shelf(change.delete, change.tenantId), change.id);
    }
  }

  async clear(): Promise<void> {
    this.#shelves.clear();
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

  #put<K extends Kind>(kind: K, entity: Entities[K]): void {
    const shelf = this.#shelf(kind, tenantOf(entity));
    const order = shelf.kept.get(entity.id)?.order;
    if (order !== undefined) unlist(kind, shelf, entity.id);
    shelf.kept.set(entity.id, { entity, order: order ?? ++this.#order });
    for (const { field, value } of lookupsOf(kind, entity)) {
      const ids = shelf.ids.get(lookupKey(field, value));
      if (ids === undefined) shelf.ids.set(lookupKey(field, value), new Set([entity.id]));
      else ids.add(entity.id);
    }
  }

  #forget(kind: Kind, shelf: Shelf, id: string): void {
    unlist(kind, shelf, id);
    shelf.kept.delete(id);
  }

  #shelf(kind: Kind, tenantId: string): Shelf {
    const key = `${kind} ${tenantId}`;
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) {
      shelf = { kept: new Map(), ids: new Map() };
      this.#shelves.set(key, shelf);
    }
    return shelf;
  }
}

function matches({ kept, ids }: Shelf, { field, value }: { field: string; value: string }): Kept[] {
  const found = ids.get(lookupKey(field, value)) ?? [];
  const entities = Array.from(found, (id) => kept.get(id)).filter((each) => each !== undefined);
  return entities.sort((a, b) => a.order - b.order);
}

/** Takes an entity out of the lookups. */
function unlist<K extends Kind>(kind: K, { kept, ids }: Shelf, id: string): void {
  const known = kept.get(id)?.entity as Entities[K] | undefined;
  if (known === undefined) return;
  for (const { field, value } of lookupsOf(kind, known)) {
    const key = lookupKey(field, value);
    const others = ids.get(key);
    others?.delete(id);
    if (others?.size === 0) ids.delete(key);
  }
}

function lookupKey(field: string, value: string): string {
  return `${field} ${comparable(value)}`;
}
