import { networkError } from '../../../lib/network-error.ts';
import {
  type Check,
  defineCheck,
  failed,
  failedBy,
  type Network,
  type Outcome,
  passed,
  skipped,
  type Way,
} from '../check.ts';
import { askForTunnel, connectWay, portOf, type TunnelAnswer } from '../sockets.ts';

/** Whether the proxy lets through to the server. */
export const tunnel: Check = defineCheck({
  id: 'tunnel',
  doing: 'ask the proxy for a connection',
  needs: ['way', 'server', 'network', 'connected'],
  gives: ['tunnelled'],
  run: async ({ way, server, network }, { signal }) => {
    const { proxy } = way;
    if (proxy === undefined) return skipped('no proxy stands between', { tunnelled: true });
    if (proxy.protocol.startsWith('socks')) {
      return skipped('of a SOCKS proxy the requests themselves tell', { tunnelled: true });
    }
    try {
      return judge(await askOnce({ ...way, proxy }, server, network, signal), `${server.hostname}:${portOf(server)}`);
    } catch (thrown) {
      signal.throwIfAborted();
      return failedBy(networkError(thrown, 'ask the proxy', `the proxy ${way.host}:${way.port}`));
    }
  },
});

async function askOnce(
  way: Way & { readonly proxy: URL },
  server: URL,
  network: Network,
  signal: AbortSignal,
): Promise<TunnelAnswer | undefined> {
  const socket = await connectWay(way, network, signal);
  try {
    return await askForTunnel(socket, { server, proxy: way.proxy }, signal);
  } finally {
    socket.destroy();
  }
}

function judge(answer: TunnelAnswer | undefined, target: string): Outcome {
  if (answer === undefined) {
    return failed(
      `the proxy closed the connection without an answer to CONNECT ${target}`,
      'Check that HTTPS_PROXY names an HTTP proxy, and look into its log',
      'CONNECTION_FAILED',
    );
  }
  const { status, schemes } = answer;
  if (status >= 200 && status < 300) return passed(`the proxy connects to ${target} (${status})`, { tunnelled: true });
  if (status === 407) {
    const ways = schemes.length === 0 ? '' : `: ${schemes.join(', ')}`;
    return failed(
      `the proxy asks for a user name and a password (407${ways})`,
      'Write them into the variable: HTTPS_PROXY=http://user:password@proxy:port, special characters percent-encoded; only the scheme Basic is spoken',
      'CONNECTION_FAILED',
    );
  }
  return failed(
    `the proxy refuses to connect to ${target} (${status})`,
    'Have the proxy allow this host, or name the host in NO_PROXY where it is reached without the proxy',
    'CONNECTION_FAILED',
  );
}
