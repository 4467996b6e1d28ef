/** The value of `client_assertion_type` (RFC 7523 §2.2). */
const jwtBearer = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What a token is asked for. */
export interface TokenTarget {
  /** For v2 and other servers: the scope; Entra ID wants the resource's identifier followed by `/.default`. */
  readonly scope?: string | undefined;
  /** For v1: the resource's identifier. For servers other than Entra ID: a resource indicator (RFC 8707). */
  readonly resource?: string | undefined;
  /** The token endpoint's version, for Entra ID only; by default v2. */
  readonly version?: 'v1' | 'v2' | undefined;
}

export interface TokenRequest extends TokenTarget {
  readonly clientId: string;
  readonly assertion: string;
  /** The claims request of a claims challenge, as JSON. */
  readonly claims?: string | undefined;
}

/**
 * The form of a token request: the client credentials grant (RFC 6749 §4.4.2) with a client assertion (RFC 7523 §2.2).
 *
 * `client_id` is sent although RFC 7523 leaves it out where the assertion says it: Entra ID wants it.
 *
 * @returns the body of the POST; it holds the assertion, so it is a secret
 * @example
 * const body = tokenRequestForm({ clientId, assertion, scope: 'https://graph.microsoft.com/.default' }).toString();
 */
export function tokenRequestForm(request: TokenRequest): URLSearchParams {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: request.clientId });
  if (request.scope !== undefined) form.set('scope', request.scope);
  if (request.resource !== undefined) form.set('resource', request.resource);
  if (request.claims !== undefined) form.set('claims', request.claims);
  form.set('client_assertion_type', jwtBearer);
  form.set('client_assertion', request.assertion);
  return form;
}
