import { relativeTime } from '../../../jwt/token-time.ts';
import { TokenClient } from '../../../token/token-client.ts';
import { type Check, defineCheck, passed } from '../check.ts';

/** A real request, of which nothing is kept. What the server refuses is explained. */
export const token: Check = defineCheck({
  id: 'token',
  doing: 'request a token',
  needs: ['settings', 'credential', 'network', 'issuer'],
  gives: ['token'],
  run: async ({ settings, credential, network }, { platform, signal, timeout }) => {
    const { target, claims, ...server } = settings;
    const client = new TokenClient({
      ...server,
      credential,
      timeout,
      deadline: timeout,
      // What passes by itself is to be seen, not waited for.
      attempts: 1,
      platform: { ...platform, fetch: network.fetch },
    });
    const received = await client.getToken(target, { signal, claims });
    const ends = relativeTime(received.expiresOn - platform.now());
    return passed(`the server gave a ${received.tokenType} token that ends ${ends}`, { token: received });
  },
});
