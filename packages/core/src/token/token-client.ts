import { isCertgrantError } from '../errors.ts';
import { cancelledError } from '../lib/http.ts';
import { type Platform, platformWith } from '../platform.ts';
import { clouds } from './clouds.ts';
import { SharedFlight } from './shared-flight.ts';
import type { TokenClientOptions } from './token-client-options.ts';
import type { TokenTarget } from './token-request.ts';
import { TokenRequester } from './token-requester.ts';
import type { StoredToken, TokenStore } from './token-store.ts';

/** How one token is asked for. */
export interface GetTokenOptions {
  /** Gives up waiting; others who wait for the same token are not disturbed. */
  readonly signal?: AbortSignal | undefined;
  /** Ask the server even if a token is at hand. */
  readonly forceRefresh?: boolean | undefined;
  /** The claims request of a claims challenge, as JSON. */
  readonly claims?: string | undefined;
}

/** An access token. All times are in milliseconds since 1970. */
export interface AccessToken {
  readonly accessToken: string;
  /** `Bearer`. */
  readonly tokenType: string;
  readonly expiresOn: number;
  /** From when on the client asks for a new one. */
  readonly refreshOn: number;
  readonly source: 'network' | 'cache';
}

interface Kept {
  /** The token as it is handed out, in a promise that is made once: a hit in memory allocates nothing. */
  readonly hit: Promise<AccessToken>;
  readonly expiresOn: number;
  refreshOn: number;
}

interface Asked {
  readonly key: string;
  readonly target: TokenTarget;
  readonly claims: string | undefined;
  readonly forceRefresh: boolean;
}

const action = 'request token';

/** A token this close to its end is handed out only when no newer one can be had. */
const lastMoment = 10_000;
/** How long a failed renewal is left alone while the old token is still good. */
const pauseAfterFailure = 30_000;
/** More different tokens than this are not kept: claims challenges would otherwise add up without end. */
const mostKept = 1000;

/**
 * Gets access tokens for an application by its certificate, and keeps them.
 *
 * A token is asked for once however many callers want it at the same time, kept in memory, and renewed ahead of its
 * expiry while callers go on getting the old one. When the server refuses the certificate, and the credential is one that
 * can be reloaded, it is reloaded once and the request sent once more.
 *
 * @example
 * const client = new TokenClient({ tenant, clientId, credential });
 * const { accessToken } = await client.getToken({ scope: 'https://graph.microsoft.com/.default' });
 */
export class TokenClient {
  readonly #platform: Platform;
  readonly #store: TokenStore | undefined;
  readonly #requester: TokenRequester;
  readonly #kept = new Map<string, Kept>();
  readonly #flights = new Map<string, SharedFlight<AccessToken>>();

  /**
   * @throws {TypeError} without a client id, or without exactly one of tenant and issuer
   * @throws {CertgrantError} `USAGE` when the authority, the tenant or the issuer is malformed
   */
  constructor(options: TokenClientOptions) {
    this.#platform = platformWith(options.platform);
    this.#store = options.cache;
    this.#requester = new TokenRequester({
      ...options,
      platform: this.#platform,
      authority: options.authority ?? clouds.public.authority,
    });
  }

  /**
   * An access token for `target`, from memory if one is there.
   *
   * @throws {TokenRefusedError} `TOKEN_REFUSED`
   * @throws {CertgrantError} `CANCELLED`; what the network does (`HOST_NOT_FOUND`, `CONNECTION_FAILED`,
   * `TLS_NOT_TRUSTED`, `TIMEOUT`); what the server does (`RESPONSE_…`, `DISCOVERY_FAILED`, `ISSUER_MISMATCH`)
   * @throws {TypeError} for a target that the server's kind does not take
   */
  getToken(target: TokenTarget, options?: GetTokenOptions): Promise<AccessToken> {
    const claims = options?.claims;
    const forceRefresh = options?.forceRefresh === true;
    const key = keyOf(target, claims);
    const kept = this.#kept.get(key);
    if (kept !== undefined && !forceRefresh && options?.signal?.aborted !== true) {
      const now = this.#platform.now();
      if (now < kept.refreshOn) return kept.hit;
      if (now < kept.expiresOn - lastMoment) {
        // Whatever becomes of it: the caller has a token, and the next one comes back here.
        this.#flight({ key, target, claims, forceRefresh })
          .join()
          .catch(() => {});
        return kept.hit;
      }
    }
    if (options?.signal?.aborted) return Promise.reject(cancelledError(action, options.signal.reason));
    return this.#flight({ key, target, claims, forceRefresh }).join(options?.signal);
  }

  /**
   * An access token that is at hand, in memory or in the store, and not yet due to be refreshed. Nothing is sent.
   *
   * @param target what the token is for
   * @returns `undefined` when {@link getToken} would ask the server
   * @throws {TypeError} for a target that the server's kind does not take
   * @example
   * const token = (await client.cachedToken(target)) ?? (await client.getToken(target, { signal }));
   */
  async cachedToken(
    target: TokenTarget,
    { claims }: Pick<GetTokenOptions, 'claims'> = {},
  ): Promise<AccessToken | undefined> {
    this.#requester.check(target);
    const kept = this.#kept.get(keyOf(target, claims));
    if (kept !== undefined && this.#platform.now() < kept.refreshOn) return kept.hit;
    const stored = await this.#readStore(this.#requester.storeKey(target, claims));
    return stored !== undefined && this.#platform.now() < stored.refreshOn ? { ...stored, source: 'cache' } : undefined;
  }

  #flight(asked: Asked): SharedFlight<AccessToken> {
    // A forced one must not join another that may be content with the store.
    const key = asked.forceRefresh ? `\0${asked.key}` : asked.key;
    const flying = this.#flights.get(key);
    if (flying !== undefined) return flying;
    const landed = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    const flight = new SharedFlight(action, (signal) => this.#obtain(asked, signal).finally(landed), landed);
    this.#flights.set(key, flight);
    return flight;
  }

  /** A token from the store or from the server, or the old one if that is all there is. */
  async #obtain(asked: Asked, signal: AbortSignal): Promise<AccessToken> {
    const { key, target, claims, forceRefresh } = asked;
    this.#requester.check(target);
    const storeKey = this.#requester.storeKey(target, claims);
    const stored = forceRefresh ? undefined : await this.#readStore(storeKey);
    if (stored !== undefined) {
      if (stored.expiresOn > (this.#kept.get(key)?.expiresOn ?? 0)) this.#keep(key, stored);
      if (this.#platform.now() < stored.refreshOn) return { ...stored, source: 'cache' };
    }
    try {
      const token = await this.#requester.request(target, claims, signal);
      this.#keep(key, token);
      await this.#writeStore(storeKey, token);
      return Object.freeze({ ...token, source: 'network' });
    } catch (thrown) {
      const old = this.#kept.get(key);
      const cancelled = isCertgrantError(thrown) && thrown.code === 'CANCELLED';
      if (old === undefined || forceRefresh || cancelled || this.#platform.now() >= old.expiresOn) throw thrown;
      old.refreshOn = Math.min(this.#platform.now() + pauseAfterFailure, old.expiresOn);
      return old.hit;
    }
  }

  #keep(key: string, token: StoredToken): void {
    const { accessToken, tokenType, expiresOn, refreshOn } = token;
    const now = this.#platform.now();
    // A server that states no lifetime means the token for this one use.
    if (expiresOn <= now) return;
    const hit = Object.freeze({ accessToken, tokenType, expiresOn, refreshOn, source: 'cache' as const });
    this.#kept.delete(key);
    this.#kept.set(key, { hit: Promise.resolve(hit), expiresOn, refreshOn });
    if (this.#kept.size > mostKept) this.#makeRoom(now);
  }

  /** Drops what has expired, and failing that the oldest. */
  #makeRoom(now: number): void {
    for (const [key, { expiresOn }] of this.#kept) {
      if (expiresOn <= now) this.#kept.delete(key);
    }
    for (const key of this.#kept.keys()) {
      if (this.#kept.size <= mostKept) return;
      this.#kept.delete(key);
    }
  }

  async #readStore(key: string): Promise<StoredToken | undefined> {
    try {
      const stored = await this.#store?.read(key);
      return stored !== undefined && this.#platform.now() < stored.expiresOn ? stored : undefined;
    } catch {
      return undefined;
    }
  }

  async #writeStore(key: string, token: StoredToken): Promise<void> {
    if (token.expiresOn <= this.#platform.now()) return;
    try {
      await this.#store?.write(key, token);
    } catch {
      // A cache that cannot be written costs a request the next time, and nothing now.
    }
  }
}

/** The place in memory. The usual target, a scope alone, is its own key and costs no new string. */
function keyOf({ scope, resource, version }: TokenTarget, claims: string | undefined): string {
  if (scope !== undefined && resource === undefined && claims === undefined && version !== 'v1') return scope;
  // A scope has no line breaks (RFC 6749 §3.3), so this never equals one.
  return `${version ?? 'v2'}\n${scope ?? ''}\n${resource ?? ''}\n${claims ?? ''}`;
}
