import type { Platform } from '@certgrant/core';
import type { ServicePrincipal, Tenant } from '../directory/entities.ts';
import { graphAppId } from '../directory/well-known.ts';

/** What an access token is about. */
export interface TokenSubject {
  readonly tenant: Tenant;
  readonly client: ServicePrincipal;
  readonly resource: ServicePrincipal;
  /** The name by which the API was asked for. */
  readonly resourceName: string;
  /** The values of the granted app roles. */
  readonly roles: readonly string[];
  /** How the client proved itself: `1` with a secret, `2` with a certificate. */
  readonly credential: '1' | '2';
  /** Whether the client has said that it can handle claims challenges. */
  readonly handlesChallenges: boolean;
  /** Where the authority is reached, without a trailing slash. */
  readonly base: string;
  /** In seconds since the epoch. */
  readonly now: number;
  /** In seconds from now. */
  readonly lifetime: number;
}

/** The claims of an access token; those that are `undefined` are not in it. */
export type AccessTokenClaims = Readonly<Record<string, unknown>>;

/** Entra ID dates tokens back, so that an API whose clock is behind takes them at once. */
export const backdated = 300;

/** The version of the token is chosen by the API, not by the endpoint; an API that chooses none gets 1. */
export function tokenVersion({ requestedAccessTokenVersion }: ServicePrincipal): 1 | 2 {
  return requestedAccessTokenVersion ?? 1;
}

/** The issuer of v2 tokens and of the v2 discovery document. */
export function issuerV2(base: string, tenantId: string): string {
  return `${base}/${tenantId}/v2.0`;
}

/** The issuer of v1 tokens and of the v1 discovery document, with the slash at its end. */
export function issuerV1(base: string, tenantId: string): string {
  return `${base}/${tenantId}/`;
}

/** The claims of Entra ID's access tokens for applications, in the version that the API asked for. */
export function accessTokenClaims(subject: TokenSubject, platform: Platform): AccessTokenClaims {
  const random = randomClaims(platform);
  return tokenVersion(subject.resource) === 2 ? claimsV2(subject, random) : claimsV1(subject, random);
}

function claimsV1(subject: TokenSubject, random: RandomClaims): AccessTokenClaims {
  const { tenant, client, resource, credential, base } = subject;
  const issuer = issuerV1(base, tenant.id);
  const forGraph = resource.appId === graphAppId;
  return {
    aud: subject.resourceName,
    iss: issuer,
    iat: subject.now - backdated,
    nbf: subject.now - backdated,
    exp: subject.now + subject.lifetime,
    aio: random.aio,
    app_displayname: forGraph ? client.displayName : undefined,
    appid: client.appId,
    appidacr: credential,
    idp: issuer,
    idtyp: 'app',
    oid: client.id,
    rh: random.rh,
    roles: rolesClaim(subject),
    sub: client.id,
    tenant_region_scope: forGraph ? 'WW' : undefined,
    tid: tenant.id,
    uti: random.uti,
    ver: '1.0',
    // The directory role that Graph's tokens for applications carry.
    wids: forGraph ? ['0997a1d0-0d1d-4acb-b408-d5ca73121e90'] : undefined,
    xms_cc: capabilities(subject),
  };
}

function claimsV2(subject: TokenSubject, random: RandomClaims): AccessTokenClaims {
  const { tenant, client, resource, credential, base } = subject;
  return {
    aud: resource.appId,
    iss: issuerV2(base, tenant.id),
    iat: subject.now - backdated,
    nbf: subject.now - backdated,
    exp: subject.now + subject.lifetime,
    aio: random.aio,
    azp: client.appId,
    azpacr: credential,
    idtyp: 'app',
    oid: client.id,
    rh: random.rh,
    roles: rolesClaim(subject),
    sub: client.id,
    tid: tenant.id,
    uti: random.uti,
    ver: '2.0',
    xms_cc: capabilities(subject),
  };
}

/** Without a granted role the claim is absent, not empty. */
function rolesClaim({ roles }: TokenSubject): readonly string[] | undefined {
  return roles.length === 0 ? undefined : roles;
}

/** By this an API knows that it may answer with a claims challenge. */
function capabilities({ handlesChallenges }: TokenSubject): readonly string[] | undefined {
  return handlesChallenges ? ['cp1'] : undefined;
}

/** Claims that only Entra ID itself can read. */
interface RandomClaims {
  readonly aio: string;
  readonly rh: string;
  readonly uti: string;
}

function randomClaims(platform: Platform): RandomClaims {
  const opaque = Buffer.from(platform.randomBytes(73).buffer);
  const part = (from: number, to: number): string => opaque.toString('base64url', from, to);
  return { aio: part(0, 24), rh: `1.${part(24, 57)}.`, uti: part(57, 73) };
}
