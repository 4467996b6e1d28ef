import { CertgrantError, isCertgrantError } from '../errors.ts';
import { type HttpResponse, tryJsonObject } from '../lib/http.ts';
import { type Platform, platformWith } from '../platform.ts';
import { secureUrl } from './endpoint.ts';
import { serverText } from './server-text.ts';
import { type Trace, tracedRequest } from './trace.ts';

/** What an issuer publishes about itself, as far as certgrant uses it. */
export interface AuthorizationServer {
  readonly issuer: string;
  readonly tokenEndpoint: string | undefined;
  readonly jwksUri: string | undefined;
  /** The URL that the document was found at. */
  readonly documentUrl: string;
  /** The whole document, as it was served. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** How an issuer is looked up. */
export interface DiscoveryOptions {
  readonly platform?: Partial<Platform> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For each request, in milliseconds. */
  readonly timeout?: number | undefined;
  readonly trace?: Trace | undefined;
}

const action = 'discover issuer';

/**
 * Finds what an issuer publishes about itself: by RFC 8414 and by OpenID Connect Discovery 1.0, each with the
 * well-known path put before the issuer's own (RFC 8414 §3.1) and after it (OpenID Connect Discovery §4).
 *
 * @param issuer its URL, exactly as it writes it itself
 * @returns the endpoints, and the whole document
 * @throws {CertgrantError} `ISSUER_MISMATCH` when a document is found and names another issuer (RFC 8414 §3.3),
 * `DISCOVERY_FAILED` when there is none, and what a request throws
 * @example
 * const { tokenEndpoint } = await discoverIssuer('https://as.example.com');
 */
export async function discoverIssuer(issuer: string, options: DiscoveryOptions = {}): Promise<AuthorizationServer> {
  const platform = platformWith(options.platform);
  let mismatch: CertgrantError | undefined;
  let lastStatus: number | undefined;
  for (const url of documentUrls(issuer)) {
    const response = await fetchDocument({ ...options, platform, url });
    lastStatus = response?.status ?? lastStatus;
    const document = response?.status === 200 ? tryJsonObject(response) : undefined;
    if (typeof document?.issuer !== 'string') continue;
    if (document.issuer === issuer) return readDocument(issuer, url, document);
    mismatch ??= issuerMismatch(issuer, document.issuer);
  }
  throw mismatch ?? notFound(issuer, lastStatus);
}

/** `undefined` for a redirect: a server that sends on what it does not know may still have the next document. */
async function fetchDocument(
  options: DiscoveryOptions & { platform: Platform; url: string },
): Promise<HttpResponse | undefined> {
  const { platform, url, signal, timeout, trace } = options;
  const headers = { accept: 'application/json' };
  try {
    return await tracedRequest({ platform, url, action, headers, signal, timeout }, trace);
  } catch (thrown) {
    if (isCertgrantError(thrown) && thrown.code === 'RESPONSE_REDIRECT') return undefined;
    throw thrown;
  }
}

/** The places of the document in the order in which they are tried. */
export function documentUrls(issuer: string): readonly string[] {
  const { origin, pathname } = secureUrl(issuer, 'issuer');
  const path = pathname.replace(/\/+$/, '');
  const urls = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/oauth-authorization-server`,
  ];
  return [...new Set(urls)];
}

function readDocument(issuer: string, documentUrl: string, document: Record<string, unknown>): AuthorizationServer {
  const { token_endpoint: tokenEndpoint, jwks_uri: jwksUri } = document;
  return {
    issuer,
    tokenEndpoint: typeof tokenEndpoint === 'string' ? tokenEndpoint : undefined,
    jwksUri: typeof jwksUri === 'string' ? jwksUri : undefined,
    documentUrl,
    document,
  };
}

function issuerMismatch(issuer: string, published: string): CertgrantError {
  return new CertgrantError(
    'ISSUER_MISMATCH',
    `${action}: the document of ${issuer} names another issuer, ${serverText(published, 300)}`,
    { fix: 'If that is the issuer you mean, give it exactly as the document writes it, slash at the end included' },
  );
}

/** There is no document; `status` is what the server answered last. */
export class DiscoveryError extends CertgrantError {
  override readonly name: string = 'DiscoveryError';
  readonly status: number | undefined;

  constructor(message: string, fix: string, status: number | undefined) {
    super('DISCOVERY_FAILED', message, { fix });
    this.status = status;
  }
}

function notFound(issuer: string, lastStatus: number | undefined): DiscoveryError {
  const status = lastStatus === undefined ? '' : `, the last answer was ${lastStatus}`;
  return new DiscoveryError(
    `${action}: ${issuer} publishes no configuration document at any of the usual addresses${status}`,
    "Check the issuer's URL, path included: it is the value that its tokens have in the claim iss",
    lastStatus,
  );
}

/** How long a document is used before it is asked for again. */
const documentLifetime = 60 * 60 * 1000;

/** Remembers for an hour what an issuer publishes; many callers at once share one look-up. */
export class IssuerDirectory {
  readonly #options: DiscoveryOptions;
  readonly #platform: Platform;
  readonly #known = new Map<string, { readonly until: number; readonly server: AuthorizationServer }>();

  constructor(options: DiscoveryOptions) {
    this.#options = options;
    this.#platform = platformWith(options.platform);
  }

  async find(issuer: string, limits: Pick<DiscoveryOptions, 'signal' | 'timeout'> = {}): Promise<AuthorizationServer> {
    const known = this.#known.get(issuer);
    if (known !== undefined && this.#platform.now() < known.until) return known.server;
    const server = await discoverIssuer(issuer, { ...this.#options, ...limits });
    this.#known.set(issuer, { until: this.#platform.now() + documentLifetime, server });
    return server;
  }
}
