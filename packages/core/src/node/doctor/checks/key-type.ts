import type { PublicKey } from '../../../certificate/certificate.ts';
import { certificateProblems } from '../../../certificate/problems.ts';
import { type Check, defineCheck, failed, passed } from '../check.ts';

/** Whether the server can verify with a key of this type and size. */
export const keyType: Check = defineCheck({
  id: 'key-type',
  doing: 'look at the type and size of the key',
  needs: ['credential'],
  run: ({ credential: { certificate }, settings }, { platform }) => {
    const { publicKey } = certificate;
    const problems = certificateProblems(certificate, { at: platform.now(), keyMatches: true });
    // Other servers than Entra ID take EC keys; 2048 bits are the least for all (RFC 7518 §3.3).
    const isEntra = settings?.issuer === undefined;
    const problem = problems.find(({ code }) => code === 'key-size' || (code === 'key-type' && isEntra));
    return problem === undefined ? passed(inWords(publicKey)) : failed(problem.message, problem.fix, 'KEY_UNSUITABLE');
  },
});

function inWords({ type, curve, bits }: PublicKey): string {
  if (curve !== undefined) return `${type} ${curve}`;
  return bits === 0 ? type : `${type}, ${bits} bits`;
}
