import { signJwt } from '../assertion/sign-jwt.ts';
import { thumbprint } from '../certificate/thumbprint.ts';
import { CertgrantError } from '../errors.ts';
import { proofAudience } from '../jwt/token-kind.ts';
import type { Credential } from '../keyfile/credential.ts';
import { requireGuid } from '../lib/guid.ts';
import { toHex } from '../lib/text-encoding.ts';
import { type Platform, platformWith } from '../platform.ts';

/** How long a proof may be good, in seconds. */
const longestLifetime = 600;

/** What a proof of possession is made from. */
export interface ProofOptions {
  /** With a certificate that is registered on the object and valid now: the present one, never the one to be added. */
  readonly credential: Credential;
  /** The id of the application or service principal in Graph, which is another than its application (client) id. */
  readonly objectId: string;
  /** In seconds, at most 600; by default 600. */
  readonly lifetime?: number | undefined;
  /** By default RS256, as Microsoft's own sample has it. */
  readonly alg?: 'RS256' | 'PS256' | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

/**
 * Signs a proof of possession: the JWT with which an application shows Graph's `addKey` and `removeKey` that it holds a
 * key that it has already, and so may roll its keys without any permission
 * (learn.microsoft.com/graph/application-rollkey-prooftoken).
 *
 * @returns the JWT in compact serialization, without padding; to be sent at once
 * @throws {RangeError} when the lifetime is not a whole number of seconds from 1 to 600
 * @throws {CertgrantError} `USAGE` when the object id is no GUID; `KEY_UNSUITABLE` when the key is not RSA
 * @example
 * const proof = await createProof({ credential, objectId });
 * await addKey(graph, { type: 'applications', objectId }, { certificate: next, proof });
 */
export async function createProof(options: ProofOptions): Promise<string> {
  const { credential, lifetime = longestLifetime, alg = 'RS256' } = options;
  const action = 'create proof';
  if (!Number.isSafeInteger(lifetime) || lifetime < 1 || lifetime > longestLifetime) {
    throw new RangeError(`${action}: the lifetime is not a whole number of seconds from 1 to ${longestLifetime}`);
  }
  const { type } = credential.privateKey.publicKey;
  if (!type.startsWith('RSA')) {
    throw new CertgrantError('KEY_UNSUITABLE', `${action}: Graph takes no proof signed with a key of type ${type}`, {
      fix: 'Sign with the RSA certificate that is registered, or change the keys with an access token that may',
    });
  }
  const objectId = requireGuid(options.objectId, {
    action,
    name: 'the object id',
    fix: 'Give the object id of the application (id in Graph), 8-4-4-4-12 hexadecimal digits',
  });
  const notBefore = Math.floor(platformWith(options.platform).now() / 1000);
  const claims = { aud: proofAudience, iss: objectId, nbf: notBefore, exp: notBefore + lifetime };
  const keyId = toHex(await thumbprint(credential.certificate, 'SHA-1'));
  return signJwt(credential, claims, { alg, profile: 'entra', keyId });
}
