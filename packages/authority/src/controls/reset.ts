import type { Services } from '../services.ts';

/** Goes back to what the authority began with; the keys stay. */
export async function resetAuthority({ controls, directory, plantSeed }: Services): Promise<void> {
  // The clock first: what the seed makes is dated by it.
  controls.reset();
  await directory.clear();
  await plantSeed();
}
