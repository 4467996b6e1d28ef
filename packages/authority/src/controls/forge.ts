import { createHmac, createPublicKey } from 'node:crypto';
import { createSigner, generateKeyPair, type Platform, randomUuid, type Signer, utf8 } from '@certgrant/core';
import type { ServicePrincipal } from '../directory/entities.ts';
import { graphAppId } from '../directory/well-known.ts';
import type { Services } from '../services.ts';
import { signAccessToken } from '../tokens/access-token.ts';
import { type AccessTokenClaims, accessTokenClaims, tokenVersion } from '../tokens/access-token-claims.ts';
import type { PublicJwk } from '../tokens/signing-key.ts';
import { Fields } from './fields.ts';

const anHour = 3600;

const signers = ['authority', 'stranger', 'nobody', 'public-key'] as const;

/** An access token to be forged: what is not said is as the authority itself would write it. */
export interface Forgery {
  /** The application that the token is for; by default an invented one. */
  readonly clientId?: string | undefined;
  /** The API, by identifier URI or application id; one that is not registered is invented. By default Microsoft Graph. */
  readonly resource?: string | undefined;
  /** By default what the API asks for. */
  readonly version?: 1 | 2 | undefined;
  readonly roles?: readonly string[] | undefined;
  /** Claims to set, or with `null` to leave out (as RFC 7396 has it). */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** Header parameters to set, or with `null` to leave out. */
  readonly header?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Who signs: the authority (by default); a stranger, with a key of its own under the authority's key id; nobody
   * (`alg: none`); or whoever takes the authority's public key for a shared secret (HS256 over its PEM, RFC 8725 §2.1).
   */
  readonly signedBy?: (typeof signers)[number] | undefined;
  /** Whether the token has expired an hour ago. */
  readonly expired?: boolean | undefined;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * Makes an access token of the first tenant that is what the test of an API needs it to be.
 *
 * @param base where the authority is reached, without a trailing slash
 * @throws {CertgrantError} `USAGE`
 */
export async function forgeToken(forgery: unknown, base: string, services: Services): Promise<string> {
  const wanted = checked(forgery);
  const { claims, version } = await claimsOf(wanted, base, services);
  const key = await services.signingKeys.current();
  const genuine = await signAccessToken(claims, version, key);
  const { signedBy = 'authority' } = wanted;
  if (signedBy === 'authority' && wanted.header === undefined) return genuine;
  const [encodedHeader = '', encodedClaims = ''] = genuine.split('.');
  const standard = JSON.parse(Buffer.from(encodedHeader, 'base64url').toString()) as Members;
  const algorithms = { authority: 'RS256', stranger: 'RS256', nobody: 'none', 'public-key': 'HS256' };
  const header = patched({ ...standard, alg: algorithms[signedBy] }, wanted.header);
  const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${encodedClaims}`;
  switch (signedBy) {
    case 'nobody':
      return `${input}.`;
    case 'public-key':
      return `${input}.${createHmac('sha256', pemOf(key.publicJwk)).update(input).digest('base64url')}`;
    default: {
      const signer = signedBy === 'stranger' ? await stranger() : key.signer;
      return `${input}.${Buffer.from(await signer.sign(utf8(input))).toString('base64url')}`;
    }
  }
}

async function claimsOf(
  wanted: Forgery,
  base: string,
  { directory, platform, adminTenantId, tokenLifetime: lifetime }: Services,
): Promise<{ readonly claims: AccessTokenClaims; readonly version: 1 | 2 }> {
  const { clientId = randomUuid(platform), resource: resourceName = 'https://graph.microsoft.com' } = wanted;
  const [tenant, graph, known, registered] = await Promise.all([
    directory.tenant(adminTenantId),
    directory.resource(adminTenantId, graphAppId),
    directory.client(adminTenantId, clientId),
    directory.resource(adminTenantId, resourceName),
  ]);
  if (tenant === undefined || graph === undefined) throw new Error('the first tenant is not there');
  const client = known?.servicePrincipal ?? invented(clientId, graph, platform);
  const resource = registered ?? invented(resourceName, graph, platform);
  const version = wanted.version ?? tokenVersion(resource);
  const now = Math.floor(platform.now() / 1000);
  const subject = {
    tenant,
    client,
    resource: { ...resource, requestedAccessTokenVersion: version },
    resourceName,
    roles: wanted.roles ?? [],
    credential: '2',
    base,
    now: wanted.expired ? now - lifetime - anHour : now,
    lifetime,
    handlesChallenges: false,
  } as const;
  return { claims: patched(accessTokenClaims(subject, platform), wanted.claims), version };
}

/** An application that is not registered, for a token that speaks of one. */
function invented(appId: string, template: ServicePrincipal, platform: Platform): ServicePrincipal {
  return { ...template, id: randomUuid(platform), appId, displayName: 'forged', appRoles: [] };
}

function checked(forgery: unknown): Forgery {
  const names = ['clientId', 'resource', 'version', 'roles', 'claims', 'header', 'signedBy', 'expired'];
  const at = new Fields(forgery, 'forge token', names);
  return {
    clientId: at.text('clientId'),
    resource: at.text('resource'),
    version: at.oneOf('version', [1, 2]),
    roles: at.texts('roles'),
    claims: at.object('claims'),
    header: at.object('header'),
    signedBy: at.oneOf('signedBy', signers),
    expired: at.boolean('expired'),
  };
}

/** RFC 7396, as far as the members themselves are concerned: `null` leaves one out. */
function patched(members: Members, patch: Members = {}): Members {
  return Object.fromEntries(Object.entries({ ...members, ...patch }).filter(([, value]) => value !== null));
}

function pemOf({ kty, n, e }: PublicJwk): string {
  return createPublicKey({ format: 'jwk', key: { kty, n, e } }).export({ format: 'pem', type: 'spki' }) as string;
}

/** One for the process: an RSA key takes long to make. */
let strangerSigner: Promise<Signer> | undefined;

function stranger(): Promise<Signer> {
  strangerSigner ??= generateKeyPair('RSA-2048').then(({ pkcs8 }) => createSigner(pkcs8, 'RS256'));
  return strangerSigner;
}
