import { thumbprints as thumbprintsOf } from '../../../certificate/thumbprint.ts';
import { type Check, defineCheck, passed } from '../check.ts';

/** What the certificate is called in the portal and in the assertion. They are public. */
export const thumbprints: Check = defineCheck({
  id: 'thumbprints',
  doing: 'compute the thumbprints',
  needs: ['credential'],
  run: async ({ credential }) => {
    const { sha1, 'x5t#S256': x5tS256 } = await thumbprintsOf(credential.certificate);
    return passed(`SHA-1 ${sha1}, x5t#S256 ${x5tS256}`);
  },
});
