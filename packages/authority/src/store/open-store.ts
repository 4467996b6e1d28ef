import { MemoryStore } from './memory-store.ts';
import type { Store } from './store.ts';

/** The store for a folder; without one, in memory. What SQLite needs is loaded only for a folder. */
export async function openStore(dataDir: string | undefined): Promise<Store> {
  if (dataDir === undefined) return new MemoryStore();
  const { openSqliteStore } = await import('./sqlite-store.ts');
  return openSqliteStore(dataDir);
}
