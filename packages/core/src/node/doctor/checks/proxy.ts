import { routeTo } from '../../proxy.ts';
import { type Check, defineCheck, failed, passed, skipped, type Way } from '../check.ts';
import { portOf, socketHost } from '../sockets.ts';

/** Whether a proxy stands between, and which variable says so. */
export const proxy: Check = defineCheck({
  id: 'proxy',
  doing: 'look for a proxy',
  needs: ['server'],
  gives: ['way'],
  run: ({ server }, { env }) => {
    const direct: Way = { proxy: undefined, host: socketHost(server), port: portOf(server) };
    const route = routeTo(server, env);
    if (route.proxy === undefined) {
      if (route.reason === 'none-set') return skipped(noneInWords(env.ALL_PROXY ?? env.all_proxy), { way: direct });
      return passed(`none: NO_PROXY excepts ${server.hostname}, or it is this very machine`, { way: direct });
    }
    const url = URL.canParse(route.proxy) ? new URL(route.proxy) : undefined;
    if (url === undefined || !/^(https?|socks5?):$/.test(url.protocol) || url.hostname === '') {
      return failed(
        `${route.variable} is not the URL of a proxy`,
        `Write ${route.variable} like http://proxy.example:3128, with http:// in front`,
        'USAGE',
      );
    }
    if (!isEncoded(url.username) || !isEncoded(url.password)) {
      return failed(
        `the user name or the password in ${route.variable} has a % that encodes nothing`,
        'Write special characters percent-encoded: %25 for a %, %40 for an @',
        'USAGE',
      );
    }
    const port = url.port === '' && url.protocol.startsWith('socks') ? 1080 : portOf(url);
    const login = url.username === '' ? '' : ', with a user name and a password';
    const way = { proxy: url, host: socketHost(url), port };
    return passed(`${url.protocol}//${url.hostname}:${port} by ${route.variable}${login}`, { way });
  },
});

function noneInWords(all: string | undefined): string {
  return all ? 'no proxy is set; ALL_PROXY is not read' : 'no proxy is set';
}

function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
