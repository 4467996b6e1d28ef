import { networkError } from '../../../lib/network-error.ts';
import { type Check, defineCheck, failedBy, passed } from '../check.ts';
import { connectTcp } from '../sockets.ts';

/** Whether something listens there. */
export const tcp: Check = defineCheck({
  id: 'tcp',
  doing: 'connect',
  needs: ['way', 'addresses'],
  gives: ['connected'],
  run: async ({ way }, { signal }) => {
    const { host, port, proxy } = way;
    const what = proxy === undefined ? `${host}:${port}` : `the proxy ${host}:${port}`;
    try {
      const socket = await connectTcp(way, signal);
      const { remoteAddress } = socket;
      socket.destroy();
      return passed(`${what} takes connections, at ${remoteAddress}`, { connected: true });
    } catch (thrown) {
      signal.throwIfAborted();
      return failedBy(networkError(thrown, 'connect', what));
    }
  },
});
