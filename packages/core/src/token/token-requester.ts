import type { SignatureAlgorithm } from '../assertion/signer.ts';
import { CertgrantError, isCertgrantError } from '../errors.ts';
import type { Platform } from '../platform.ts';
import { AssertionSource, type IssuedAssertion } from './assertion-source.ts';
import { type AuthorizationServer, IssuerDirectory } from './discovery.ts';
import { secureUrl, tenantIssuer, tokenEndpoint } from './endpoint.ts';
import { withRetries } from './retry.ts';
import type { TokenClientOptions } from './token-client-options.ts';
import { TokenRefusedError } from './token-refused-error.ts';
import { type TokenTarget, tokenRequestForm } from './token-request.ts';
import { type ReceivedToken, readTokenResponse } from './token-response.ts';
import type { StoredToken } from './token-store.ts';
import { tracedRequest } from './trace.ts';

const action = 'request token';
const defaultTimeout = 15_000;
const defaultDeadline = 30_000;
const defaultAttempts = 4;

/** Entra ID's own advice is ten minutes at most. */
const entraLifetime = 600;
/** Some servers take five minutes at most, counted by their own clock. */
const genericLifetime = 240;

/** A token is renewed this long before it expires, or after half its life if that is short. */
const renewalLead = 5 * 60_000;
/** A token is used at least this long before it is renewed, whatever `refresh_in` says. */
const shortestUse = 30_000;

/**
 * The codes after which a newer certificate may be the answer: the certificate is not registered any more, out of date or
 * revoked. Source: the same list in Microsoft.Identity.Web (Constants.cs).
 */
const certificateCodes: readonly number[] = [700027, 700024, 7000214, 1000502, 7000274, 7000277];

/** Where one request goes and what its assertion says. */
interface Destination {
  readonly endpoint: string;
  readonly audience: string;
  /** What an RSA key signs with, if the server leaves no choice. */
  readonly rsaAlgorithm?: SignatureAlgorithm | undefined;
}

export interface RequesterOptions extends TokenClientOptions {
  readonly authority: string;
  readonly platform: Platform;
}

/** Asks the server for a token: finds the endpoint, signs, posts, reads the answer, and tries again where that helps. */
export class TokenRequester {
  readonly #options: RequesterOptions;
  readonly #assertions: AssertionSource;
  readonly #issuers: IssuerDirectory | undefined;

  constructor(options: RequesterOptions) {
    const { issuer, tenant, authority, clientId, platform, trace } = options;
    if (clientId === '') throw new TypeError('create token client: the client id is empty');
    if ((issuer === undefined) === (tenant === undefined)) {
      throw new TypeError('create token client: exactly one of tenant and issuer is needed');
    }
    if (issuer !== undefined) secureUrl(issuer, 'issuer');
    if (tenant !== undefined) tokenEndpoint(authority, tenant);
    this.#options = options;
    this.#issuers = issuer === undefined ? undefined : new IssuerDirectory({ platform, trace });
    const { credential, alg, keyId, sendChain } = options;
    this.#assertions = new AssertionSource({
      clientId,
      credential,
      alg,
      keyId,
      sendChain,
      platform,
      profile: options.profile ?? (issuer === undefined ? 'entra' : 'generic'),
      lifetime: options.lifetime ?? (issuer === undefined ? entraLifetime : genericLifetime),
      reuse: issuer === undefined,
    });
  }

  /** @throws {TypeError} for a target that the server's kind does not take */
  check({ scope, resource, version }: TokenTarget): void {
    if (this.#options.issuer !== undefined) {
      if (version === 'v1') throw new TypeError('request token: only Entra ID has a v1 endpoint');
      return;
    }
    if (version === 'v1' && (resource === undefined || scope !== undefined)) {
      throw new TypeError('request token: the v1 endpoint takes a resource and no scope');
    }
    if (version !== 'v1' && (scope === undefined || resource !== undefined)) {
      throw new TypeError('request token: the v2 endpoint takes a scope and no resource');
    }
  }

  /** Text that tells every kind of token of every client apart. */
  storeKey({ scope, resource, version = 'v2' }: TokenTarget, claims: string | undefined): string {
    const { issuer, authority, tenant, clientId } = this.#options;
    const server = issuer ?? tokenEndpoint(authority, tenant ?? '', version);
    return JSON.stringify([server, clientId, scope ?? null, resource ?? null, claims ?? null]);
  }

  request(target: TokenTarget, claims: string | undefined, signal: AbortSignal): Promise<StoredToken> {
    const {
      platform,
      timeout = defaultTimeout,
      deadline = defaultDeadline,
      attempts = defaultAttempts,
    } = this.#options;
    // Once for each token that is asked for, whatever becomes of it.
    let mayReplace = true;
    return withRetries(
      async (left) => {
        const limits = { signal, timeout: Math.min(timeout, left) };
        const destination = await this.#destination(target, limits);
        const send = (assertion: IssuedAssertion): Promise<StoredToken> =>
          this.#requestOnce(destination, assertion, target, claims, limits);
        const sign = (): Promise<IssuedAssertion> =>
          this.#assertions.assertion(destination.audience, destination.rsaAlgorithm);
        const first = await sign();
        try {
          return await send(first);
        } catch (thrown) {
          if (!(thrown instanceof TokenRefusedError) || !mayReplace) throw thrown;
          const { isOutdated, failure } = await this.#judge(first, thrown);
          if (!isOutdated) throw withFailure(thrown, failure);
          mayReplace = false;
          return sign()
            .then(send)
            .catch((again: unknown) => {
              throw withFailure(again, failure);
            });
        }
      },
      { platform, signal, attempts, deadline, action },
    );
  }

  async #requestOnce(
    { endpoint: url }: Destination,
    { jwt, certificate }: IssuedAssertion,
    target: TokenTarget,
    claims: string | undefined,
    limits: { signal: AbortSignal; timeout: number },
  ): Promise<StoredToken> {
    const { platform, clientId, trace } = this.#options;
    const body = tokenRequestForm({ ...target, clientId, claims, assertion: jwt }).toString();
    const sentAt = platform.now();
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
    const response = await tracedRequest({ platform, url, action, method: 'POST', headers, body, ...limits }, trace);
    const times = { sentAt, now: platform.now() };
    return withRenewal(await readTokenResponse(response, action, times, { assertion: jwt, certificate }), sentAt);
  }

  /**
   * Whether another assertion may be taken than the refused one: what was good before may have become too old by the
   * server's clock, and the certificate may have been replaced.
   *
   * @returns `failure` is why a newer certificate could not be read
   */
  async #judge({ certificate, reused }: IssuedAssertion, refused: TokenRefusedError): Promise<Judgement> {
    const isInvalidClient = refused.error === 'invalid_client';
    if (isInvalidClient) this.#assertions.forget();
    if (!mayBeCertificate(refused)) return { isOutdated: reused && isInvalidClient };
    try {
      return { isOutdated: (await this.#assertions.isReplaced(certificate)) || reused };
    } catch (failure) {
      return { isOutdated: reused, failure };
    }
  }

  async #destination(
    { version = 'v2' }: TokenTarget,
    limits: { signal: AbortSignal; timeout: number },
  ): Promise<Destination> {
    const { authority, tenant = '', issuer, audience = 'token-endpoint' } = this.#options;
    if (issuer === undefined || this.#issuers === undefined) {
      const endpoint = tokenEndpoint(authority, tenant, version);
      return { endpoint, audience: audienceOf(audience, endpoint, tenantIssuer(authority, tenant)) };
    }
    const server = await this.#issuers.find(issuer, limits);
    const endpoint = publishedEndpoint(server);
    return { endpoint, audience: audienceOf(audience, endpoint, issuer), rsaAlgorithm: publishedAlgorithm(server) };
  }
}

interface Judgement {
  readonly isOutdated: boolean;
  readonly failure?: unknown;
}

/** Servers other than Entra ID have no more to say than that the client did not prove itself. */
function mayBeCertificate({ error, errorCodes }: TokenRefusedError): boolean {
  if (errorCodes.length === 0) return error === 'invalid_client';
  return errorCodes.some((code) => certificateCodes.includes(code));
}

/** A refusal that a newer certificate might have prevented says why there was none. */
function withFailure(thrown: unknown, failure: unknown): unknown {
  if (failure === undefined || !(thrown instanceof TokenRefusedError)) return thrown;
  const reason = isCertgrantError(failure) ? ` (${failure.message})` : '';
  const fix = `The certificate could not be read anew${reason}: see to that first. If it is not the reason: ${thrown.fix}`;
  return new TokenRefusedError(thrown.message, fix, thrown, thrown.explanation, failure);
}

/** Five minutes before the end, or when the server says if that is earlier; but never all the time. */
function withRenewal({ accessToken, tokenType, expiresOn, refreshOn }: ReceivedToken, sentAt: number): StoredToken {
  const half = (expiresOn - sentAt) / 2;
  const wanted = Math.min(expiresOn - Math.min(renewalLead, half), refreshOn ?? expiresOn);
  return { accessToken, tokenType, expiresOn, refreshOn: Math.max(wanted, sentAt + Math.min(shortestUse, half)) };
}

function audienceOf(setting: string, endpoint: string, issuer: string): string {
  if (setting === 'token-endpoint') return endpoint;
  return setting === 'issuer' ? issuer : setting;
}

function publishedEndpoint({ tokenEndpoint: endpoint, issuer }: AuthorizationServer): string {
  if (endpoint === undefined) {
    throw new CertgrantError('DISCOVERY_FAILED', `discover issuer: the document of ${issuer} names no token endpoint`, {
      fix: 'Check that this issuer offers the client credentials grant',
    });
  }
  secureUrl(endpoint, 'token endpoint');
  // As it is published: it is the audience as well, and servers compare that character by character.
  return endpoint;
}

/**
 * RS256 where the server publishes the algorithms that it takes in assertions (RFC 8414 §2) and PS256, which an RSA key
 * would sign with, is not among them.
 */
function publishedAlgorithm({ document }: AuthorizationServer): 'RS256' | undefined {
  const algorithms = document.token_endpoint_auth_signing_alg_values_supported;
  if (!Array.isArray(algorithms) || algorithms.includes('PS256')) return undefined;
  return algorithms.includes('RS256') ? 'RS256' : undefined;
}
