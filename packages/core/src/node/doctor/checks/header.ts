import { createClientAssertion } from '../../../assertion/client-assertion.ts';
import { createVerifier, type SignatureAlgorithm } from '../../../assertion/signer.ts';
import { CertgrantError } from '../../../errors.ts';
import { decodeToken } from '../../../jwt/decode-token.ts';
import { fromBase64, utf8 } from '../../../lib/text-encoding.ts';
import { type Check, defineCheck, passed } from '../check.ts';

/** Whether the key signs an assertion in the way of the header profile, and the certificate verifies it. */
export const header: Check = defineCheck({
  id: 'header',
  doing: 'sign an assertion',
  needs: ['credential', 'settings'],
  run: async ({ credential, settings, server }, { platform }) => {
    const { clientId, alg, keyId, sendChain, issuer } = settings;
    const profile = settings.profile ?? (issuer === undefined ? 'entra' : 'generic');
    const audience = server?.href ?? '';
    const jwt = await createClientAssertion({
      credential,
      clientId,
      audience,
      alg,
      profile,
      keyId,
      sendChain,
      platform,
    });
    const [head = '', payload = '', signature = ''] = jwt.split('.');
    const members = decodeToken(jwt).header ?? {};
    const signed = await createVerifier(credential.certificate.publicKey.spki, members.alg as SignatureAlgorithm);
    if (!(await signed.verify(fromBase64(signature) ?? new Uint8Array(), utf8(`${head}.${payload}`))))
      throw notVerified();
    const names = ['kid', 'x5t', 'x5t#S256', 'x5c'].filter((name) => name in members);
    return passed(`profile ${profile}: signed with ${members.alg}, names the key by ${names.join(', ')}`);
  },
});

function notVerified(): CertgrantError {
  return new CertgrantError('KEY_MISMATCH', 'sign an assertion: the certificate does not verify the signature', {
    fix: 'Use the private key that the certificate was made with',
  });
}
