import type { HeaderProfile } from '../assertion/header-profile.ts';
import type { SignatureAlgorithm } from '../assertion/signer.ts';
import type { Platform } from '../platform.ts';
import type { CredentialSource } from './credential-source.ts';
import type { TokenStore } from './token-store.ts';
import type { Trace } from './trace.ts';

/** Whom a {@link TokenClient} asks, as whom, and how. */
export interface TokenClientOptions {
  /** Entra ID: the URL before the tenant. By default the public cloud's. */
  readonly authority?: string | undefined;
  /** Entra ID: the tenant's id or one of its domain names. */
  readonly tenant?: string | undefined;
  /** Any other authorization server, by its issuer; its token endpoint is discovered. */
  readonly issuer?: string | undefined;
  readonly clientId: string;
  /**
   * What the client proves its identity with; a function that gives the present one for each request; or one that can be
   * reloaded, which the client does when the server refuses the certificate.
   */
  readonly credential: CredentialSource;
  /** By default what {@link createClientAssertion} chooses, within what the server says that it takes. */
  readonly alg?: SignatureAlgorithm | undefined;
  /** By default `entra` with an authority and `generic` with an issuer. */
  readonly profile?: HeaderProfile | undefined;
  /** `kid` of the assertion's header. */
  readonly keyId?: string | undefined;
  /** Send the certificate chain in the assertion's header (`x5c`). */
  readonly sendChain?: boolean | undefined;
  /** The assertion's `aud`: by default the token endpoint. */
  readonly audience?: 'token-endpoint' | 'issuer' | (string & {}) | undefined;
  /** The assertion's lifetime in seconds: by default 600 with an authority and 240 with an issuer. */
  readonly lifetime?: number | undefined;
  /** Keeps tokens beyond the process. */
  readonly cache?: TokenStore | undefined;
  /** Is told of each request and answer, with secrets masked. */
  readonly trace?: Trace | undefined;
  /** For one request, in milliseconds; by default 15 seconds. */
  readonly timeout?: number | undefined;
  /** For one token with all attempts, in milliseconds; by default 30 seconds. */
  readonly deadline?: number | undefined;
  /** How often a request is tried that fails for a passing reason; by default 4 times. */
  readonly attempts?: number | undefined;
  readonly platform?: Partial<Platform> | undefined;
}
