import { cancelledError } from '../lib/http.ts';
import type { Platform } from '../platform.ts';

/** Waits; an abort ends it with `CANCELLED`, as it ends a request. */
export async function pause(
  platform: Platform,
  milliseconds: number,
  { action, signal }: { readonly action: string; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  try {
    await platform.delay(milliseconds, signal);
  } catch (thrown) {
    throw signal?.aborted ? cancelledError(action, signal.reason) : thrown;
  }
}
