import { type Certificate, type Platform, platformWith } from '@certgrant/core';
import { parseAssertion } from '../checks/parse-assertion.ts';
import { examineProof, type ProofCheckName, type ProofFinding } from '../checks/proof-checks.ts';
import { registeredCertificateOf } from '../checks/registered-certificate.ts';
import { isGuid } from '../lib/identifiers.ts';
import { refusedProof } from './explained.ts';
import { failed, type JudgedCheck, type Judgement, onlyTheAuthority, passed, skipped } from './verdict.ts';

/** What a proof is judged with; all of it may be left out. */
export interface JudgeProofOptions {
  /** The certificate that is taken for one that is registered already and signs the proof. */
  readonly certificate?: Certificate | undefined;
  /** The object id of the application or service principal whose keys are changed; by default the issuer of the proof. */
  readonly objectId?: string | undefined;
  readonly platform?: Partial<Platform> | undefined;
}

/**
 * Says how Microsoft Graph answers a proof of possession of `addKey` and `removeKey`, by the very checks that the local
 * authority makes. Nothing is sent anywhere.
 *
 * @param text the proof, a JWS in compact serialization
 * @returns whether it would be refused, explained; and every check
 * @example
 * const { verdict } = await judgeProof(proof, { certificate, objectId });
 * @see https://learn.microsoft.com/graph/application-rollkey-prooftoken
 */
export async function judgeProof(text: string, options: JudgeProofOptions = {}): Promise<Judgement> {
  const { certificate, platform } = options;
  const now = platformWith(platform).now();
  const certificates = certificate === undefined ? [] : [await registeredCertificateOf(certificate, '')];
  const objectId = (options.objectId ?? statedIssuer(text)).toLowerCase();
  const findings = await examineProof(text, { objectId, certificates, now });
  const checks = findings.map((finding) => judged(finding, options));
  const fault = findings[checks.findIndex(({ status }) => status === 'failed')]?.fault?.message;
  const verdict =
    fault === undefined
      ? { refused: false, summary: 'Nothing here would be refused' }
      : await refusedProof(fault, { assertion: text, certificate, now });
  return { verdict, checks };
}

/** The issuer, where it can be an object id at all. */
function statedIssuer(text: string): string {
  const parsed = parseAssertion(text.replaceAll('=', ''));
  const iss = 'refused' in parsed ? undefined : parsed.value.claims.iss;
  return typeof iss === 'string' && isGuid(iss) ? iss : '';
}

const ofCertificate: readonly ProofCheckName[] = ['key', 'certificate-validity', 'signature'];

function judged({ name, state, fault }: ProofFinding, { certificate, objectId }: JudgeProofOptions): JudgedCheck {
  if (state === 'not-reached') return skipped(name, 'not checked: the proof cannot be read');
  if (certificate === undefined && ofCertificate.includes(name)) {
    const detail =
      name === 'key' ? `Whether its key is registered: ${onlyTheAuthority}` : 'not checked: it takes the certificate';
    return skipped(name, detail);
  }
  if (fault !== undefined) return failed(name, sentence(fault.message), fault);
  if (name === 'issuer' && objectId === undefined) {
    return skipped(name, `iss is an id; whether it is the object id and not the application id: ${onlyTheAuthority}`);
  }
  return passed(name, details[name]);
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What is said of each check that passed. */
const details: Readonly<Record<ProofCheckName, string>> = {
  padding: 'There is no padding in it',
  form: 'It has three parts, all readable',
  algorithm: 'It is signed with RS256 or PS256',
  key: 'Its header names the given certificate',
  'certificate-validity': 'The given certificate is valid now',
  signature: 'The key of the given certificate has signed it',
  audience: 'aud is Azure AD Graph, as it must be',
  issuer: 'iss is the object id',
  lifetime: 'It is good for ten minutes or less',
  times: 'It is good now',
};
