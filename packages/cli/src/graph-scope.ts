import { clouds } from '@certgrant/core';

/** What a token for Graph is asked for with: each cloud's Graph has its own name, and a local authority's that of the public one. */
export function graphScope(graphUrl: string): string {
  const named = Object.values(clouds).find(({ graph }) => graph === graphUrl);
  return `${(named ?? clouds.public).graph}/.default`;
}
