import { startBenchAuthority } from './bench-authority.ts';
import { startChild } from './child.ts';
import type { Material } from './material.ts';
import { median, medianRatio } from './measure.ts';
import type { Finding } from './report.ts';
import { withTemporaryFile } from './temporary-file.ts';
import type { TokenCacheAnswer, TokenCacheQuestion } from './token-cache-child.ts';

/** A token that is still in memory: MSAL Node's CPU for it over certgrant's. */
export async function benchTokenCache({ pem, keyPem }: Material): Promise<Finding> {
  const { authority, target } = await startBenchAuthority(pem);
  const answers = await withTemporaryFile(authority.ca, async (caFile) => {
    const child = startChild('token-cache-child', { env: { NODE_EXTRA_CA_CERTS: caFile } });
    const question: TokenCacheQuestion = { target, authority: authority.url, tenant: authority.tenantId, pem, keyPem };
    const answer = await child.ask<TokenCacheAnswer>({ ...question });
    child.end();
    return answer;
  });
  await authority.close();
  const samples = new Map(answers);
  const ratio = medianRatio(samples, 'MSAL Node', 'certgrant');
  return {
    title: 'A token from the memory cache: CPU',
    columns: ['', 'µs'],
    rows: [...samples].map(([name, values]) => [name, median(values)]),
    goals: [{ name: "MSAL Node's cache hit ÷ certgrant's (CPU)", measured: ratio, relation: 'at least', goal: 20 }],
  };
}
