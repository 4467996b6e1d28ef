import { isAssertionAlgorithm } from '../checks/algorithm.ts';
import type { AssertionCheckName, AssertionFinding } from '../checks/assertion-checks.ts';
import type { AssertionContext } from '../checks/assertion-context.ts';
import { checkKey } from '../checks/key.ts';
import { misreadThumbprint } from '../checks/misread-thumbprint.ts';
import { isSignedBy } from '../checks/signature.ts';
import type { EntraError } from '../entra-error.ts';
import { shown } from '../lib/shown.ts';
import type { ExpectedAudience } from './expected-audience.ts';
import { failed, type JudgedCheck, onlyTheAuthority, passed, skipped, warned } from './verdict.ts';

/** One check in words and, where it refuses, the answer. */
export interface Outcome {
  readonly check: JudgedCheck;
  readonly refused?: EntraError | undefined;
}

/** @param detail what is found where nothing is refused */
export function outcomeOf(id: string, refused: EntraError | undefined, detail: string): Outcome {
  if (refused === undefined) return { check: passed(id, detail) };
  const { code, message, expected, received } = refused;
  // What follows in brackets is for programs that read the answer.
  const [sentence = ''] = message.split(' [', 1);
  return {
    refused,
    check: failed(id, sentence.replace(/\.$/, ''), { code: `AADSTS${code}`, expected, received }),
  };
}

/** What a check of the authority has found, as far as it means something while the authority itself is not asked. */
export async function judgeFinding(
  { name, refused }: AssertionFinding,
  context: AssertionContext,
  expected: ExpectedAudience,
): Promise<Outcome> {
  if (name === 'key' && context.certificates.length === 0) return keyOfNoCertificate(context);
  if ((name === 'certificate-validity' || name === 'signature') && context.candidates.length === 0) {
    return { check: skipped(name, await withoutCandidate(context)) };
  }
  if (refused !== undefined) return outcomeOf(name, refused, '');
  if (name === 'audience' && expected.unknown !== undefined) {
    return { check: skipped(name, `It depends on ${expected.unknown}: ${onlyTheAuthority}`) };
  }
  if (name === 'jti' && context.assertion.claims.jti === undefined) {
    return { check: warned(name, 'There is no jti: Entra ID takes that, and other servers refuse it') };
  }
  if (name === 'key' && !namesKey(context)) {
    return { check: warned(name, 'The header does not say which certificate signed: send x5t#S256') };
  }
  return { check: passed(name, details[name](context, expected)) };
}

/** No certificate is at hand. A thumbprint that can be none of any certificate is refused all the same. */
function keyOfNoCertificate(context: AssertionContext): Outcome {
  const { header } = context.assertion;
  if (!namesKey(context)) {
    return { check: warned('key', 'The header does not say which certificate signed: send x5t#S256') };
  }
  const { x5t, kid, 'x5t#S256': x5tS256 } = header;
  const stated = [...(x5t === undefined ? [] : [{ x5t }]), ...(x5tS256 === undefined ? [] : [{ 'x5t#S256': x5tS256 }])];
  const isHopeless = kid === undefined && stated.length > 0 && stated.every((each) => misreadThumbprint(each));
  if (isHopeless) return outcomeOf('key', checkKey(context), '');
  const detail = `Whether ${keyNames(context)} names a certificate of the application: ${onlyTheAuthority}`;
  return { check: skipped('key', detail) };
}

function namesKey({ assertion: { header } }: AssertionContext): boolean {
  return ['x5t', 'x5t#S256', 'kid', 'x5c'].some((name) => header[name] !== undefined);
}

function keyNames({ assertion: { header } }: AssertionContext): string {
  return ['x5t#S256', 'x5t', 'kid', 'x5c'].filter((name) => header[name] !== undefined).join(' or ');
}

/** Why the certificate's dates and the signature were not looked at. */
async function withoutCandidate({ assertion, certificates: [certificate] }: AssertionContext): Promise<string> {
  if (certificate === undefined) return 'not checked: it takes the certificate';
  const { alg } = assertion.header;
  const signed = isAssertionAlgorithm(alg) && (await isSignedBy(assertion, certificate, alg));
  return signed
    ? 'The key of the given certificate did sign it: only what the header says of the certificate is wrong'
    : 'not checked: the header names another certificate than the given one';
}

const date = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** What is said of each check that passed. */
const details: Readonly<Record<AssertionCheckName, (context: AssertionContext, expected: ExpectedAudience) => string>> =
  {
    typ: ({ assertion: { header } }) =>
      header.typ === undefined ? 'There is no typ, and none is asked for' : `typ is ${shown(header.typ)}`,
    algorithm: ({ assertion: { header } }) => `alg is ${shown(header.alg)}`,
    'required-claims': () => 'iss, sub, aud and exp are there',
    'issuer-and-subject': ({ clientId }) => `iss and sub are both the application ${clientId}`,
    key: (context) => `${keyNames(context)} names the given certificate, ${context.candidates[0]?.thumbprints.sha1}`,
    'certificate-validity': ({ candidates: [first] }) =>
      first === undefined ? '' : `The given certificate is good from ${date(first.start)} to ${date(first.end)}`,
    signature: () => 'The key of the given certificate has signed it, and nothing was changed since',
    audience: ({ assertion: { claims } }, { assumed }) =>
      `aud is the authority's own: ${shown(claims.aud)}${assumed === undefined ? '' : `; ${assumed} taken from it`}`,
    times: ({ tolerance }) => `It is good now, give or take ${tolerance} seconds`,
    jti: ({ assertion: { claims } }) => `jti is ${shown(claims.jti, 100)}; Entra ID takes an assertion more than once`,
  };
