import type { ReceivedRequest } from './received-request.ts';

/**
 * Whether a page of another site has its reader's browser make this write. Programs send neither header; browsers send
 * them, and no page can change them (Fetch Standard §3.2, Fetch Metadata §2).
 *
 * @param base where the request came in, as an origin
 */
export function isForeignWrite(request: ReceivedRequest, base: string): boolean {
  const { method } = request;
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return false;
  const origin = request.header('origin');
  if (origin !== undefined && origin.toLowerCase() !== base) return true;
  const site = request.header('sec-fetch-site');
  return site === 'cross-site' || site === 'same-site';
}
