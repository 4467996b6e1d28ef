import { isIP } from 'node:net';
import { networkError } from '../../../lib/network-error.ts';
import { type Check, defineCheck, failedBy, passed, skipped } from '../check.ts';
import { lookUp } from '../sockets.ts';

/** The addresses of the host that this machine connects to. */
export const dns: Check = defineCheck({
  id: 'dns',
  doing: 'look the host name up',
  needs: ['way'],
  gives: ['addresses'],
  run: async ({ way: { host, proxy } }, { signal }) => {
    if (isIP(host) !== 0) return skipped(`${host} is an address`, { addresses: [host] });
    const whose = proxy === undefined ? host : `the proxy ${host}`;
    try {
      const addresses = await lookUp(host, signal);
      const shown = addresses.slice(0, 4).join(', ');
      return passed(`${whose} is ${shown}${addresses.length > 4 ? ' …' : ''}`, { addresses });
    } catch (thrown) {
      signal.throwIfAborted();
      return failedBy(networkError(thrown, 'look up', whose));
    }
  },
});
