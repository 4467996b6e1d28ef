import { ConfidentialClientApplication } from '@azure/msal-node';
import { loadCredential, TokenClient, thumbprints } from '@certgrant/core';
import { answer } from './child.ts';
import { compare, cpuTime, type Samples } from './measure.ts';
import type { Target } from './token-load-child.ts';

export interface TokenCacheQuestion {
  readonly target: Target;
  readonly authority: string;
  readonly tenant: string;
  readonly pem: string;
  readonly keyPem: string;
}

/** By contender: microseconds a hit, one number a round. */
export type TokenCacheAnswer = [name: string, samples: readonly number[]][];

/** A process of its own because MSAL trusts another CA only by NODE_EXTRA_CA_CERTS. */
answer<TokenCacheQuestion>(async ({ target, authority, tenant, pem, keyPem }) => {
  const { clientId, scope } = target;
  const credential = await loadCredential(new TextEncoder().encode(pem));
  const client = new TokenClient({ authority, tenant, clientId, credential });
  const application = new ConfidentialClientApplication({
    auth: {
      clientId,
      authority: `${authority}/${tenant}`,
      knownAuthorities: [new URL(authority).host],
      clientCertificate: {
        privateKey: keyPem,
        thumbprintSha256: (await thumbprints(credential.certificate)).sha256,
      },
    },
  });
  await client.getToken({ scope });
  await application.acquireTokenByClientCredential({ scopes: [scope] });

  const hit = await client.getToken({ scope });
  const peerHit = await application.acquireTokenByClientCredential({ scopes: [scope] });
  if (hit.source !== 'cache' || peerHit?.fromCache !== true) throw new Error('bench: a second token missed the cache');

  const samples: Samples = await compare(
    [
      { name: 'certgrant', operations: 20_000, run: () => client.getToken({ scope }) },
      {
        name: 'MSAL Node',
        operations: 1000,
        run: () => application.acquireTokenByClientCredential({ scopes: [scope] }),
      },
    ],
    { rounds: 11, operations: 1 },
    cpuTime,
  );
  return [...samples] satisfies TokenCacheAnswer as [string, number[]][];
});
