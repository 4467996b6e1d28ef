import type { Dispatcher } from 'undici';
import { type Platform, systemPlatform } from '../platform.ts';
import { type ProxySettings, proxySettings } from './proxy.ts';
import { tlsTrust } from './trust.ts';

/** Whom a fetch trusts, and which way it goes. */
export interface FetchOptions {
  /** Certificates of CAs to trust besides the usual ones: PEM texts with one or more, or the bytes of a PEM or DER file. */
  readonly ca?: readonly (string | Uint8Array)[] | undefined;
  /** Where `HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY` and `NODE_EXTRA_CA_CERTS` are read from; by default the process's. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A `fetch` with connections of its own. */
export interface ClosableFetch {
  (...request: Parameters<Platform['fetch']>): Promise<Response>;
  /** Ends the connections; what is under way is broken off. */
  close(): Promise<void>;
}

/**
 * A `fetch` that trusts further CAs and goes through the proxy that the environment names.
 *
 * Node's own `fetch` is used where it does all that is asked; undici, which it is made of, is loaded only at the first
 * request that needs more.
 *
 * @returns a function like the standard `fetch`; call `close` when it is no longer needed
 * @throws {CertgrantError} `FORMAT_UNKNOWN` at the first request, when a CA is no certificate
 * @example
 * const fetch = createFetch({ ca: [await readFile('ca.pem')] });
 * const client = new TokenClient({ authority, tenant, clientId, credential, platform: { fetch } });
 */
export function createFetch({ ca = [], env = process.env }: FetchOptions = {}): ClosableFetch {
  const proxy = proxySettings(env);
  if (ca.length === 0 && proxy === undefined) {
    return Object.assign(systemPlatform.fetch.bind(systemPlatform), { close: async () => {} });
  }
  let loaded: Promise<LoadedUndici> | undefined;
  const load = (): Promise<LoadedUndici> => {
    loaded ??= loadUndici(ca, proxy, env);
    return loaded;
  };
  return Object.assign(
    async (input: string, init?: RequestInit) => {
      const { fetch, dispatcher } = await load();
      return fetch(input, { ...init, dispatcher });
    },
    {
      close: async () => {
        const pending = loaded;
        loaded = undefined;
        await (await pending?.catch(() => undefined))?.dispatcher.destroy();
      },
    },
  );
}

interface LoadedUndici {
  /** undici's own `fetch`, in the terms of the standard: its types differ in details that do not matter here. */
  readonly fetch: (input: string, init: RequestInit & { dispatcher: Dispatcher }) => Promise<Response>;
  readonly dispatcher: Dispatcher;
}

async function loadUndici(
  ca: readonly (string | Uint8Array)[],
  proxy: ProxySettings | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LoadedUndici> {
  const [undici, tls] = await Promise.all([import('undici'), tlsTrust(ca, env)]);
  const { Agent, EnvHttpProxyAgent } = undici;
  const dispatcher =
    proxy === undefined
      ? new Agent({ connect: tls })
      : new EnvHttpProxyAgent({ connect: tls, requestTls: tls, proxyTls: tls, ...proxy });
  return { fetch: undici.fetch as unknown as LoadedUndici['fetch'], dispatcher };
}
