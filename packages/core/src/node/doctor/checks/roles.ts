import { isCertgrantError } from '../../../errors.ts';
import { decodeToken } from '../../../jwt/decode-token.ts';
import { serverText } from '../../../token/server-text.ts';
import { type Check, defineCheck, failed, passed, skipped, warned } from '../check.ts';

/** Whether the permissions that were asked for are in the access token. */
export const roles: Check = defineCheck({
  id: 'roles',
  doing: 'look at the permissions in the token',
  needs: ['settings', 'token'],
  run: ({ settings, token: { accessToken } }, { expectedRoles }) => {
    const claims = claimsOf(accessToken);
    if (claims === undefined) {
      const detail = 'only the API can read this token';
      if (expectedRoles.length === 0) return skipped(detail);
      return warned(
        `${detail}, so that its permissions cannot be compared`,
        'Call the API, and see whether it lets you in',
      );
    }
    const granted = permissionsIn(claims);
    const shown = granted.length === 0 ? 'no permission' : granted.map((name) => serverText(name, 100)).join(', ');
    const missing = expectedRoles.filter((role) => !granted.includes(role));
    if (missing.length > 0) {
      return failed(`the token has ${shown}, and lacks ${missing.join(', ')}`, missingFix(missing, granted));
    }
    const isEntra = settings.issuer === undefined;
    if (granted.length > 0 || !isEntra) return passed(`the token has ${shown}`);
    return warned(
      'the token has no permission: most calls with it will be refused (403)',
      'Grant the application permissions of the API to the application, with admin consent',
    );
  },
});

type Claims = Readonly<Record<string, unknown>>;

/** `undefined` for a token that is no JWT or is encrypted: it is the API's own affair (RFC 6749 §1.4). */
function claimsOf(accessToken: string): Claims | undefined {
  try {
    return decodeToken(accessToken).claims;
  } catch (thrown) {
    if (isCertgrantError(thrown)) return undefined;
    throw thrown;
  }
}

/** Application permissions of Entra ID are `roles`; other servers write them into `scope` (RFC 9068 §2.2.3). */
function permissionsIn({ roles: listed, scope, scp }: Claims): readonly string[] {
  const texts = [listed].flat().filter((role) => typeof role === 'string');
  const words = [scope, scp].flat().flatMap((text) => (typeof text === 'string' ? text.split(' ') : []));
  return [...new Set([...texts, ...words])].filter((name) => name !== '');
}

function missingFix(missing: readonly string[], granted: readonly string[]): string {
  const near = granted.find((name) => missing.some((role) => role.toLowerCase() === name.toLowerCase()));
  if (near !== undefined) return `Compare the spelling: the token has ${serverText(near, 100)}`;
  return `Grant ${missing.join(', ')} to the application as an application permission of this API, with admin consent; a token keeps the permissions that it was issued with`;
}
