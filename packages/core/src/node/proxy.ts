/** The proxies that the environment names; empty texts where it names none. */
export interface ProxySettings {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables as curl reads them; this very machine is never reached through a proxy. */
export function proxySettings(env: Environment): ProxySettings | undefined {
  const httpProxy = env.http_proxy || env.HTTP_PROXY || '';
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY || '';
  if (httpProxy === '' && httpsProxy === '') return undefined;
  const noProxy = env.no_proxy ?? env.NO_PROXY ?? '';
  return { httpProxy, httpsProxy, noProxy: noProxy === '*' ? '*' : `${noProxy},localhost,127.0.0.1,[::1]` };
}

/** Which way a request goes, and why. */
export type Route =
  | { readonly proxy: undefined; readonly reason: 'none-set' | 'excepted' }
  | {
      /** As the variable has it. */
      readonly proxy: string;
      /** The variable that names it. */
      readonly variable: string;
    };

/** The way that a request to `url` takes: as undici's agent for these variables decides it. */
export function routeTo(url: URL, env: Environment): Route {
  const settings = proxySettings(env);
  const variable = settings === undefined ? undefined : proxyVariable(url.protocol, env);
  if (settings === undefined || variable === undefined) return { proxy: undefined, reason: 'none-set' };
  if (isExcepted(url, settings.noProxy)) return { proxy: undefined, reason: 'excepted' };
  return { proxy: env[variable] ?? '', variable };
}

/** What is encrypted goes through the proxy for the rest where it has none of its own. */
function proxyVariable(protocol: string, env: Environment): string | undefined {
  const names = ['http_proxy', 'HTTP_PROXY'];
  if (protocol === 'https:') names.unshift('https_proxy', 'HTTPS_PROXY');
  return names.find((name) => env[name]);
}

function isExcepted({ hostname, port, protocol }: URL, noProxy: string): boolean {
  if (noProxy === '*') return true;
  const ownPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return noProxy.split(/[,\s]/).some((entry) => {
    const [, host = entry, wantedPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
    const suffix = host.replace(/^\*?\./, '').toLowerCase();
    if (suffix === '' || (wantedPort !== undefined && Number(wantedPort) !== Number(ownPort))) return false;
    return hostname === suffix || hostname.endsWith(`.${suffix}`);
  });
}
