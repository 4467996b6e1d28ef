import type { Services } from '../services.ts';

/** Goes back to what the authority began with; the keys stay. */
export async function resetAuthority({ controls, usedAssertions, restoreSeed }: Services): Promise<void> {
  // The clock first: what the seed makes is dated by it.
  controls.reset();
  usedAssertions?.clear();
  await restoreSeed();
}
