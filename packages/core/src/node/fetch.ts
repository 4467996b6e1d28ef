import type { Dispatcher } from 'undici';
import { CertgrantError } from '../errors.ts';
import { type Platform, systemPlatform } from '../platform.ts';

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
  const [undici, tls] = await Promise.all([import('undici'), trust(ca, env)]);
  const { Agent, EnvHttpProxyAgent } = undici;
  const dispatcher =
    proxy === undefined
      ? new Agent({ connect: tls })
      : new EnvHttpProxyAgent({ connect: tls, requestTls: tls, proxyTls: tls, ...proxy });
  return { fetch: undici.fetch as unknown as LoadedUndici['fetch'], dispatcher };
}

interface ProxySettings {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/** The variables as curl reads them; this very machine is never reached through a proxy. */
function proxySettings(env: Readonly<Record<string, string | undefined>>): ProxySettings | undefined {
  const httpProxy = env.http_proxy || env.HTTP_PROXY || '';
  const httpsProxy = env.https_proxy || env.HTTPS_PROXY || '';
  if (httpProxy === '' && httpsProxy === '') return undefined;
  const noProxy = env.no_proxy ?? env.NO_PROXY ?? '';
  return { httpProxy, httpsProxy, noProxy: noProxy === '*' ? '*' : `${noProxy},localhost,127.0.0.1,[::1]` };
}

/** TLS settings with the usual CAs and some more: a list given to Node would otherwise take the place of the usual ones. */
async function trust(
  ca: readonly (string | Uint8Array)[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ secureContext?: import('node:tls').SecureContext }> {
  if (ca.length === 0) return {};
  const [tls, { X509Certificate }] = await Promise.all([import('node:tls'), import('node:crypto')]);
  const added = ca.flatMap((one) => readAuthorities(one, X509Certificate));
  return { secureContext: tls.createSecureContext({ ca: [...(await usualAuthorities(tls, env)), ...added] }) };
}

async function usualAuthorities(
  tls: typeof import('node:tls'),
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  // Newer than the Node that this must run on: it knows the system's store as well, where Node is told to use it.
  const { getCACertificates } = tls as { getCACertificates?: (type: 'default') => string[] };
  if (getCACertificates !== undefined) return getCACertificates('default');
  const extra = env.NODE_EXTRA_CA_CERTS;
  if (extra === undefined || extra === '') return tls.rootCertificates;
  const { readFileSync } = await import('node:fs');
  try {
    return [...tls.rootCertificates, ...pemBlocks(readFileSync(extra, 'utf8'))];
  } catch {
    // Node itself only warns about a file that it cannot read.
    return tls.rootCertificates;
  }
}

function readAuthorities(
  file: string | Uint8Array,
  X509Certificate: typeof import('node:crypto').X509Certificate,
): readonly string[] {
  const text = typeof file === 'string' ? file : new TextDecoder('latin1').decode(file);
  const blocks = pemBlocks(text);
  try {
    if (blocks.length > 0) return blocks.map((block) => new X509Certificate(block).toString());
    if (typeof file !== 'string') return [new X509Certificate(file).toString()];
  } catch (cause) {
    throw notAuthority('what it holds is not a certificate', cause);
  }
  throw notAuthority('there is no certificate in it');
}

function notAuthority(problem: string, cause?: unknown): CertgrantError {
  return new CertgrantError('FORMAT_UNKNOWN', `trust a CA: ${problem}`, {
    fix: "Give the CA's certificate as a PEM or DER file",
    cause,
  });
}

function pemBlocks(text: string): readonly string[] {
  return text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? [];
}
