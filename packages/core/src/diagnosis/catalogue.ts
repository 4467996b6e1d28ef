import { application } from './catalogue/application.ts';
import { certificateTrust } from './catalogue/certificate-trust.ts';
import { clientAssertion } from './catalogue/client-assertion.ts';
import { clientKey } from './catalogue/client-key.ts';
import type { CatalogueEntry } from './catalogue/entry.ts';
import { federation } from './catalogue/federation.ts';
import { graph } from './catalogue/graph.ts';
import { oauth } from './catalogue/oauth.ts';
import { request } from './catalogue/request.ts';
import { resourceAndScope } from './catalogue/resource-and-scope.ts';
import { service } from './catalogue/service.ts';
import { tenantAndCloud } from './catalogue/tenant-and-cloud.ts';

/** Everything that is known of the errors a client with a certificate meets, by theme. */
export const catalogue: readonly CatalogueEntry[] = [
  clientKey,
  clientAssertion,
  certificateTrust,
  application,
  tenantAndCloud,
  resourceAndScope,
  request,
  federation,
  service,
  graph,
  oauth,
].flat();

const byCode = new Map(catalogue.map((entry) => [entry.code, entry]));

/** What the catalogue has for a code: the number of an AADSTS code, or the name of an OAuth or Graph error. */
export function findEntry(code: number | string): CatalogueEntry | undefined {
  return byCode.get(code);
}

/** How a code is written for people: `AADSTS700027`, `invalid_client`. */
export function codeInWords(code: number | string): string {
  return typeof code === 'number' ? `AADSTS${code}` : code;
}

/** Known numbers that a slip of the finger turns into this one: a digit too many, too few or wrong, or two swapped. */
export function similarCodes(code: number): readonly number[] {
  return catalogue
    .map((entry) => entry.code)
    .filter((known): known is number => typeof known === 'number' && isOneSlipAway(String(known), String(code)));
}

function isOneSlipAway(known: string, typed: string): boolean {
  let start = 0;
  while (start < known.length && known[start] === typed[start]) start++;
  let end = 0;
  while (end < Math.min(known.length, typed.length) - start && known.at(-1 - end) === typed.at(-1 - end)) end++;
  const [left, right] = [known.slice(start, known.length - end), typed.slice(start, typed.length - end)];
  if (left.length + right.length === 1 || (left.length === 1 && right.length === 1)) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
