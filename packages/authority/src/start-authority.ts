import { isIP } from 'node:net';
import { CertgrantError, type Platform, platformWith, toBase64Url } from '@certgrant/core';
import { type AuthorityFiles, writeAuthorityFiles } from './authority-files.ts';
import { UsedAssertions } from './checks/used-assertions.ts';
import type { Clock } from './controls/clock.ts';
import { Controls } from './controls/controls.ts';
import type { Duration } from './controls/duration.ts';
import type { Faults } from './controls/faults.ts';
import { type Forgery, forgeToken } from './controls/forge.ts';
import { registerApplication } from './controls/registration.ts';
import { type RequestReport, RequestReporter } from './controls/request-reporter.ts';
import { type RequestView, requestView } from './controls/request-view.ts';
import { resetAuthority } from './controls/reset.ts';
import { type SignIn, type SignInFilter, signInsAmong } from './controls/sign-in.ts';
import { Directory } from './directory/directory.ts';
import { grownSeed, type ReadySeed, readySeed } from './directory/plant-seed.ts';
import type { Registered, Registration } from './directory/register.ts';
import { createApp } from './http/app.ts';
import { Hosts } from './http/hosts.ts';
import { type RunningServer, serve } from './http/server.ts';
import { isDomain, isGuid } from './lib/identifiers.ts';
import { checkSeed, parseSeed, type Seed } from './seed.ts';
import type { Services } from './services.ts';
import { openStore } from './store/open-store.ts';
import { noTenant, type Store } from './store/store.ts';
import { type ServerTls, serverTls } from './tls/server-tls.ts';
import { processKeys, storedKeys } from './tokens/signing-key.ts';

/** In seconds. Entra ID's own are between an hour and an hour and a half, and a day. */
const usualLifetimes = { token: 3600, cae: 86_400 };

/** A year, in seconds. */
const longestLifetime = 31_536_000;

/** How an authority is started; nothing has to be said. */
export interface AuthorityOptions {
  /** The name or address to listen on; by default localhost. */
  readonly host?: string | undefined;
  /** By default a free one. */
  readonly port?: number | undefined;
  /** Further names under which it is reached, such as the name of a container. */
  readonly hostNames?: readonly string[] | undefined;
  /** Of the first tenant; by default random. */
  readonly tenantId?: string | undefined;
  /** Of the first tenant. */
  readonly tenantName?: string | undefined;
  /** Of the first tenant; by default local.example. */
  readonly domain?: string | undefined;
  /** Where everything is kept; without it all is in memory. */
  readonly dataDir?: string | undefined;
  /** What to begin with, as it is or as JSON; a folder that was used before has its own directory. */
  readonly seed?: Seed | string | undefined;
  /** Where relative file names of the seed start; by default the working directory. */
  readonly seedFolder?: string | undefined;
  /** A server certificate of one's own, PEM; by default one is made for the host names. */
  readonly tls?: ServerTls | undefined;
  /** Whether `caFile` and `adminTokenFile` are written; with `dataDir` they always are. */
  readonly files?: boolean | undefined;
  /** How long an access token is good, in seconds; by default 3600. */
  readonly tokenLifetime?: number | undefined;
  /**
   * The same for a client that says it can handle claims challenges (continuous access evaluation); by default
   * 86400, or `tokenLifetime` where that is given.
   */
  readonly caeTokenLifetime?: number | undefined;
  /**
   * Whether assertions must keep the rules of RFC 7523bis and FAPI 2.0, which Entra ID does not ask for yet: a `jti` that
   * is used once, the issuer as the only audience, ten minutes at most, and no RS256 with a SHA-1 thumbprint.
   */
  readonly strict?: boolean | undefined;
  /**
   * How long a change of an application's keys or passwords takes to reach the token endpoint, in seconds; by default 0.
   * Graph shows it at once. For rehearsing a rotation as it goes at Entra ID.
   */
  readonly keyPropagationDelay?: number | undefined;
  readonly platform?: Partial<Platform> | undefined;
  /** Is told of every request that has been answered; by default nobody is. */
  readonly onRequest?: ((report: RequestReport) => void) | undefined;
  /** Is told of unexpected errors; by default nobody is. */
  readonly log?: ((line: string) => void) | undefined;
}

/** A running authority. */
export interface Authority {
  /** Without a trailing slash: `https://localhost:8443`. */
  readonly url: string;
  /** Of the first tenant. */
  readonly tenantId: string;
  /** The base URL of the Graph endpoints, without the version. */
  readonly graphUrl: string;
  /** The CA that clients must trust, PEM. */
  readonly ca: string;
  /** May do everything at the Graph endpoints. */
  readonly adminToken: string;
  /** The CA as a file, where files are written. */
  readonly caFile: string | undefined;
  /** The admin token as a file that nobody else can read, where files are written. */
  readonly adminTokenFile: string | undefined;
  /**
   * Registers an application in the first tenant: with its certificates, and granted its permissions.
   *
   * @throws {CertgrantError} `SETTINGS_INVALID` for a permission that is not there or an id that is taken;
   * `FORMAT_MALFORMED`, `CERTIFICATE_MISSING` for the certificate
   */
  register(registration: Registration): Promise<Registered>;
  /**
   * Makes a new key that signs access tokens from now on. The one before stays published, and tokens signed with it stay
   * good, until the last of them has expired.
   *
   * @returns the `kid` of the new key
   */
  rotateSigningKey(): Promise<string>;
  /** The clock that every check, every token and Graph go by. TLS goes by the system's. */
  readonly clock: Clock;
  /** What goes wrong on purpose. */
  readonly faults: Faults;
  /** The last token requests, oldest first: what each check came to, and the code. Nothing secret is in them. */
  signIns(filter?: SignInFilter): readonly SignIn[];
  /**
   * The oldest request that has not been taken yet, or the next one that comes; secrets in it are masked. The last
   * thousand are kept.
   *
   * @param wait how long to wait for one, a minute at most; by default five seconds
   * @throws {CertgrantError} `TIMEOUT` when none came; `CANCELLED` when the authority was closed meanwhile; `USAGE`
   */
  takeRequest(wait?: Duration): Promise<RequestView>;
  /**
   * Makes an access token with anything about it changed, for the tests of an API that must refuse it.
   *
   * @throws {CertgrantError} `USAGE`
   */
  forge(forgery?: Forgery): Promise<string>;
  /** Goes back to what it began with: the seed or an empty tenant, no faults, no requests, the real time. The keys stay. */
  reset(): Promise<void>;
  /** Lets requests in flight finish and leaves no socket, timer or temporary file behind. */
  close(): Promise<void>;
}

/**
 * Starts a token authority that answers like Microsoft Entra ID, in this process.
 *
 * @throws {CertgrantError} `PORT_IN_USE`, `HOST_NOT_FOUND`; `SETTINGS_INVALID` for the seed; `DATA_IN_USE`,
 * `FILE_NOT_WRITABLE`, `FORMAT_MALFORMED` for the data folder
 * @throws {RangeError} for a port, a token lifetime, a tenant id or a domain that is none
 * @example
 * const authority = await startAuthority();
 * const { appId } = await authority.register({ certificate, permissions: ['User.Read.All'] });
 * // … ask for a token at `${authority.url}/${authority.tenantId}/oauth2/v2.0/token` …
 * await authority.close();
 */
export async function startAuthority(options: AuthorityOptions = {}): Promise<Authority> {
  requireRanges(options);
  const outside = platformWith(options.platform);
  const controls = new Controls(outside);
  const platform: Platform = { ...outside, now: () => controls.clock.now() };
  const seed = await seedOf(options, platform);
  const store = await openStore(options.dataDir);
  const opened: (() => Promise<void>)[] = [() => store.close()];
  try {
    const names = hostNames(options);
    const directory = new Directory(store, platform, (options.keyPropagationDelay ?? 0) * 1000);
    const [tls, tenantId] = await Promise.all([
      options.tls ?? serverTls(names, store),
      firstTenant(store, directory, seed, platform),
    ]);
    const lifetimes = lifetimesOf(options);
    const keyOptions = { platform: outside, overlap: Math.max(...Object.values(lifetimes)) };
    const signingKeys = options.dataDir === undefined ? processKeys(keyOptions) : storedKeys(store, keyOptions);
    // A store is not closed under keys that are being written.
    if (options.dataDir !== undefined) opened.unshift(() => signingKeys.settled());
    let server: RunningServer | undefined;
    const adminToken = toBase64Url(platform.randomBytes(32));
    const services: Services = {
      directory,
      platform,
      controls,
      restoreSeed: async () => directory.replaceAll(await grownSeed(seed, platform)),
      adminToken,
      adminTenantId: tenantId,
      signingKeys,
      hosts: new Hosts(names, () => server?.port ?? 0),
      ...lifetimes,
      usedAssertions: options.strict === true ? new UsedAssertions() : undefined,
      log: options.log ?? (() => undefined),
      reporter: options.onRequest && new RequestReporter(outside, adminToken, options.onRequest),
    };
    const { host = 'localhost', port = 0 } = options;
    server = await serve(createApp(services), { host, port, tls, platform: outside });
    opened.unshift(server.close);
    opened.unshift(async () => controls.close());
    const files =
      options.files === true || options.dataDir !== undefined
        ? await writeAuthorityFiles(options.dataDir, { ca: tls.ca, adminToken })
        : undefined;
    if (files !== undefined) opened.unshift(files.remove);
    return authority({ services, server, tls, files, host, close: once(() => closeAll(opened)) });
  } catch (thrown) {
    await closeAll(opened);
    throw thrown;
  }
}

interface Started {
  readonly services: Services;
  readonly server: RunningServer;
  readonly tls: ServerTls;
  readonly files: AuthorityFiles | undefined;
  readonly host: string;
  readonly close: () => Promise<void>;
}

function authority({ services, server, tls, files, host, close }: Started): Authority {
  const { adminToken, adminTenantId: tenantId, controls } = services;
  const url = urlOf(host, server.port);
  return {
    url,
    tenantId,
    graphUrl: `${url}/graph`,
    ca: tls.ca,
    adminToken,
    caFile: files?.caFile,
    adminTokenFile: files?.adminTokenFile,
    clock: controls.clock,
    faults: controls.faults,
    register: (registration) => registerApplication(services, registration),
    rotateSigningKey: () => services.signingKeys.rotateSigningKey(),
    signIns: (filter = {}) => signInsAmong(controls.requests.all(), filter),
    takeRequest: async (wait = 5_000) => requestView(await controls.requests.take(wait)),
    forge: (forgery = {}) => forgeToken(forgery, url, services),
    reset: () => resetAuthority(services),
    close,
  };
}

/** The tenant that the options speak of is the first of the seed. */
async function seedOf(options: AuthorityOptions, platform: Platform): Promise<ReadySeed> {
  const given = typeof options.seed === 'string' ? parseSeed(options.seed) : checkSeed(options.seed ?? { tenants: [] });
  const [first = {}, ...others] = given.tenants;
  const { tenantId: id = first.id, tenantName: name = first.name, domain = first.domain } = options;
  return readySeed({ tenants: [{ ...first, id, name, domain }, ...others] }, options.seedFolder ?? '.', platform);
}

/** The first tenant's id; a store that is empty gets the seed. */
async function firstTenant(store: Store, directory: Directory, seed: ReadySeed, platform: Platform): Promise<string> {
  const [present] = await store.find('tenants', noTenant, { limit: 1 });
  if (present !== undefined) return present.entity.id;
  await directory.replaceAll(await grownSeed(seed, platform));
  return seed.tenants[0]?.id ?? '';
}

/** What the server certificate is made for. */
function hostNames({ host, hostNames: others = [] }: AuthorityOptions): readonly string[] {
  const any = ['0.0.0.0', '::', ''];
  return [...new Set(['localhost', '127.0.0.1', '::1', ...(host === undefined ? [] : [host]), ...others])].filter(
    (name) => !any.includes(name),
  );
}

function urlOf(host: string, port: number): string {
  const reached = host === '0.0.0.0' || host === '::' || host === '' ? 'localhost' : host;
  return `https://${isIP(reached) === 6 ? `[${reached}]` : reached.toLowerCase()}${port === 443 ? '' : `:${port}`}`;
}

/** Who sets a lifetime means it for every token. */
function lifetimesOf({ tokenLifetime, caeTokenLifetime }: AuthorityOptions): {
  readonly tokenLifetime: number;
  readonly caeTokenLifetime: number;
} {
  return {
    tokenLifetime: tokenLifetime ?? usualLifetimes.token,
    caeTokenLifetime: caeTokenLifetime ?? tokenLifetime ?? usualLifetimes.cae,
  };
}

function requireRanges(options: AuthorityOptions): void {
  const { port, tokenLifetime, caeTokenLifetime, keyPropagationDelay, tenantId, domain } = options;
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RangeError('start authority: the port is not a whole number from 0 to 65535');
  }
  for (const lifetime of [tokenLifetime, caeTokenLifetime]) {
    if (lifetime === undefined || (Number.isInteger(lifetime) && lifetime > 0 && lifetime <= longestLifetime)) continue;
    throw new RangeError(
      `start authority: the token lifetime is not a whole number of seconds from 1 to ${longestLifetime}`,
    );
  }
  if (keyPropagationDelay !== undefined && !(Number.isFinite(keyPropagationDelay) && keyPropagationDelay >= 0)) {
    throw new RangeError('start authority: the key propagation delay is not a number of seconds');
  }
  if (tenantId !== undefined && !isGuid(tenantId))
    throw usage('the tenant id is not a GUID', 'Write 8-4-4-4-12 hexadecimal digits');
  if (domain !== undefined && !isDomain(domain))
    throw usage('the domain is not a domain name', 'Write it as contoso.example');
}

function usage(fault: string, fix: string): CertgrantError {
  return new CertgrantError('USAGE', `start authority: ${fault}`, { fix });
}

/** The last opened first; one that cannot be closed does not keep the others open. */
async function closeAll(opened: readonly (() => Promise<void>)[]): Promise<void> {
  const failed: unknown[] = [];
  for (const close of opened) await close().catch((thrown: unknown) => failed.push(thrown));
  if (failed.length > 0) throw failed[0];
}

/** Closing twice is closing once. */
function once(close: () => Promise<void>): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= close();
    return closing;
  };
}
